//! Looking into packages, and having them read again.

use std::process::Command;
use std::thread;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::api::{Api, ExportHandle};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::{noise, slow_text};
use crate::support::raw;

fn shop(house: &House) -> ExportHandle {
    house
        .project("ada", "shop")
        .file("README.md", "# Shop\n")
        .file("src/main.rs", "fn main() {}\n".repeat(1000))
        .file("src/größe & co/ü?#.txt", "späße")
        .file("page.html", "<script>alert(1)</script>")
        .file("large.txt", slow_text(4))
        .file("noise.bin", noise(3 << 20))
        .file("empty", "");
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where an entry is found: its path percent-encoded, but for the slashes.
fn place(export: &ExportHandle, entry: &str) -> String {
    let encoded: String = entry
        .bytes()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    export.path(&format!("/entries/{encoded}"))
}

#[test]
fn a_package_is_listed_page_by_page_as_its_manifest_has_it() {
    let house = House::open();
    let export = shop(&house);
    let manifest = export.api.get(&export.path("/manifest")).expect(200).json();
    let mut expected = manifest["entries"].as_array().expect("entries").clone();
    expected.sort_by_key(|entry| entry["path"].as_str().expect("a path").to_owned());

    let (mut found, mut next) = (Vec::new(), Some(export.path("/entries?limit=2")));
    while let Some(at) = next {
        let answer = export.api.get(&at).expect(200);
        let page = answer.json();
        found.extend(page["items"].as_array().expect("items").clone());
        next = page["nextCursor"]
            .as_str()
            .map(|cursor| export.path(&format!("/entries?limit=2&cursor={cursor}")));
        assert_eq!(answer.header("link").is_empty(), next.is_none());
    }
    assert_eq!(found, expected);

    let within = export.api.get(&export.path("/entries?prefix=src%2F")).expect(200).json();
    let paths: Vec<_> = within["items"].as_array().expect("items").iter().map(|item| &item["path"]).collect();
    assert_eq!(paths, ["src/größe & co/ü?#.txt", "src/main.rs"]);
    assert_eq!(export.api.get(&export.path("/entries?cursor=x")).expect(400).code(), "INVALID_CURSOR");
    assert_eq!(export.api.get(&export.path("/entries?limit=0")).expect(400).code(), "VALIDATION_FAILED");
}

#[test]
fn one_file_comes_out_of_a_package_with_all_a_download_tells() {
    let house = House::open();
    let export = shop(&house);
    let listed = export.api.get(&export.path("/entries")).expect(200).json();
    for item in listed["items"].as_array().expect("items") {
        let path = item["path"].as_str().expect("a path");
        let answer = export.api.get(&place(&export, path)).expect(200);
        assert_eq!(hex(&answer.body), item["sha256"], "{path}");
        assert_eq!(answer.header("content-length"), item["size"].to_string());
        assert_eq!(answer.header("etag"), format!("\"{}\"", item["sha256"].as_str().expect("hex")));
        assert_eq!(answer.header("content-type"), "application/octet-stream", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
        assert!(answer.header("repr-digest").starts_with("sha-256=:"));
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\""));
        let head = export.api.head(&place(&export, path), &[]).expect(200);
        assert!(head.body.is_empty());
        for name in ["etag", "content-length", "content-type", "last-modified", "content-disposition"] {
            assert_eq!(head.header(name), answer.header(name), "{name} of {path}");
        }
    }
    let odd = export.api.get(&place(&export, "src/größe & co/ü?#.txt")).expect(200);
    assert!(odd.header("content-disposition").ends_with("filename*=UTF-8''%C3%BC%3F#.txt"));
    let encoded = export.path("/entries/src%2Fmain.rs");
    export.api.get(&encoded).expect(200);
    assert_eq!(export.show()["downloadCount"], 0, "it is no download");
}

