//! Downloading as clients do it, from exportd itself and through nginx.

use std::collections::HashSet;
use std::thread;

use exportd::domain::Timestamp;
use exportd::transfer::HttpDate;

use crate::support::api::{Answer, ExportHandle, eventually};
use crate::support::front::{Front, through_both_fronts};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::noise;
use crate::support::raw;
use crate::support::sha256;

through_both_fronts! {
    a_package_comes_whole_with_everything_a_client_needs_to_know,
    it_was_last_modified_when_it_was_completed_whatever_the_file_system_says,
    head_tells_what_get_would,
    two_halves_make_the_whole_and_a_changed_tag_restarts,
    several_ranges_come_as_parts_in_the_order_asked,
    a_range_past_the_end_is_told_with_an_empty_body,
    conditions_are_answered_in_the_order_of_the_rfc,
    a_stranger_is_refused_before_anything_is_told_and_an_admin_is_served,
    a_package_that_is_not_ready_says_so,
    a_lost_file_is_told_apart_and_counted,
    a_thousand_ranges_cost_few_queries,
    one_download_is_one_whatever_the_number_of_its_ranges,
    many_downloads_at_once_are_all_right_and_all_counted,
}

fn packed(house: &House, size: usize) -> ExportHandle {
    house.project("ada", "shop").file("noise.bin", noise(size)).file("src/main.rs", "fn main() {}");
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

fn a_package_comes_whole_with_everything_a_client_needs_to_know(front: Front) {
    let house = front.house();
    let export = packed(&house, 300_000);
    let object = export.show();
    let answer = export.download(&[]).expect(200);

    assert_eq!(sha256(&answer.body), object["checksum"]);
    assert_eq!(answer.header("etag"), format!("\"{}\"", object["checksum"].as_str().expect("hex")));
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("repr-digest").starts_with("sha-256=:"));
    assert!(answer.header("last-modified").ends_with("GMT") && answer.header("sunset").ends_with("GMT"));
    assert_eq!(answer.header("cache-control"), "private, no-transform, max-age=3600");
    assert_eq!(answer.header("x-package-size"), exportd::domain::human_size(answer.body.len() as u64));
    let name = object["fileName"].as_str().expect("a name");
    assert_eq!(
        answer.header("content-disposition"),
        format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
    );
    assert_eq!(answer.header("digest"), "", "only for those who want it");
    let wanted = export.download(&[("want-digest", "SHA-512;q=1, SHA-256;q=1, SHA;q=0.1")]).expect(200);
    assert!(wanted.header("digest").starts_with("SHA-256="));
    let coded = export.download(&[("accept-encoding", "gzip, br, zstd")]).expect(200);
    assert_eq!((coded.header("content-encoding"), coded.body), (String::new(), answer.body));
}

fn it_was_last_modified_when_it_was_completed_whatever_the_file_system_says(front: Front) {
    let house = front.house();
    let export = packed(&house, 1_000);
    for file in house.stored_files() {
        let file = std::fs::File::options().write(true).open(file).expect("a stored file");
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("another time");
    }
    let completed = export.show()["completedAt"].clone();
    let completed: Timestamp = serde_json::from_value(completed).expect("an instant");
    let answer = export.download(&[]).expect(200);
    assert_eq!(answer.header("last-modified"), HttpDate::from(completed).to_string());
}

