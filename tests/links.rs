//! Links: downloads for whoever has one, as often as it allows and no longer.

mod clients;
mod limits;
mod passwords;
mod secrecy;

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::support::api::{Answer, Api, ExportHandle};
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;
use crate::support::sha256;

const HOUR: Duration = Duration::from_secs(3600);

/// An export of Ada's, of about `size` bytes that nothing compresses.
fn packed(house: &House, size: usize) -> ExportHandle {
    house.project("ada", "shop").noise("noise.bin", size).file("src/main.rs", "fn main() {}");
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

/// A link, as whoever was given it uses it.
struct Given {
    api: Api,
    /// Its address.
    url: String,
    /// The path of its address.
    path: String,
    /// The path of its own page among its export's.
    page: String,
}

impl Given {
    fn of(export: &ExportHandle, wanted: &Value) -> Self {
        let made = export.api.post(&export.path("/links"), wanted).expect(201);
        let url = made.text("/url");
        let path = url.strip_prefix(&export.api.url("")).expect("an address of this server").to_owned();
        Self { api: export.api.anonymous(), url, path, page: made.header("location") }
    }

    fn get(&self, headers: &[(&str, &str)]) -> Answer {
        self.api.get_with(&self.path, headers)
    }

    /// As a program that is called `agent`.
    fn get_as(&self, agent: &str, headers: &[(&str, &str)]) -> Answer {
        self.get(&[&[("user-agent", agent)], headers].concat())
    }

    fn head(&self) -> Answer {
        self.api.head(&self.path, &[])
    }

    /// What its maker is told of it.
    fn shown(&self, maker: &Api) -> Value {
        maker.get(&self.page).expect(200).json()
    }
}

#[test]
fn a_link_downloads_exactly_as_its_owner_does() {
    let house = House::open();
    let export = packed(&house, 100_000);
    let link = Given::of(&export, &json!({}));
    let whole = export.download(&[]).expect(200);
    let (tag, size) = (whole.header("etag"), whole.body.len());
    let past_the_end = format!("bytes={size}-");
    let if_range = [("range", "bytes=5-9"), ("if-range", tag.as_str())];
    for asked in [
        &[][..],
        &[("range", "bytes=0-99")],
        &[("range", "bytes=-5")],
        &[("range", "bytes=50000-50009, 0-9, -10")],
        &[("range", &past_the_end)],
        &[("range", "lines=1-2")],
        &if_range,
        &[("if-none-match", &tag)],
        &[("if-match", "\"x\"")],
        &[("if-match", &tag), ("range", "bytes=7-")],
        &[("want-digest", "SHA-256")],
    ] {
        let (owner_s, visitor_s) = (export.download(asked), link.get(asked));
        assert_eq!(visitor_s.status, owner_s.status, "{asked:?}");
        let heads = [&owner_s, &visitor_s].map(|answer| {
            let mut head = answer.headers.clone();
            let own = ["date", "x-correlation-id"];
            // A problem tells the path that was asked for, which is not equally long.
            let of_problem = (answer.status == 412).then_some("content-length");
            own.into_iter().chain(of_problem).for_each(|own| drop(head.remove(own)));
            head
        });
        assert_eq!(heads[0], heads[1], "{asked:?}");
        assert_eq!(visitor_s.header("referrer-policy"), "no-referrer");
        assert!(visitor_s.status == 412 || visitor_s.body == owner_s.body, "{asked:?}");
    }
    let head = link.head().expect(200);
    assert_eq!((head.header("content-length"), head.body.len()), (size.to_string(), 0));
    let refused = link.api.send(Method::PUT, &link.path, &[], None).expect(405);
    assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
}

#[test]
fn a_link_is_made_told_once_listed_and_revoked_at_once() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let made = export.api.post(&export.path("/links"), &json!({"maxDownloads": 2})).expect(201);
    let (id, url) = (made.text("/id"), made.text("/url"));
    assert_eq!(made.header("location"), export.path(&format!("/links/{id}")));
    assert_eq!(made.json()["expiresAt"], export.show()["expiresAt"], "as long as its package");
    let token = url.rsplit('/').next().expect("a path");
    assert_eq!(token.len(), 43, "256 bits: {url}");
    let other = Given::of(&export, &json!({"expiresInSeconds": 60, "password": "open sesame"}));
    let link = Given {
        api: export.api.anonymous(),
        path: format!("/d/{token}"),
        url: url.clone(),
        page: made.header("location"),
    };
    assert_eq!(sha256(&link.get(&[]).expect(200).body), export.show()["checksum"]);

    let listed = export.api.get(&export.path("/links")).expect(200);
    let items = listed.json()["items"].clone();
    assert_eq!(items[0], link.shown(&export.api));
    assert_eq!(items[1], other.shown(&export.api));
    assert_eq!((&items[0]["downloads"], &items[0]["maxDownloads"]), (&json!(1), &json!(2)));
    assert!(items[0]["lastUsedAt"].is_string() && items[1]["lastUsedAt"].is_null());
    assert_eq!((&items[0]["hasPassword"], &items[1]["hasPassword"]), (&json!(false), &json!(true)));
    assert_eq!(items[0]["revokedAt"], json!(null));
    for secret in [token, other.path.trim_start_matches("/d/"), "open sesame", "argon2"] {
        assert!(!String::from_utf8_lossy(&listed.body).contains(secret), "{secret} is listed");
    }

    export.api.delete(&link.page).expect(204);
    assert_eq!(link.get(&[]).expect(410).code(), "LINK_REVOKED");
    assert_eq!(link.head().expect(410).header("referrer-policy"), "no-referrer");
    export.api.delete(&link.page).expect(204);
    assert!(link.shown(&export.api)["revokedAt"].is_string(), "it stays in the list");
    let log = export.api.get(&export.path("/log")).expect(200).json().to_string();
    assert!(
        log.contains(&format!("link {id} made by ada")) && log.contains(&format!("link {id} revoked by ada"))
    );
    assert!(!log.contains(token));
}

