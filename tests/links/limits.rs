//! Links that allow so many downloads.

use std::net::TcpStream;
use std::thread;

use serde_json::json;

use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::{raw, sha256};

use super::{Given, packed};

/// Large enough that a client that stops reading has not got all of it.
const LARGE: usize = 24_000_000;

/// Asks for the package and reads a little of it.
fn begun(link: &Given, agent: &str, range: &str) -> TcpStream {
    let mut socket = raw::connect(link.api.address());
    let (path, agent) = (&link.path, format!("user-agent: {agent}"));
    raw::send(&mut socket, &format!("GET {path} HTTP/1.1\r\nhost: x\r\n{agent}\r\n{range}\r\n"));
    let told = raw::read_some(&mut socket);
    assert!(told.starts_with("HTTP/1.1 20"), "{told:.200}");
    socket
}

#[test]
fn sixty_four_who_race_for_three_downloads_get_exactly_three() {
    let house = House::open();
    let export = packed(&house, 200_000);
    let link = Given::of(&export, &json!({"maxDownloads": 3}));
    let checksum = export.show()["checksum"].clone();
    let got: usize = thread::scope(|scope| {
        let racers: Vec<_> = (0..64)
            .map(|racer| {
                let (link, checksum) = (&link, &checksum);
                scope.spawn(move || {
                    let answer = link.get_as(&format!("agent {}", racer % 5), &[]).expect_one_of(&[200, 410]);
                    if answer.status == 200 {
                        assert_eq!(&sha256(&answer.body), checksum);
                    } else {
                        assert_eq!(answer.code(), "LINK_USED_UP");
                    }
                    usize::from(answer.status == 200)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().expect("a racer")).sum()
    });
    assert_eq!(got, 3);
    assert_eq!(link.shown(&export.api)["downloads"], 3);
    assert_eq!(house.metric(r#"exportd_link_refusals_total{reason="used_up"}"#), 61.0);
}

#[test]
fn a_download_in_pieces_or_resumed_is_one_and_the_whole_again_is_another() {
    let house = House::open();
    let export = packed(&house, 100_000);
    let whole = export.download(&[]).expect(200).body;
    let link = Given::of(&export, &json!({"maxDownloads": 1}));
    // What sends nothing takes nothing.
    link.head().expect(200);
    let tag = link.head().header("etag");
    link.get(&[("if-none-match", &tag)]).expect(304);
    link.get(&[("if-match", "\"x\"")]).expect(412);
    link.get(&[("range", "bytes=99999999-")]).expect(416);
    assert_eq!(link.shown(&export.api)["downloads"], 0);

    let pieces: Vec<_> = [0..100, 100..50_000, 50_000..whole.len()].into_iter().collect();
    for piece in &pieces {
        let range = format!("bytes={}-{}", piece.start, piece.end - 1);
        assert_eq!(link.get(&[("range", &range)]).expect(206).body, whole[piece.clone()]);
    }
    // Lost on the way, and fetched once more.
    assert_eq!(link.get(&[("range", "bytes=70000-")]).expect(206).body, whole[70_000..]);
    assert_eq!(link.get(&[]).expect(410).code(), "LINK_USED_UP");
    assert_eq!(link.get_as("another", &[("range", "bytes=70000-")]).expect(410).code(), "LINK_USED_UP");
    let head = link.head().expect(200);
    assert_eq!(head.header("etag"), tag, "who has a pass may look still");
    let stranger = link.api.head(&link.path, &[("user-agent", "another")]);
    stranger.expect(410);
    assert_eq!(link.shown(&export.api)["downloads"], 1);
    assert_eq!(export.show()["downloadCount"].as_u64().map(|count| count >= 2), Some(true));
}

#[test]
fn a_client_whose_line_breaks_may_begin_again_or_go_on_at_once() {
    let house = House::open();
    let export = packed(&house, LARGE);
    for resume in ["", "range: bytes=1000-\r\n"] {
        let link = Given::of(&export, &json!({"maxDownloads": 1}));
        drop(begun(&link, "browser", ""));
        drop(begun(&link, "browser", resume));
        assert_eq!(link.shown(&export.api)["downloads"], 1, "{resume:?}");
    }
}

#[test]
fn nobody_gets_more_than_twice_the_package_out_of_one_download() {
    let house = House::open();
    let export = packed(&house, 100_000);
    let size = export.show()["fileSize"].as_u64().expect("a size");
    let link = Given::of(&export, &json!({"maxDownloads": 1}));
    let mut got = 0;
    for round in 0..10 {
        let answer =
            link.get(&[("range", &format!("bytes={}-", round * 100))]).expect_one_of(&[206, 200, 410]);
        got += if answer.status == 410 { 0 } else { answer.body.len() as u64 };
    }
    assert!(got >= size && got <= 2 * size, "{got} bytes of {size}");
}

#[test]
fn a_server_that_is_killed_under_a_download_lets_it_go_on() {
    let site = Site::new(&[]);
    site.project("ada", "shop").noise("noise.bin", LARGE);
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    let links = [(); 2].map(|()| Given::of(&export, &json!({"maxDownloads": 1})));
    let under_way = [begun(&links[0], "browser", ""), begun(&links[1], "browser", "")];
    server.kill();
    drop(under_way);
    let server = site.serve();
    let ada = server.user("ada");
    let [resumed, restarted] = links.map(|link| Given { api: ada.anonymous(), ..link });
    resumed.get_as("browser", &[("range", "bytes=1000-")]).expect(206);
    let whole = restarted.get_as("browser", &[]).expect(200);
    assert_eq!(sha256(&whole.body), ada.export(&export.id).show()["checksum"]);
    assert_eq!(restarted.get_as("browser", &[]).expect(410).code(), "LINK_USED_UP");
}

#[test]
fn a_clean_stop_gives_back_what_was_not_sent() {
    let house = House::open();
    let export = packed(&house, LARGE);
    let link = Given::of(&export, &json!({"maxDownloads": 1}));
    drop(begun(&link, "browser", ""));
    let house = house.reopened();
    assert_eq!(house.stored::<i64>("SELECT count(*) FROM promises"), 0);
    assert!(house.stored::<i64>("SELECT spent FROM passes") < LARGE as i64);
    let link = Given { api: house.user("ada").anonymous(), ..link };
    link.get_as("browser", &[]).expect(200);
}

#[test]
fn a_download_that_ends_gives_back_what_it_did_not_send() {
    let house = House::open();
    let export = packed(&house, LARGE);
    let link = Given::of(&export, &json!({"maxDownloads": 2}));
    drop(begun(&link, "browser", ""));
    let promises = || house.stored::<i64>("SELECT count(*) FROM promises");
    eventually("the promise is given back", || (promises() == 0).then_some(()));
    assert!(house.stored::<i64>("SELECT spent FROM passes") < LARGE as i64);
}
