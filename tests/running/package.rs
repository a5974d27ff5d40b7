//! The Debian package on a machine with a systemd: installed, used, upgraded, removed, purged.

use crate::support::machine::{Machine, newer_package, package};

/// Asks for Ada's project and waits for the end; the export's id, for the shell.
const EXPORT: &str = r#"
    export EXPORTD_TOKEN=$(exportd token --config /etc/exportd/exportd.toml --user ada)
    ask() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $EXPORTD_TOKEN" "$@"; }
    base=http://127.0.0.1:8080/api/v1/exports
    id=$(ask --json '{"kind":"project","selector":{"projectId":"shop"}}' --header 'Prefer: wait=30' $base | jq -r .id)
"#;

#[test]
fn a_package_is_installed_upgraded_removed_and_purged_and_nobody_loses_anything() {
    let machine = Machine::boot();
    let install = |package: &str| {
        machine.does(&format!("apt-get -qq install --yes --option DPkg::Options::=--force-confold {package}"))
    };
    install(&machine.brings(package()));
    assert!(machine.does("systemctl is-enabled exportd").contains("enabled"));
    machine.does("exportd health --config /etc/exportd/exportd.toml");
    it_runs_as_nobody_who_could_do_harm(&machine);
    it_brings_its_manual_completions_and_dashboards(&machine);

    machine.does("mkdir -p /srv/projects/ada/shop; echo 'fn main() {}' > /srv/projects/ada/shop/main.rs");
    let digest = machine.does(&format!("{EXPORT} ask $base/$id/download | sha256sum"));
    machine.does(
        "echo '# mine' >> /etc/exportd/exportd.toml; sha256sum /etc/exportd/credentials/* > /root/secret",
    );

    // What the older version had installed goes on; what the operator wrote stays as it is written.
    let before = machine.does("systemctl show --property MainPID exportd");
    install(&newer_package(&machine));
    assert_ne!(machine.does("systemctl show --property MainPID exportd"), before, "it was restarted");
    machine.does("exportd health --config /etc/exportd/exportd.toml");
    machine.does("grep -q '# mine' /etc/exportd/exportd.toml; sha256sum --check /root/secret");
    assert_eq!(
        machine.does(&format!("{EXPORT} ask $base/$id/download | sha256sum")),
        digest,
        "the same package"
    );

    machine.does("dpkg --remove exportd");
    assert!(!machine.runs("systemctl is-active exportd").status.success());
    machine.does("test -e /etc/exportd/exportd.toml && test -e /var/lib/exportd/exportd.db");
    machine.does("test ! -e /usr/bin/exportd; id exportd");

    // Removed is not gone: installed again, it is where it was.
    install("/mnt/newer.deb");
    assert_eq!(machine.does(&format!("{EXPORT} ask $base/$id/download | sha256sum")), digest);

    machine.does("dpkg --purge exportd");
    machine.does("test ! -e /etc/exportd");
    machine.does("test -e /var/lib/exportd/exportd.db && ls /var/lib/exportd/packages/manifest.key");
    let left = machine.does("find /etc/systemd /var/lib/systemd/deb-systemd-helper* -name '*exportd*'");
    assert_eq!(left, "", "no trace in systemd");
}

fn it_brings_its_manual_completions_and_dashboards(machine: &Machine) {
    machine.does("zcat -f /usr/share/man/man1/exportd.1* | grep -q 'convert'");
    machine.does("ls /usr/share/man/man1/exportd-export-create.1*");
    machine.does("bash -n /usr/share/bash-completion/completions/exportd");
    machine.does("grep -q '^#compdef exportd' /usr/share/zsh/vendor-completions/_exportd");
    machine.does("test -s /usr/share/fish/vendor_completions.d/exportd.fish");
    machine
        .does("cd /usr/share/exportd/dashboards && ls prometheus.yml rules/jobs.yml grafana/overview.json");
}

/// What the unit promises, held against the process that systemd made of it.
fn it_runs_as_nobody_who_could_do_harm(machine: &Machine) {
    let verified = machine.does("systemd-analyze verify exportd.service 2>&1");
    assert!(!verified.contains("exportd"), "{verified}");
    let status = machine.does("cat /proc/$(systemctl show --property MainPID --value exportd)/status");
    let line = |name: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("no {name} in {status}")).trim().to_owned()
    };
    assert!(!line("Uid:").split_whitespace().any(|uid| uid == "0"), "{status}");
    assert_eq!(line("CapBnd:"), "0000000000000000");
    assert_eq!((line("NoNewPrivs:"), line("Seccomp:")), ("1".to_owned(), "2".to_owned()));
    // Its own folder only, and the secret only as a copy.
    let as_it = "nsenter --target $(systemctl show --property MainPID --value exportd) --mount -- \
                 setpriv --reuid exportd --regid exportd --clear-groups";
    for refused in ["touch /etc/x", "touch /usr/x", "ls /home", "cat /etc/exportd/credentials/jwt-secret"] {
        assert!(!machine.runs(&format!("{as_it} {refused}")).status.success(), "{refused}");
    }
    machine.does(&format!("{as_it} test -w /var/lib/exportd/packages"));
    machine.does("test $(stat --format %U:%a /etc/exportd/credentials/jwt-secret) = root:600");
    let modes = machine.does("stat --format '%U:%G:%a' /var/lib/exportd /var/lib/exportd/packages");
    assert_eq!(modes, "exportd:exportd:750\nexportd:exportd:750\n");
}
