//! Limits of bandwidth: what arrives is right however slowly, and everybody gets through. How the
//! shares are, to the byte, is told beside the rule, on a clock that tests move.

use std::thread;

use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::project::noise;
use crate::support::sha256;

fn packed(house: &House, user: &str, size: usize) -> ExportHandle {
    house.project(user, "shop").file("noise.bin", noise(size)).file("notes.txt", "slowly\n".repeat(2_000));
    let export = house.user(user).request("shop");
    export.completed();
    export
}

#[test]
fn bytes_are_right_under_every_limit_and_both_users_get_through() {
    let house = House::with(|settings| {
        settings.download.rate_limit = Some(600 << 10);
        settings.download.total_rate_limit = Some(900 << 10);
    });
    let exports = ["ada", "bob"].map(|user| packed(&house, user, 500_000));
    thread::scope(|scope| {
        for export in &exports {
            let checksum = export.show()["checksum"].clone();
            let size = export.show()["fileSize"].as_u64().expect("a size");
            scope.spawn(move || {
                let whole = export.download(&[]).expect(200).body;
                assert_eq!(sha256(&whole), checksum);
                thread::scope(|scope| {
                    let part = |piece: u64| {
                        let (start, end) = (size * piece / 4, size * (piece + 1) / 4 - 1);
                        scope.spawn(move || {
                            let range = format!("bytes={start}-{end}");
                            export.download(&[("range", &range)]).expect(206).body
                        })
                    };
                    let parts: Vec<_> = (0..4).map(part).collect();
                    let parts = parts.into_iter().map(|part| part.join().expect("no panic"));
                    assert!(parts.collect::<Vec<_>>().concat() == whole);
                });
                let several = export.download(&[("range", "bytes=0-9, 1000-1009")]).expect(206);
                assert_eq!(several.header("content-length"), several.body.len().to_string());
                let entry = export.api.get(&export.path("/entries/notes.txt")).expect(200).body;
                assert_eq!(entry, "slowly\n".repeat(2_000).as_bytes());
            });
        }
    });
}

#[test]
fn the_slowest_limit_is_slow_and_no_more() {
    let house = House::with(|settings| settings.download.rate_limit = Some(1 << 10));
    let export = packed(&house, "ada", 1_000);
    let (first, rest) = thread::scope(|scope| {
        let whole = scope.spawn(|| export.download(&[]).expect(200));
        let part = export.download(&[("range", "bytes=500-")]).expect(206);
        (whole.join().expect("no panic"), part)
    });
    assert_eq!(sha256(&first.body), export.show()["checksum"]);
    assert!(rest.body == first.body[500..]);
}

#[test]
fn a_package_in_the_making_is_sent_at_the_pace_of_any_other() {
    let house = House::with(|settings| settings.download.total_rate_limit = Some(2 << 20));
    house.project("ada", "shop").file("a.bin", noise(700_000)).file("b.bin", noise(800_000));
    let export = house.user("ada").request("shop");
    let package = export.api.get(&export.path("/download?wait=true")).expect(200).body;
    assert_eq!(sha256(&package), export.completed()["checksum"]);
}

#[test]
fn who_leaves_in_the_middle_leaves_the_road_to_the_others() {
    use std::io::Read;

    use crate::support::raw;

    let house = House::with(|settings| settings.download.total_rate_limit = Some(512 << 10));
    let export = packed(&house, "ada", 300_000);
    for _ in 0..20 {
        let mut socket = raw::connect(export.api.address());
        let (path, token) = (export.path("/download"), export.api.token());
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
        raw::send(&mut socket, &request);
        socket.read_exact(&mut [0; 100]).expect("a beginning");
    }
    let whole = export.download(&[]).expect(200).body;
    assert_eq!(sha256(&whole), export.show()["checksum"]);
}
