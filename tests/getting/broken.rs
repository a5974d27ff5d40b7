//! The line breaks, the server goes and comes back, the download itself is stopped or killed.

use std::net::TcpListener;
use std::os::unix::fs::FileExt;

use rustix::process::Signal;

use super::{Getter, is_the_package, missing, packed, size};
use crate::support::disk::SmallDisk;
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::proxy::Proxy;

/// An address that stays free while nobody listens there: not of the ports that systems give to
/// whoever asks for any.
fn lasting_address() -> String {
    let addresses = (20_000..32_000).map(|port| format!("127.0.0.1:{port}"));
    let start = std::process::id() as usize % 10_000;
    let mut free = addresses.skip(start).filter(|address| TcpListener::bind(address).is_ok());
    free.next().expect("a port")
}

/// A line to the package that adds the caller's authority.
fn through(export: &crate::support::api::ExportHandle) -> Proxy {
    let proxy =
        Proxy::to(export.api.address()).adding(format!("Authorization: Bearer {}", export.api.token()));
    proxy.lead("/package", &export.path("/download"));
    proxy
}

#[test]
fn a_line_that_breaks_again_and_again_only_costs_time() {
    let house = House::open();
    let export = packed(&house, "shop", 6_000_000);
    let proxy = through(&export).cutting(5, 700_000);
    let getter = Getter::stranger();
    // Over several connections the last pieces may be too short to be cut.
    let words = [&proxy.url("/package"), "-o", "a.zip", "--connections", "1", "--json"];
    let got = getter.get(&words).expect(0).says("trying again");
    assert_eq!(got.json()["retries"], 5, "{:?}", got.json());
    is_the_package(&getter.read("a.zip"), &export);

    let ranges: Vec<_> =
        proxy.gets().iter().filter_map(super::super::support::proxy::Asked::first_byte).collect();
    let mut once = ranges.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ranges.len(), "no byte is asked for twice: {ranges:?}");
    let tag = export.api.head(&export.path("/download"), &[]).expect(200).header("etag");
    assert!(proxy.gets().iter().all(|asked| asked.header("if-range") == tag), "each range is of one package");
}

#[test]
fn what_streams_out_is_resumed_too() {
    let house = House::open();
    let export = packed(&house, "shop", 3_000_000);
    let proxy = through(&export).cutting(2, 700_000);
    let got = Getter::stranger().get(&[&proxy.url("/package"), "-o", "-"]).expect(0).says("trying again");
    is_the_package(&got.out, &export);
}

#[test]
fn a_server_that_restarts_in_between_is_waited_for() {
    let (site, address) = (Site::new(&[]), lasting_address());
    site.project("ada", "shop").noise("n", 12_000_000);
    let server = site.serve_at(&address);
    let export = server.user("ada").request("shop");
    export.completed();
    let size = size(&export);

    let getter = Getter::of(&export);
    let words = [export.id.as_str(), "-o", "a.zip", "--connections", "8", "--limit-rate", "2MiB", "--json"];
    let mut getting = getter.begin(&words);
    getter.some_of("a.zip", size);
    server.kill();
    getting.told("trying again");
    let server = site.serve_at(&address);
    let got = getting.ended().expect(0);
    assert_ne!(got.json()["retries"], 0);
    let export = server.user("ada").export(&export.id);
    is_the_package(&getter.read("a.zip"), &export);
}

#[test]
fn a_server_that_falls_silent_is_asked_again() {
    let house = House::open();
    let export = packed(&house, "shop", 12_000_000);
    let proxy = through(&export).holding_after(5_000_000);
    let getter = Getter::stranger();
    let mut getting = getter.begin(&[&proxy.url("/package"), "-o", "a.zip", "--timeout", "500ms"]);
    getting.told("nothing came for 500ms; trying again");
    proxy.release();
    getting.ended().expect(0);
    is_the_package(&getter.read("a.zip"), &export);
}

