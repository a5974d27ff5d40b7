//! Nothing goes wrong.

use std::fs;

use super::{Getter, is_the_package, packed, size};
use crate::support::api::wanted;
use crate::support::house::House;

#[test]
fn a_package_comes_over_eight_connections_verified_and_under_its_own_name() {
    let house = House::open();
    let export = packed(&house, "straße", 12_000_000);
    let name = export.show()["fileName"].as_str().expect("a name").to_owned();
    let getter = Getter::of(&export);

    let got = getter.get(&[&export.id, "--connections", "8", "--json"]).expect(0);
    let facts = got.json();
    assert_eq!((&facts["path"], &facts["bytes"]), (&name.as_str().into(), &size(&export).into()));
    assert_eq!((&facts["sha256"], &facts["verified"]), (&export.show()["checksum"], &true.into()));
    assert_eq!((&facts["kept"], &facts["retries"]), (&0.into(), &0.into()));
    assert!(facts["seconds"].is_number());
    is_the_package(&getter.read(&name), &export);
    assert_eq!(getter.files(), [name], "and nothing is left beside it");
    for tenth in ["10 %", "50 %", "100 %"] {
        assert!(got.err.contains(tenth), "{tenth} in\n{}", got.err);
    }
    let counted = export.until("it is counted", |export| export["downloadCount"] != 0);
    assert_eq!(counted["downloadCount"], 1, "whatever the number of connections");
}

#[test]
fn a_result_for_people_stands_alone_on_standard_output() {
    let house = House::open();
    let export = packed(&house, "shop", 300_000);
    let getter = Getter::of(&export);
    let got = getter.get(&[&export.api.url(&export.path("/download")), "-o", "a.zip", "-q"]).expect(0);
    let out = String::from_utf8(got.out).expect("text");
    for word in ["path      a.zip\n", "as promised", "seconds "] {
        assert!(out.contains(word), "{word:?} in\n{out}");
    }
    assert_eq!(got.err, "", "it was asked to be quiet");
}

#[test]
fn a_package_streams_to_standard_output_and_nothing_else_does() {
    let house = House::open();
    let export = packed(&house, "shop", 3_000_000);
    let got = Getter::of(&export).get(&[&export.id, "-o", "-", "--json"]).expect(0).says("\"verified\":true");
    is_the_package(&got.out, &export);
}

#[test]
fn a_rate_is_kept_by_all_connections_together_and_the_package_is_right() {
    let house = House::open();
    let export = packed(&house, "shop", 3_000_000);
    let getter = Getter::of(&export);
    let got =
        getter.get(&[&export.id, "-o", "a.zip", "--limit-rate", "2MiB", "--connections", "3", "--json"]);
    // As long as it must take; how much longer is the machine's affair.
    assert!(got.expect(0).json()["seconds"].as_f64().expect("a number") > 1.0);
    is_the_package(&getter.read("a.zip"), &export);
}

#[test]
fn what_is_there_already_is_not_fetched_again_and_something_else_is_not_written_over() {
    let house = House::open();
    let export = packed(&house, "shop", 300_000);
    let getter = Getter::of(&export);
    let get = |more: &[&str]| getter.get(&[&[export.id.as_str(), "-o", "a.zip", "--json"], more].concat());
    get(&[]).expect(0);
    let again = get(&[]).expect(0).says("is there already").json();
    assert_eq!(again["kept"], again["bytes"]);

    fs::write(getter.path("a.zip"), "my thesis").expect("written");
    get(&[]).expect(1).says("--force");
    assert_eq!(getter.read("a.zip"), b"my thesis");
    assert_eq!(getter.files(), ["a.zip"]);
    get(&["--force"]).expect(0);
    is_the_package(&getter.read("a.zip"), &export);

    fs::remove_file(getter.path("a.zip")).expect("removed");
    fs::write(getter.path("a.zip.part"), "somebody's").expect("written");
    get(&[]).expect(1).says("was not left by exportd");
    assert_eq!(getter.read("a.zip.part"), b"somebody's");

    fs::create_dir(getter.path("folder")).expect("a folder");
    getter.get(&[&export.id, "-o", "folder", "-q"]).expect(0);
    assert_eq!(fs::read_dir(getter.path("folder")).expect("a folder").count(), 1);
    getter.get(&[&export.id, "-o", "/dev/null"]).expect(2).says("-o -");
}

#[test]
fn a_package_that_is_not_made_yet_is_waited_for_unless_nobody_wants_to() {
    let house = House::open();
    house.project("ada", "shop").sources(3);
    let ada = house.user("ada");
    let hour = std::time::Duration::from_secs(3_600);
    let mut body = wanted("shop");
    body["runAt"] = house.clock().now().plus(hour).to_string().into();
    let id = ada.post("/api/v1/exports", &body).expect(202).text("/id");
    let export = ada.export(&id);

    let getter = Getter::of(&export);
    getter.get(&[&id, "--no-wait"]).expect(3).says("scheduled");
    let mut waiting = getter.begin(&[&id, "-o", "a.zip"]);
    assert!(!waiting.is_over());
    house.clock().advance(hour);
    waiting.ended().expect(0).says("waiting for the package");
    is_the_package(&getter.read("a.zip"), &export);
}
