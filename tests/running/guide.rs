//! The guides, followed from the first line to the last on a machine of their own.

use crate::support::machine::{Machine, newer_package, package};
use crate::support::snippets::snippets;

const GUIDE: &str = "docs/operations.md";

#[test]
fn an_operator_who_types_what_the_guide_says_gets_what_it_promises() {
    let machine = Machine::boot();
    machine.brings(package());
    newer_package(&machine);
    machine.does(
        "mkdir /root/packages; mv /mnt/exportd_0.1.0-1_amd64.deb /root/packages/
         mv /mnt/newer.deb /root/packages/exportd_0.2.0-1_amd64.deb",
    );
    // A PostgreSQL of Debian's, empty, whatever this machine has of one.
    machine.does(
        "version=$(ls /usr/lib/postgresql | sort -n | tail -1)
         rm -rf /etc/postgresql/* /var/lib/postgresql/*
         pg_createcluster --port 5432 $version main >/dev/null
         install -d -o postgres -g postgres /run/postgresql
         systemctl start postgresql@$version-main",
    );
    machine.follows(GUIDE);
}

#[test]
fn little_of_the_guide_is_left_to_belief() {
    let all = snippets(GUIDE);
    let typed = all.iter().filter(|block| block.language == "sh" && block.word("not-run").is_none()).count();
    let left: Vec<_> = all.iter().filter_map(|block| block.word("not-run")).collect();
    assert!(typed >= 15, "{typed}");
    assert!(left.len() <= 2, "{left:?}");
}