#[test]
fn ranges_and_conditions_of_one_file_are_those_of_a_download() {
    let house = House::open();
    let export = shop(&house);
    for name in ["large.txt", "noise.bin"] {
        let at = place(&export, name);
        let whole = export.api.get(&at).expect(200);
        let (tag, size) = (whole.header("etag"), whole.body.len());
        for (from, to) in [(0, 0), (5, 999), (size / 2, size / 2 + 70_000), (size - 1, size - 1)] {
            let range = format!("bytes={from}-{to}");
            let part = export.api.get_with(&at, &[("range", &range), ("if-range", &tag)]).expect(206);
            assert!(part.body == whole.body[from..=to], "{name} {range}");
            assert_eq!(part.header("content-range"), format!("bytes {from}-{to}/{size}"));
        }
        let several = export.api.get_with(&at, &[("range", "bytes=1000000-1000009,0-4")]).expect(206);
        assert!(several.header("content-type").starts_with("multipart/byteranges"));
        let parts = String::from_utf8_lossy(&several.body).into_owned();
        assert!(parts.contains("content-range: bytes 0-4/") || parts.contains("Content-Range: bytes 0-4/"));
        assert_eq!(several.header("content-length"), several.body.len().to_string());
        assert!(export.api.get_with(&at, &[("if-none-match", &tag)]).expect(304).body.is_empty());
        assert_eq!(
            export.api.get_with(&at, &[("if-match", "\"x\"")]).expect(412).code(),
            "PRECONDITION_FAILED"
        );
        let beyond = export.api.get_with(&at, &[("range", &format!("bytes={size}-"))]).expect(416);
        assert_eq!((beyond.header("content-range"), beyond.body.len()), (format!("bytes */{size}"), 0));
        let stale = export.api.get_with(&at, &[("range", "bytes=5-"), ("if-range", "\"x\"")]).expect(200);
        assert!(stale.body == whole.body);
    }
}

#[test]
fn whoever_may_not_download_a_package_does_not_see_into_it() {
    let house = House::open();
    let export = shop(&house);
    let stranger = house.user("eve").export(&export.id);
    let nobody = export.api.anonymous();
    for rest in ["/entries", "/entries/README.md", "/entries/nothing"] {
        assert_eq!(
            stranger.api.get(&export.path(rest)).expect(403).code(),
            "DOWNLOAD_UNAUTHORIZED",
            "{rest}"
        );
        assert_eq!(nobody.get(&export.path(rest)).expect(401).code(), "UNAUTHENTICATED", "{rest}");
    }
    assert_eq!(stranger.api.act(&export.path("/verify")).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    house.admin().get(&export.path("/entries/README.md")).expect(200);

    for (rest, told) in [
        ("/entries/nothing", "`/entries` lists"),
        ("/entries/src", "it is a folder"),
        ("/entries/src/", "it is a folder"),
        ("/entries/..%2F..%2Fetc%2Fpasswd", "there is no entry"),
    ] {
        let answer = export.api.get(&export.path(rest)).expect(404);
        assert_eq!(answer.code(), "FILE_NOT_FOUND", "{rest}");
        assert!(answer.text("/detail").contains(told), "{rest}: {}", answer.text("/detail"));
    }
    house.clock().advance(std::time::Duration::from_secs(8 * 86_400));
    for rest in ["/entries", "/entries/README.md"] {
        assert_eq!(export.api.get(&export.path(rest)).expect(410).code(), "PACKAGE_EXPIRED");
    }
    assert_eq!(export.api.act(&export.path("/verify")).expect(410).code(), "PACKAGE_EXPIRED");
}

#[test]
fn a_file_that_was_left_out_is_told_apart_from_one_that_never_was() {
    let house = House::open();
    house.project("ada", "shop").file("a.txt", "a").file(".env", "KEY=1").file("node_modules/x/y.js", "1");
    let export = house.user("ada").request("shop");
    export.completed();
    for (path, reason) in [(".env", "secret"), ("node_modules/x/y.js", "dependency")] {
        let detail = export.api.get(&place(&export, path)).expect(404).text("/detail");
        assert!(detail.contains(reason), "{detail}");
    }
}

#[test]
fn a_lost_or_damaged_index_only_costs_time() {
    let house = House::open();
    let export = shop(&house);
    let expected = slow_text(4);
    for damage in [None, Some(&b"nonsense"[..])] {
        for file in house.stored_files() {
            if file.extension().is_some_and(|extension| extension == "index") {
                match damage {
                    None => std::fs::remove_file(file).expect("it was there"),
                    Some(bytes) => std::fs::write(file, bytes).expect("written"),
                }
            }
        }
        let answer = export.api.get(&place(&export, "large.txt")).expect(200);
        assert!(answer.body == expected);
        let part = export.api.get_with(&place(&export, "large.txt"), &[("range", "bytes=3000000-3000099")]);
        assert!(part.expect(206).body == expected[3_000_000..3_000_100]);
    }
}

#[test]
fn a_damaged_entry_breaks_off_and_is_never_wrong() {
    let house = House::open();
    let export = shop(&house);
    let whole = export.download(&[]).expect(200).body;
    let content = &noise(3 << 20)[1_000_000..1_000_100];
    let at = whole.windows(100).position(|window| window == content).expect("stored as it is");
    flip(&house, at as u64);
    let (path, token) = (place(&export, "noise.bin"), export.api.token());
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    let mut socket = raw::connect(export.api.address());
    raw::send(&mut socket, &request);
    let mut got = Vec::new();
    let _ = std::io::Read::read_to_end(&mut socket, &mut got);
    assert!(body_of(&got) < 3 << 20, "its last bytes are not given");
    export.api.get(&place(&export, "README.md")).expect(200);
    // Of a part there is no digest: what is damaged near it is not given either.
    let near = ["range: bytes=999000-1001000", "range: bytes=1000060-1000070"];
    for range in near {
        let request = request.replace("host: x", &format!("host: x\r\n{range}"));
        let mut socket = raw::connect(export.api.address());
        raw::send(&mut socket, &request);
        let mut got = Vec::new();
        let _ = std::io::Read::read_to_end(&mut socket, &mut got);
        let body =
            got.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |end| got.len() - end - 4);
        assert!(body < 11, "{range}: {body} bytes");
    }
    let far =
        export.api.get_with(&place(&export, "noise.bin"), &[("range", "bytes=2000000-2000099")]).expect(206);
    assert_eq!(far.body, noise(3 << 20)[2_000_000..2_000_100], "and what is whole is");

    let found = export.api.act(&export.path("/verify")).expect(200).json();
    assert_eq!(found["ok"], false);
    assert!(found.to_string().contains("noise.bin"), "{found}");
}