#[test]
fn a_link_revoked_through_another_server_lets_nobody_in_here() {
    let rows = OwnDatabase::create();
    let open = || House::with(|settings| settings.database = rows.config());
    let here = open();
    let export = packed(&here, 1_000);
    // Only now, or it might have packed the package, for itself.
    let there = open();
    let link = Given::of(&export, &json!({}));
    link.get(&[]).expect(200);
    there.user("ada").delete(&link.page).expect(204);
    assert_eq!(link.get(&[]).expect(410).code(), "LINK_REVOKED");
    assert_eq!(there.user("ada").anonymous().get(&link.path).expect(410).code(), "LINK_REVOKED");
}

#[test]
fn a_link_ends_with_its_time_its_package_or_its_file() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let ask = |seconds: Value| export.api.post(&export.path("/links"), &json!({"expiresInSeconds": seconds}));
    for wrong in [json!(0), json!(-5), json!(7 * 86_400 + 1), json!(i64::MAX)] {
        let refused = ask(wrong.clone()).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED", "{wrong}");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/expiresInSeconds");
        let left = refused.json()["secondsLeft"].as_u64().expect("a number");
        assert!((7 * 86_400 - 60..=7 * 86_400).contains(&left), "{left} seconds left");
        assert!(refused.text("/detail").contains(&left.to_string()));
    }
    ask(json!(1.5)).expect(400);
    let short = Given::of(&export, &json!({"expiresInSeconds": 3600}));
    let long = Given::of(&export, &json!({}));
    house.clock().advance(HOUR - Duration::from_secs(60));
    short.get(&[]).expect(200);
    house.clock().advance(Duration::from_secs(60));
    let expired = short.get(&[]).expect(410);
    assert_eq!(
        (expired.code(), &expired.json()["expiresAt"]),
        ("LINK_EXPIRED".into(), &short.shown(&export.api)["expiresAt"])
    );
    long.get(&[]).expect(200);

    for file in house.stored_files() {
        std::fs::remove_file(file).expect("a stored file");
    }
    assert_eq!(long.get(&[]).expect(404).code(), "FILE_NOT_FOUND");
    house.clock().advance(HOUR * 24 * 7);
    assert_eq!(long.get(&[]).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(long.get(&[("if-none-match", "*")]).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(ask(json!(1)).expect(410).code(), "PACKAGE_EXPIRED");
    export.api.get(&export.path("/links")).expect(200);
}

#[test]
fn only_the_owner_and_admins_make_see_and_revoke_links() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let link = Given::of(&export, &json!({}));
    let eve = house.user("eve");
    assert_eq!(eve.post(&export.path("/links"), &json!({})).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    for answer in [eve.get(&export.path("/links")), eve.get(&link.page), eve.delete(&link.page)] {
        assert_eq!(answer.expect(403).code(), "FORBIDDEN");
    }
    let nobody = export.api.anonymous();
    for answer in [nobody.post(&export.path("/links"), &json!({})), nobody.delete(&link.page)] {
        assert_eq!(answer.expect(401).code(), "UNAUTHENTICATED");
    }
    let root = house.admin();
    let of_root = Given::of(&root.export(&export.id), &json!({}));
    of_root.get(&[]).expect(200);
    assert_eq!(
        root.get(&export.path("/links")).expect(200).json()["items"].as_array().map(Vec::len),
        Some(2)
    );
    export.api.delete(&of_root.page).expect(204);
    root.delete(&link.page).expect(204);
    link.get(&[]).expect(410);

    let ada = &export.api;
    let unknown = "00000000-0000-7000-8000-000000000000";
    assert_eq!(ada.delete(&export.path("/links/17")).expect(400).code(), "INVALID_ID");
    assert_eq!(ada.delete(&export.path(&format!("/links/{unknown}"))).expect(404).code(), "LINK_NOT_FOUND");
    assert_eq!(ada.post(&ada.export(unknown).path("/links"), &json!({})).expect(404).code(), "JOB_NOT_FOUND");
    // A link is no way to anything but its package.
    let token = link.path.trim_start_matches("/d/");
    let by_token = Api::new(ada.address(), Some(token.to_owned()));
    by_token.get(&export.path("")).expect(401);
}

#[test]
fn before_there_is_a_package_there_is_no_link_to_it() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut body = crate::support::api::wanted("shop");
    body["runAt"] = json!(house.clock().now().plus(HOUR).to_string());
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    assert_eq!(ada.post(&export.path("/links"), &json!({})).expect(404).code(), "PACKAGE_NOT_READY");
    assert_eq!(ada.get(&export.path("/links")).expect(200).json(), json!({"items": []}));
    ada.act(&export.path("/cancel")).expect(202);
}

#[test]
fn the_address_of_a_link_is_that_by_which_its_maker_came() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let by_proxy = [("x-forwarded-proto", "https"), ("x-forwarded-host", "files.example")];
    let url = export.api.post_with(&export.path("/links"), &json!({}), &by_proxy).expect(201).text("/url");
    assert!(url.starts_with("https://files.example/d/"), "{url}");
    export.api.act(&export.path("/links")).expect(201);
    let fixed = House::with(|settings| settings.server.public_url = Some("https://out.example/e".into()));
    let export = packed(&fixed, 1_000);
    let url = export.api.post(&export.path("/links"), &json!({})).expect(201).text("/url");
    assert!(url.starts_with("https://out.example/e/d/"), "{url}");
}

#[test]
fn downloads_by_a_link_without_a_limit_are_counted_too() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let link = Given::of(&export, &json!({}));
    for _ in 0..3 {
        link.get(&[]).expect(200);
    }
    let shown = link.shown(&export.api);
    assert_eq!((&shown["downloads"], &shown["maxDownloads"]), (&json!(3), &json!(null)));
    assert!(shown["lastUsedAt"].is_string());
    assert_eq!(export.show()["downloadCount"], 3);
}