fn head_tells_what_get_would(front: Front) {
    let house = front.house();
    let export = packed(&house, 10_000);
    let get = export.download(&[]).expect(200);
    let head = export.api.head(&export.path("/download"), &[("range", "bytes=0-1")]).expect(200);
    assert!(head.body.is_empty());
    for name in
        ["etag", "content-length", "content-type", "last-modified", "content-disposition", "repr-digest"]
    {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

fn two_halves_make_the_whole_and_a_changed_tag_restarts(front: Front) {
    let house = front.house();
    let export = packed(&house, 100_000);
    let whole = export.download(&[]).expect(200);
    let half = whole.body.len() / 2;
    let first = export.download(&[("range", &format!("bytes=0-{}", half - 1))]).expect(206);
    let rest = export
        .download(&[("range", &format!("bytes={half}-")), ("if-range", &first.header("etag"))])
        .expect(206);
    assert_eq!([first.body.clone(), rest.body.clone()].concat(), whole.body);
    for part in [&first, &rest] {
        assert_eq!(part.header("etag"), whole.header("etag"));
        assert_eq!(part.header("last-modified"), whole.header("last-modified"));
    }
    let other = export.download(&[("range", "bytes=5-"), ("if-range", "\"another\"")]).expect(200);
    assert_eq!(other.body, whole.body);
}

fn several_ranges_come_as_parts_in_the_order_asked(front: Front) {
    let house = front.house();
    let export = packed(&house, 100_000);
    let whole = export.download(&[]).expect(200).body;
    let answer = export.download(&[("range", "bytes=50000-50009, 0-9, -10")]).expect(206);
    let kind = answer.header("content-type");
    let boundary =
        kind.strip_prefix("multipart/byteranges; boundary=").expect("a boundary").trim_matches('"');
    let parts = parts_of(&answer, boundary);
    let end = whole.len();
    let expected: Vec<_> = [50_000..50_010, 0..10, end - 10..end]
        .into_iter()
        .map(|range| (format!("bytes {}-{}/{end}", range.start, range.end - 1), whole[range].to_vec()))
        .collect();
    assert_eq!(parts, expected);
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
}

fn parts_of(answer: &Answer, boundary: &str) -> Vec<(String, Vec<u8>)> {
    let mut parts = Vec::new();
    let mut rest = &answer.body[..];
    let find =
        |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).position(|window| window == needle);
    let mark = format!("--{boundary}").into_bytes();
    while let Some(at) = find(rest, &mark) {
        rest = &rest[at + mark.len()..];
        if rest.starts_with(b"--") {
            break;
        }
        let head_end = find(rest, b"\r\n\r\n").expect("a part has a head");
        let head = String::from_utf8_lossy(&rest[..head_end]).to_lowercase();
        let range =
            head.lines().find_map(|line| line.strip_prefix("content-range: ")).expect("a range").to_owned();
        let body = &rest[head_end + 4..];
        let end = find(body, format!("\r\n--{boundary}").as_bytes()).expect("a part has an end");
        parts.push((range, body[..end].to_vec()));
        rest = &body[end..];
    }
    parts
}

fn a_range_past_the_end_is_told_with_an_empty_body(front: Front) {
    let house = front.house();
    let export = packed(&house, 10_000);
    let size = export.download(&[]).body.len();
    let answer = export.download(&[("range", &format!("bytes={size}-"))]).expect(416);
    assert_eq!(answer.header("content-range"), format!("bytes */{size}"));
    assert!(answer.body.is_empty(), "curl would append an error page to the file");
    export.download(&[("range", "lines=1-2")]).expect(200);
    export.download(&[("range", "bytes=900-100")]).expect(200);
    assert_eq!(export.download(&[("range", "bytes=-500")]).expect(206).body.len(), 500);
    let clipped = export.download(&[("range", "bytes=0-99999999999999999999999999")]).expect(206);
    assert_eq!(clipped.body.len(), size);
}

fn conditions_are_answered_in_the_order_of_the_rfc(front: Front) {
    let house = front.house();
    let export = packed(&house, 10_000);
    let whole = export.download(&[]).expect(200);
    let (tag, date) = (whole.header("etag"), whole.header("last-modified"));

    let same = export.download(&[("if-none-match", &tag)]).expect(304);
    assert!(same.body.is_empty());
    assert_eq!((same.header("etag"), same.header("last-modified")), (tag.clone(), date.clone()));
    export.download(&[("if-modified-since", &date)]).expect(304);
    export.download(&[("if-none-match", "\"x\""), ("if-modified-since", &date)]).expect(200);
    assert_eq!(export.download(&[("if-match", "\"x\"")]).expect(412).code(), "PRECONDITION_FAILED");
    export.download(&[("if-match", &format!("W/{tag}"))]).expect(412);
    export
        .download(&[("if-match", &tag), ("if-unmodified-since", "Thu, 01 Jan 1998 00:00:00 GMT")])
        .expect(200);
    export.download(&[("if-unmodified-since", "Thu, 01 Jan 1998 00:00:00 GMT")]).expect(412);
    // Firefox resumes like this.
    let resume =
        [("range", "bytes=100-"), ("if-match", tag.as_str()), ("if-unmodified-since", date.as_str())];
    export.download(&resume).expect(206);
    export
        .download(&[("if-match", "\"x\""), ("if-none-match", &tag), ("range", "bytes=99999999-")])
        .expect(412);
}

fn a_stranger_is_refused_before_anything_is_told_and_an_admin_is_served(front: Front) {
    let house = front.house();
    let export = packed(&house, 1_000);
    let stranger = house.user("eve").export(&export.id);
    assert_eq!(stranger.download(&[]).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    assert_eq!(stranger.download(&[("if-none-match", "*")]).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    let nobody = export.api.anonymous().get(&export.path("/download")).expect(401);
    assert_eq!(nobody.code(), "UNAUTHENTICATED");
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
    for served in [&export, &house.admin().export(&export.id)] {
        served.download(&[]).expect(200);
        // What is known of the package by now is for others no more than before.
        assert_eq!(stranger.download(&[]).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    }
    let unknown = house.user("ada").export("00000000-0000-7000-8000-000000000000");
    assert_eq!(unknown.download(&[]).expect(404).code(), "JOB_NOT_FOUND");
    assert_eq!(house.user("ada").export("nonsense").download(&[]).expect(400).code(), "INVALID_ID");
}

fn a_package_that_is_not_ready_says_so(front: Front) {
    let house = front.house();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut body = crate::support::api::wanted("shop");
    body["runAt"] =
        serde_json::json!(house.clock().now().plus(std::time::Duration::from_secs(60)).to_string());
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    let answer = export.download(&[]).expect(404);
    assert_eq!(answer.code(), "PACKAGE_NOT_READY");
    assert_eq!(answer.json()["status"], 404);
    assert!(!answer.header("retry-after").is_empty());
    let stranger = house.user("eve").export(&export.id);
    assert_eq!(
        stranger.download(&[]).expect(403).code(),
        "DOWNLOAD_UNAUTHORIZED",
        "before it is told how it stands"
    );
    ada.act(&export.path("/cancel")).expect(202);
}

fn a_lost_file_is_told_apart_and_counted(front: Front) {
    let house = front.house();
    let export = packed(&house, 1_000);
    export.download(&[]).expect(200);
    for file in house.stored_files() {
        std::fs::remove_file(file).expect("a stored file");
    }
    assert_eq!(export.download(&[]).expect(404).code(), "FILE_NOT_FOUND");
    assert!(house.metric("exportd_package_missing_total") >= 1.0);
    let again = house.user("ada").request("shop");
    assert_ne!(again.id, export.id, "asking again makes a new one");
    again.completed();
    again.download(&[]).expect(200);
    assert_eq!(export.status(), "expired");
}

fn a_thousand_ranges_cost_few_queries(front: Front) {
    let house = front.house();
    let export = packed(&house, 100_000);
    let whole = export.download(&[]).body;
    for i in 0..1_000 {
        let at = (i * 97) % (whole.len() - 64);
        let part = export.download(&[("range", &format!("bytes={at}-{}", at + 63))]).expect(206);
        assert_eq!(part.body, whole[at..at + 64]);
    }
    let misses = house.metric(r#"exportd_cache_requests_total{cache="packages",outcome="miss"}"#);
    assert!(misses < 20.0, "{misses} of 1,001 requests asked the database");
}

fn one_download_is_one_whatever_the_number_of_its_ranges(front: Front) {
    let house = front.house();
    let export = packed(&house, 200_000);
    let size = export.show()["fileSize"].as_u64().expect("a size");
    thread::scope(|scope| {
        for piece in 0..8 {
            let export = export.clone();
            scope.spawn(move || {
                let (start, end) = (size * piece / 8, size * (piece + 1) / 8 - 1);
                export.download(&[("range", &format!("bytes={start}-{end}"))]).expect(206);
            });
        }
    });
    let object = export.until("the download is counted", |object| object["downloadCount"] != 0);
    assert_eq!(object["downloadCount"], 1);
    assert!(object["firstDownloadedAt"].is_string());
    export.download(&[]).expect(200);
    let object = export.until("the second is counted", |object| object["downloadCount"] != 1);
    assert_eq!(object["downloadCount"], 2);
}

fn many_downloads_at_once_are_all_right_and_all_counted(front: Front) {
    let house = front.house();
    let export = packed(&house, 400_000);
    let checksum = export.show()["checksum"].clone();
    let sums: HashSet<_> = thread::scope(|scope| {
        let readers: Vec<_> = (0..40)
            .map(|_| {
                let export = export.clone();
                scope.spawn(move || {
                    (0..25).map(|_| sha256(&export.download(&[]).expect(200).body)).collect::<Vec<_>>()
                })
            })
            .collect();
        readers.into_iter().flat_map(|reader| reader.join().expect("a reader")).collect()
    });
    assert_eq!(sums.into_iter().collect::<Vec<_>>(), [checksum.as_str().expect("hex")]);
    assert_eq!(export.show()["downloadCount"], 1_000);
    let house = house.reopened();
    let count = house.user("ada").export(&export.id).show()["downloadCount"].clone();
    assert_eq!(count, 1_000, "a clean stop loses none");
}

#[test]
fn an_aborted_download_leaves_no_file_open() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("noise.bin", noise(8_000_000));
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    export.download(&[("range", "bytes=0-0")]).expect(206);
    let before = server.open_files();
    for _ in 0..50 {
        let mut socket = raw::connect(export.api.address());
        let (path, token) = (export.path("/download"), export.api.token());
        raw::send(
            &mut socket,
            &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"),
        );
        assert!(raw::read_some(&mut socket).starts_with("HTTP/1.1 200"));
    }
    eventually("the files are closed", || (server.open_files() <= before).then_some(()));
}