/// Bytes of the body of an answer that was cut off, perhaps before its head had left the server.
fn body_of(got: &[u8]) -> usize {
    let head = got.windows(4).position(|window| window == b"\r\n\r\n");
    head.map_or(0, |end| got.len() - end - 4)
}

/// Changes one bit of the only package.
fn flip(house: &House, at: u64) {
    use std::os::unix::fs::FileExt;
    let is_package = |file: &std::path::PathBuf| file.extension().is_some_and(|extension| extension == "zip");
    let path = house.stored_files().into_iter().find(is_package).expect("a package");
    let file = std::fs::File::options().read(true).write(true).open(path).expect("a package");
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("read");
    file.write_all_at(&[byte[0] ^ 1], at).expect("written");
}

#[test]
fn a_package_is_read_again_and_every_check_told() {
    let house = House::open();
    let export = shop(&house);
    let found = export.api.act(&export.path("/verify")).expect(200).json();
    assert_eq!(found["ok"], true, "{found}");
    let names: Vec<_> =
        found["checks"].as_array().expect("checks").iter().map(|check| check["name"].clone()).collect();
    assert_eq!(names, ["size", "checksum", "structure", "entries", "crc", "sha256", "manifest", "signature"]);
    let keys = export.api.anonymous().get("/api/v1/keys").expect(200).json();
    let key = keys["keys"][0]["keyId"].as_str().expect("an id");
    assert!(found["checks"][7]["detail"].as_str().expect("words").contains(key), "{found}");

    flip(&house, 20);
    let found = export.api.act(&export.path("/verify")).expect(200).json();
    assert_eq!(found["ok"], false, "what was opened before is not believed");
    assert_eq!(found["retry"], export.path("/retry"));
    for file in house.stored_files() {
        if file.extension().is_some_and(|extension| extension == "json") {
            let manifest = std::fs::read_to_string(&file).expect("text");
            std::fs::write(&file, manifest.replace("README.md", "README.rs")).expect("written");
        }
    }
    let found = export.api.act(&export.path("/verify")).expect(200).json();
    let told = |name: &str| {
        let checks = found["checks"].as_array().expect("checks");
        checks.iter().find(|check| check["name"] == name).expect("the check").clone()
    };
    assert_eq!(told("signature")["ok"], false, "{found}");
    assert!(told("entries")["detail"].as_str().expect("words").contains("README.rs: is not in the package"));
}

