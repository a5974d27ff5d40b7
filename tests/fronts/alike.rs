//! The same request directly and through nginx: status, every header and every byte are the same,
//! over HTTP/1.1 and HTTP/2.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::packed;
use crate::support::api::{Answer, Api, ExportHandle};
use crate::support::house::House;
use crate::support::nginx::Nginx;

/// Who sends the bytes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Nginx,
    Exportd,
}

/// A request, and who answers it.
struct Case {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    by: By,
}

/// What belongs to a connection, and to the program at its end.
const NOT_COMPARED: [&str; 5] = ["connection", "date", "keep-alive", "server", "transfer-encoding"];

const PROBLEM: &str = "application/problem+json";

/// What a client can see of an answer. What is different at every time is masked.
fn seen(answer: &Answer) -> (u16, BTreeMap<String, Vec<String>>, Vec<u8>) {
    let mut headers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (name, value) in &answer.headers {
        let text = match name.as_str() {
            "x-correlation-id" => "there".to_owned(),
            _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        headers.entry(name.to_string()).or_default().push(text);
    }
    headers.retain(|name, _| !NOT_COMPARED.contains(&name.as_str()));
    if answer.header("content-type") == PROBLEM {
        // nginx writes its time without milliseconds.
        headers.remove("content-length");
    }
    (answer.status, headers, body(answer))
}

fn body(answer: &Answer) -> Vec<u8> {
    if answer.header("content-type") != PROBLEM || answer.body.is_empty() {
        return answer.body.clone();
    }
    let mut problem = answer.json();
    for member in ["timestamp", "correlationId"] {
        assert!(problem[member].is_string(), "{problem}");
        problem[member] = Value::Null;
    }
    problem.to_string().into_bytes()
}

/// Sends `case` by HTTP/2 and TLS.
fn by_http2(nginx: &Nginx, token: Option<&str>, case: &Case, name: &str) -> Answer {
    let folder = tempfile::tempdir().expect("a folder");
    let [head, body] = ["head", "body"].map(|name| folder.path().join(name));
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--insecure", "--http2", "--max-time", "60", "--path-as-is"]);
    curl.arg("--dump-header").arg(&head).arg("--output").arg(&body);
    match case.method {
        Method::HEAD => curl.arg("--head"),
        _ => curl.args(["--request", case.method.as_str()]),
    };
    let authorization = token.map(|token| ("authorization", format!("Bearer {token}")));
    let named = ("x-correlation-id", name.to_owned());
    for (name, value) in case.headers.iter().cloned().chain(authorization).chain([named]) {
        curl.arg("--header").arg(format!("{name}: {value}"));
    }
    // Ours, and nothing that curl thinks of by itself.
    curl.args(["--header", "accept:"]).arg(format!("https://{}{}", nginx.address(), case.path));
    let ran = curl.output().expect("curl is installed");
    assert!(ran.status.success(), "{}: {}", case.path, String::from_utf8_lossy(&ran.stderr));
    parsed(&std::fs::read_to_string(head).expect("a head"), std::fs::read(body).unwrap_or_default(), case)
}

fn parsed(head: &str, body: Vec<u8>, case: &Case) -> Answer {
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/2 ")).expect("an answer by HTTP/2");
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let name = HeaderName::try_from(name).expect("a name");
        headers.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    // What `--head` prints is the head.
    let body = if case.method == Method::HEAD { Vec::new() } else { body };
    Answer { status: status.trim().parse().expect("a status"), headers, body }
}

/// One house, with one nginx that has TLS and one that has not.
struct Doors {
    house: House,
    tls: Nginx,
}

impl Doors {
    fn open() -> Self {
        let house = House::behind_nginx(|_| {});
        let tls = Nginx::with_tls(&house.told());
        Self { house, tls }
    }

    /// Sends every case at every door, compares, and looks who sent it.
    fn compare(&self, caller: &Api, cases: &[Case]) {
        let token = caller.has_token().then(|| caller.token());
        for (number, case) in cases.iter().enumerate() {
            let Case { method, path, headers, by } = case;
            let what = format!("{method} {path} {headers:?}");
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let names = ["h1", "h2"].map(|protocol| format!("{protocol}-{}-{number}", uuid::Uuid::new_v4()));
            let with_name = [headers.as_slice(), &[("x-correlation-id", names[0].as_str())]].concat();
            let direct = seen(&self.house.direct(caller).send(method.clone(), path, &with_name, None));
            let through = seen(&caller.send(method.clone(), path, &with_name, None));
            assert_eq!((direct.0, &direct.1), (through.0, &through.1), "{what}");
            assert!(direct.2 == through.2, "{what}: other bytes");
            let http2 = seen(&by_http2(&self.tls, token, case, &names[1]));
            assert_eq!((direct.0, &direct.1), (http2.0, &http2.1), "{what} by HTTP/2");
            assert!(direct.2 == http2.2, "{what}: other bytes by HTTP/2");
            for (nginx, name) in [self.house.nginx(), &self.tls].into_iter().zip(&names) {
                assert_eq!(nginx.sent(name), *by == By::Nginx, "{what}: sent by somebody else");
            }
        }
    }
}

fn get(path: String, headers: &[(&'static str, &str)], by: By) -> Case {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Case { method: Method::GET, path, headers, by }
}

/// Requests for a package tagged `tag`, last modified at `date`, of `size` bytes.
fn of_package(at: &str, tag: &str, date: &str, size: usize) -> Vec<Case> {
    let [past, later] = ["Thu, 01 Jan 1998 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"];
    let (weak, old_style) = (format!("W/{tag}"), "Thursday, 01-Jan-98 00:00:00 GMT");
    let (beyond, seventeen) = (format!("bytes={size}-"), scattered(17));
    let (all, sixteen) = (format!("bytes=-{size}"), scattered(16));
    let by_nginx: &[&[(&'static str, &str)]] = &[
        &[],
        &[("want-digest", "SHA-512;q=1, SHA-256;q=1, SHA;q=0.1")],
        &[("accept-encoding", "gzip, br, zstd")],
        &[("range", "bytes=0-0")],
        &[("range", "bytes=0-")],
        &[("range", "bytes=1000-70000"), ("want-digest", "SHA-256")],
        &[("range", "bytes=1000-999999999999999999")],
        &[("range", "bytes=-1")],
        &[("range", &all)],
        &[("range", "bytes=1000-"), ("if-range", tag)],
        &[("range", "bytes=1000-"), ("if-range", date)],
        &[("range", "bytes=1000-"), ("if-range", "\"other\"")],
        &[("range", "bytes=1000-"), ("if-range", &weak)],
        &[("if-range", tag)],
    ];
    let by_exportd: &[&[(&'static str, &str)]] = &[
        &[("range", "bytes=0-9,50000-50009")],
        &[("range", "bytes=50000-50009, 0-9, -10")],
        &[("range", "bytes=0-9,5-20,21-30")],
        &[("range", &sixteen)],
        &[("range", &seventeen)],
        &[("range", "Bytes=0-9")],
        &[("range", "bytes= 0-9 ,")],
        &[("range", "bytes=000-009")],
        &[("range", "bytes=9-0")],
        &[("range", "bytes=-0")],
        &[("range", "bytes=-999999999")],
        &[("range", &beyond)],
        &[("range", "bytes=0-99999999999999999999999999")],
        &[("range", "bytes=99999999999999999999999999-")],
        &[("range", "lines=0-9")],
        &[("range", "bytes")],
        &[("range", "bytes=a-b")],
        &[("range", "bytes=0-9"), ("range", "bytes=5-19")],
        &[("range", "bytes=1000-"), ("if-range", past)],
        &[("range", "bytes=1000-"), ("if-range", old_style)],
        &[("range", "bytes=1000-"), ("if-range", "nonsense")],
        &[("if-match", tag)],
        &[("if-match", "*")],
        &[("if-match", "\"other\"")],
        &[("if-match", &weak)],
        &[("if-none-match", tag)],
        &[("if-none-match", &weak)],
        &[("if-none-match", "\"other\"")],
        &[("if-none-match", "*")],
        &[("if-modified-since", date)],
        &[("if-modified-since", past)],
        &[("if-modified-since", later)],
        &[("if-modified-since", "nonsense")],
        &[("if-unmodified-since", date)],
        &[("if-unmodified-since", past)],
        // Firefox resumes like this.
        &[("range", "bytes=1000-"), ("if-match", tag), ("if-unmodified-since", date)],
        &[("range", "bytes=1000-"), ("if-match", "\"other\"")],
        &[("range", &beyond), ("if-none-match", tag)],
        &[("if-none-match", "\"other\""), ("if-modified-since", date)],
    ];
    let gets = by_nginx.iter().map(|headers| get(at.to_owned(), headers, By::Nginx));
    let others = by_exportd.iter().map(|headers| get(at.to_owned(), headers, By::Exportd));
    let head = |case: &Case| Case {
        method: Method::HEAD,
        path: case.path.clone(),
        headers: case.headers.clone(),
        by: By::Exportd,
    };
    let mut cases: Vec<_> = gets.chain(others).collect();
    cases.extend(cases.iter().step_by(3).map(head).collect::<Vec<_>>());
    cases
}

/// A range of so many parts that are far from each other.
fn scattered(parts: usize) -> String {
    let parts: Vec<_> = (0..parts).map(|part| format!("{}-{}", part * 1_000, part * 1_000 + 9)).collect();
    format!("bytes={}", parts.join(","))
}

#[test]
fn a_download_is_the_same_to_the_last_header_and_byte() {
    let doors = Doors::open();
    let export = packed(&doors.house, 100_000);
    let whole = doors.house.direct(&export.api).get(&export.path("/download")).expect(200);
    let cases = of_package(
        &export.path("/download"),
        &whole.header("etag"),
        &whole.header("last-modified"),
        whole.body.len(),
    );
    doors.compare(&export.api, &cases);
}

#[test]
fn a_link_is_the_same_and_its_token_in_no_log() {
    let doors = Doors::open();
    let export = packed(&doors.house, 100_000);
    let link = super::link_of(&export, &serde_json::json!({}));
    let whole = doors.house.direct(&export.api).get(&link).expect(200);
    let cases = of_package(&link, &whole.header("etag"), &whole.header("last-modified"), whole.body.len());
    let cases: Vec<_> = cases.into_iter().step_by(3).collect();
    assert!(cases.iter().any(|case| case.by == By::Nginx));
    doors.compare(&export.api.anonymous(), &cases);
    let token = link.trim_start_matches("/d/");
    for nginx in [doors.house.nginx(), &doors.tls] {
        nginx.request_to("/d/***");
        assert!(!nginx.logs().contains(token), "{}", nginx.logs());
    }
}

#[test]
fn a_file_out_of_a_package_is_the_same_too() {
    let doors = Doors::open();
    let export = packed(&doors.house, 100_000);
    for path in
        ["/entries/noise.bin", "/entries/large.txt", "/entries/src/gr%C3%B6%C3%9Fe%20&%20co/%C3%BC%3F%23.txt"]
    {
        let at = export.path(path);
        let whole = doors.house.direct(&export.api).get(&at).expect(200);
        let (tag, date) = (whole.header("etag"), whole.header("last-modified"));
        let ours = of_package(&at, &tag, &date, whole.body.len()).into_iter().step_by(2);
        let cases: Vec<_> = ours.map(|case| Case { by: By::Exportd, ..case }).collect();
        doors.compare(&export.api, &cases);
    }
}

#[test]
fn whatever_is_refused_is_refused_alike() {
    let doors = Doors::open();
    let export = packed(&doors.house, 1_000);
    let of = |path: &str| get(path.to_owned(), &[], By::Exportd);
    let with = |method: Method, path: String| Case { method, path, headers: Vec::new(), by: By::Exportd };
    let ours = [
        of("/api/v1/exports/00000000-0000-7000-8000-000000000000/download"),
        of("/api/v1/exports/nonsense/download"),
        of("/api/v1/nothing?with=a%20query"),
        of("/_packages/ab/x.zip"),
        of("/_exportd/problem"),
        of("/metrics"),
        of(&export.path("/entries")),
        of(&export.path("/entries/nothing")),
        of(&export.path("/entries/..%2F..%2Fetc%2Fpasswd")),
        of(&export.path("/manifest")),
        of("/api/openapi.json"),
        of("/d/not-a-token"),
        with(Method::DELETE, export.path("/download")),
        with(Method::OPTIONS, export.path("/download")),
        with(Method::POST, "/api/v1/exports".to_owned()),
        with(Method::HEAD, export.path("")),
    ];
    doors.compare(&export.api, &ours);
    let refused = [of(&export.path("/download")), of(&export.path("/entries"))];
    doors.compare(&doors.house.user("eve"), &refused);
    doors.compare(&export.api.anonymous(), &refused);

    doors.house.clock().advance(Duration::from_secs(8 * 86_400));
    let gone = |headers: &[(&'static str, &str)]| get(export.path("/download"), headers, By::Exportd);
    doors
        .compare(&export.api, &[gone(&[]), gone(&[("range", "bytes=0-9")]), gone(&[("if-none-match", "*")])]);
    let gone_for_good = doors.house.direct(&export.api).get(&export.path("/download")).expect(410);
    assert_eq!(gone_for_good.code(), "PACKAGE_EXPIRED");
}

type Headers = &'static [(&'static str, &'static str)];

/// What nginx reads by itself before anybody is asked, and cannot be told to read otherwise: the
/// request, what exportd says to it, and what nginx says.
const NOT_ALIKE: [(&str, Headers, u16, u16); 4] = [
    // Two lines of one precondition: a list for RFC 9110, an error for nginx.
    ("/download", &[("if-none-match", "\"x\""), ("if-none-match", "\"y\"")], 200, 400),
    ("/download", &[("if-match", "\"x\""), ("if-match", "*")], 200, 400),
    // It resolves what it has decoded, and this leads out of everything.
    ("/entries/..%2F..%2F..%2F..%2F..%2F..%2Fetc%2Fpasswd", &[], 404, 400),
    ("/entries/a%00b", &[], 404, 400),
];

#[test]
fn what_nginx_reads_in_its_own_way_is_told_as_a_problem() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 1_000);
    for (path, headers, direct, through) in NOT_ALIKE {
        let path = export.path(path);
        house.direct(&export.api).get_with(&path, headers).expect(direct);
        let answer = export.api.get_with(&path, headers).expect(through);
        assert_eq!(answer.code(), "VALIDATION_FAILED", "{path}");
    }
}

#[test]
fn a_download_in_flight_finishes_after_its_package_is_gone() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 30_000_000);
    let sum = export.show()["checksum"].clone();
    let mut rest = super::restarts::begun(&export);
    export.api.delete(&export.path("")).expect(204);
    assert_eq!(export.download(&[]).expect(410).code(), "PACKAGE_EXPIRED");
    std::io::Read::read_to_end(&mut rest.socket, &mut rest.read).expect("all of it");
    assert_eq!(crate::support::sha256(&rest.read), sum);
    assert_handed(&house, &export);
}

fn assert_handed(house: &House, export: &ExportHandle) {
    let path = export.path("/download");
    let mut requests = house.nginx().requests().into_iter();
    assert!(requests.any(|line| line["uri"] == path.as_str() && line["file"] != ""), "nginx sent nothing");
}