#[test]
fn what_came_before_ctrl_c_does_not_come_again() {
    let house = House::open();
    let export = packed(&house, "shop", 12_000_000);
    let proxy = through(&export).holding_after(5_000_000);
    let getter = Getter::stranger();
    let words = [&proxy.url("/package"), "-o", "a.zip", "--json"];
    let getting = getter.begin(&words);
    proxy.held();
    getter.some_of("a.zip", size(&export));
    getting.signal(Signal::INT);
    getting.ended().expect(130).says("goes on from there");
    assert_eq!(getter.files(), ["a.zip.part", "a.zip.part.json"]);
    let state = serde_json::from_slice(&getter.read("a.zip.part.json")).expect("JSON");
    let there = size(&export) - missing(&state);

    proxy.release();
    let got = getter.get(&words).expect(0).says("going on at");
    assert_eq!(got.json()["kept"], there);
    is_the_package(&getter.read("a.zip"), &export);
    assert_eq!(getter.files(), ["a.zip"]);
}

#[test]
fn a_kill_at_any_moment_costs_a_moment() {
    let house = House::open();
    let export = packed(&house, "shop", 12_000_000);
    let proxy = through(&export).holding_after(5_000_000);
    let getter = Getter::stranger();
    let words = [&proxy.url("/package"), "-o", "a.zip", "--json"];
    let getting = getter.begin(&words);
    proxy.held();
    getter.some_of("a.zip", size(&export));
    // Whoever asks the server itself finds the file taken.
    let second = Getter { folder: getter.folder, ..Getter::of(&export) };
    second.get(&[&export.id, "-o", "a.zip"]).expect(1).says("another exportd is writing");
    let getter = Getter { folder: second.folder, ..Getter::stranger() };
    getting.kill();

    proxy.release();
    let got = getter.get(&words).expect(0).json();
    assert!(got["kept"].as_u64() > Some(0), "{got}");
    is_the_package(&getter.read("a.zip"), &export);
}

#[test]
fn another_package_behind_the_address_is_not_spliced_onto_the_first() {
    let house = House::open();
    let first = packed(&house, "shop", 12_000_000);
    let second = packed(&house, "blog", 12_000_000);
    let proxy = through(&first).holding_after(5_000_000);
    let getter = Getter::stranger();
    let words = [&proxy.url("/package"), "-o", "a.zip", "--json"];
    let getting = getter.begin(&words);
    proxy.held();
    getter.some_of("a.zip", size(&first));
    getting.signal(Signal::INT);
    getting.ended().expect(130);
    assert_eq!(size(&first), size(&second), "only the bytes tell them apart");
    proxy.lead("/package", &second.path("/download"));
    proxy.release();
    let got = getter.get(&words).expect(0).says("of another package; starting anew");
    assert_eq!(got.json()["kept"], 0);
    is_the_package(&getter.read("a.zip"), &second);
}

#[test]
fn another_package_in_the_middle_of_a_download_starts_it_anew() {
    let house = House::open();
    let first = packed(&house, "shop", 12_000_000);
    let second = packed(&house, "blog", 12_000_000);
    let proxy = through(&first).holding_after(5_000_000);
    let getter = Getter::stranger();
    let getting = getter.begin(&[&proxy.url("/package"), "-o", "a.zip"]);
    proxy.held();
    proxy.lead("/package", &second.path("/download"));
    proxy.release();
    getting.ended().expect(0).says("another package lies at the address now");
    is_the_package(&getter.read("a.zip"), &second);
}

#[test]
fn a_package_that_is_not_what_was_promised_is_not_kept() {
    let house = House::open();
    let export = packed(&house, "shop", 3_000_000);
    // A byte of it turns over on the server's disk.
    let package = house.stored_files().into_iter().max_by_key(|file| file.metadata().expect("a file").len());
    let file = std::fs::File::options().write(true).open(package.expect("a package")).expect("a file");
    file.write_all_at(b"!", 1_500_000).expect("written");

    let getter = Getter::of(&export);
    getter.get(&[&export.id, "-o", "a.zip"]).expect(5).says("promised");
    assert!(getter.files().is_empty(), "{:?}", getter.files());
    getter.get(&[&export.id, "-o", "-"]).expect(5).says("promised");
}

#[test]
fn a_disk_that_is_too_small_says_so_before_anything_comes() {
    let house = House::open();
    let export = packed(&house, "shop", 6_000_000);
    let getter = Getter::of(&export);
    let disk = SmallDisk::mounted_at(&getter.path("small"));
    getter.get(&[&export.id, "-o", "small/a.zip"]).expect(1).says("the disk is full");
    assert_eq!(std::fs::read_dir(&disk.0).expect("a folder").count(), 0, "and nothing is left on it");
    assert_eq!(export.show()["downloadCount"], 0);
}