#[test]
fn a_hundred_readers_at_once_and_some_that_leave_all_get_their_bytes() {
    let house = House::open();
    let export = shop(&house);
    let expected = hex(&slow_text(4));
    thread::scope(|scope| {
        for reader in 0..20 {
            let (export, expected) = (&export, &expected);
            scope.spawn(move || {
                let mut socket = raw::connect(export.api.address());
                let (path, token) = (place(export, "large.txt"), export.api.token());
                raw::send(
                    &mut socket,
                    &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"),
                );
                assert!(raw::read_some(&mut socket).starts_with("HTTP/1.1 200"));
                for _ in 0..5 {
                    let answer = export.api.get(&place(export, "large.txt")).expect(200);
                    assert_eq!(hex(&answer.body), *expected, "reader {reader}");
                }
            });
        }
    });
    let hits = house.metric(r#"exportd_cache_requests_total{cache="contents",outcome="miss"}"#);
    assert!(hits < 30.0, "{hits} of 120 requests parsed the manifest");
}

/// The three lines of `exportd verify --help` that check a signature, as they stand there.
fn lines_of_the_help(site: &Site) -> Vec<String> {
    let help = site.exportd(&["verify", "--help"]).output().expect("it ends");
    let help = String::from_utf8(help.stdout).expect("text");
    let (_, after) = help.split_once("without exportd:\n").expect("the help tells how");
    let lines: Vec<_> = after.lines().take(3).map(|line| line.trim().to_owned()).collect();
    assert!(
        lines[0].starts_with("curl") && lines[1].starts_with("python3") && lines[2].starts_with("openssl")
    );
    lines
}

#[test]
fn a_manifest_is_checked_with_openssl_and_python_as_the_help_says() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("größe \"q\" \u{7f}.txt", "x").file("b\\c", "y").file(".env", "z");
    let server = site.serve();
    let ada = server.user("ada");
    let export = ada.request("shop");
    export.completed();
    std::fs::write(site.path().join("shop.zip"), export.download(&[]).expect(200).body).expect("written");
    let manifest = site.path().join("shop.zip.manifest.json");
    let json = ada.get(&export.path("/manifest")).expect(200).body;
    std::fs::write(&manifest, &json).expect("written");

    let script = lines_of_the_help(&site).join("\n");
    let script = format!("set -e\n{}", script.replace("127.0.0.1:8080", &ada.address().to_string()));
    let run = || Command::new("sh").args(["-c", &script]).current_dir(site.path()).output().expect("sh");
    let checked = run();
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        told.contains("Signature Verified Successfully"),
        "{told}{}",
        String::from_utf8_lossy(&checked.stderr)
    );

    let verify = |arguments: &[&str]| {
        let ended = site.exportd(&["verify"]).args(arguments).output().expect("it ends");
        (ended.status.code().expect("a code"), String::from_utf8_lossy(&ended.stdout).into_owned())
    };
    let (code, told) = verify(&["shop.zip", "--key", "key.pem"]);
    assert!(code == 0 && told.contains("signed by key"), "{told}");
    std::fs::write(site.path().join("keys.json"), ada.anonymous().get("/api/v1/keys").body).expect("written");
    assert_eq!(verify(&["shop.zip", "--key", "keys.json"]).0, 0);

    let mut altered: Value = serde_json::from_slice(&json).expect("JSON");
    altered["excluded"] = serde_json::json!([]);
    std::fs::write(&manifest, altered.to_string()).expect("written");
    assert!(!run().status.success());
    let (code, told) = verify(&["shop.zip", "--key", "key.pem"]);
    assert!(code == 5 && told.contains("BROKEN  signature"), "{told}");
    assert_eq!(verify(&["shop.zip"]).0, 0, "only who has the key can know");
}

#[test]
fn the_command_line_has_the_server_verify_by_id() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a.txt", "a");
    let server = site.serve();
    let ada = server.user("ada");
    let export = ada.request("shop");
    export.completed();
    let verify = |id: &str, caller: Option<&Api>| {
        let mut command = site.exportd(&["verify", id]);
        command.env("EXPORTD_SERVER", ada.url(""));
        if let Some(caller) = caller {
            command.env("EXPORTD_TOKEN", caller.token());
        }
        let ended = command.output().expect("it ends");
        (ended.status.code().expect("a code"), String::from_utf8_lossy(&ended.stdout).into_owned())
    };
    let (code, told) = verify(&export.id, Some(&ada));
    assert!(code == 0 && told.contains("checksum") && told.contains("signature"), "{told}");
    assert_eq!(verify(&export.id, Some(&server.user("eve"))).0, 4);
    assert_eq!(verify(&export.id, None).0, 4);
    assert_eq!(verify("00000000-0000-7000-8000-000000000000", Some(&ada)).0, 3);
    assert_eq!(verify("no-such-file.zip", Some(&ada)).0, 3);

    let package = site.stored_files().into_iter().find(|file| file.extension().is_some_and(|e| e == "zip"));
    let package = package.expect("a package");
    let mut bytes = std::fs::read(&package).expect("read");
    bytes[31] ^= 1;
    std::fs::write(&package, bytes).expect("written");
    assert_eq!(verify(&export.id, Some(&ada)).0, 5);
    ada.delete(&export.path("")).expect(204);
    assert_eq!(verify(&export.id, Some(&ada)).0, 3);
    // The key stays its owner's, and is the same after a restart.
    let key = site.path().join("packages/manifest.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).expect("made").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let before = ada.anonymous().get("/api/v1/keys").expect(200).json();
    server.kill();
    let again = site.serve();
    assert_eq!(again.user("ada").anonymous().get("/api/v1/keys").expect(200).json(), before);
}
