//! What nobody is to see: the secrets of tokens and sessions, whoever looks where.

use std::process::Command;

use serde_json::json;

use crate::support::house::House;
use crate::support::process::Site;

use super::{Made, TOKENS};

#[test]
fn neither_tokens_nor_sessions_are_in_the_log_however_much_is_logged() {
    let site = Site::new(&[("LOG__LEVEL", "trace")]);
    let server = site.serve();
    let ada = server.user("ada");
    let wanted = json!({"name": "backup", "scopes": ["exports:write"]});
    let made = Made::of(&ada, &ada.post_with(TOKENS, &wanted, &[("idempotency-key", "t")]).expect(201));
    let session = ada.post_with("/api/v1/session", &json!({}), &[("idempotency-key", "s")]).expect(201);
    let cookie = session.header("set-cookie").split(';').next().expect("a pair").to_owned();
    let (csrf, value) = (session.text("/csrfToken"), cookie.split('=').nth(1).expect("a value").to_owned());
    let url = ada.url("/api/v1/exports");
    let typo = format!("{}x", &made.secret[..52]);
    for http in ["--http1.1", "--http2-prior-knowledge"] {
        for header in [
            format!("Authorization: Bearer {}", made.secret),
            format!("Authorization: Bearer {typo}"),
            format!("Cookie: {cookie}"),
            format!("Cookie: {cookie}; {cookie}"),
        ] {
            let csrf = format!("X-CSRF-Token: {csrf}");
            let arguments = ["-sS", http, "-X", "POST", "-H", &header, "-H", &csrf, &url];
            let curl = Command::new("curl").args(arguments).output();
            assert!(curl.expect("curl is installed").status.success());
        }
    }
    let own = [("cookie", cookie.as_str()), ("x-csrf-token", &csrf)];
    ada.anonymous().send(ureq::http::Method::DELETE, "/api/v1/session", &own, None).expect(204);
    ada.delete(&made.path()).expect(204);
    server.terminate();
    assert!(server.gone().success());

    let log = site.log();
    assert!(log.contains("TRACE") && log.contains("/api/v1/tokens/{tokenId}"), "it tells very much");
    for secret in [&made.secret, &typo, &value, &csrf, ada.token()] {
        let secret = secret.trim_start_matches("exd_");
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

#[test]
fn whoever_reads_the_database_has_no_token_and_no_session() {
    let house = House::open();
    let ada = house.user("ada");
    let wanted = json!({"name": "backup", "scopes": ["exports:write"]});
    let made = Made::of(&ada, &ada.post_with(TOKENS, &wanted, &[("idempotency-key", "my-key")]).expect(201));
    let begin =
        || ada.post_with("/api/v1/session", &json!({}), &[("idempotency-key", "other-key")]).expect(201);
    let (session, again) = (begin(), begin());
    assert_eq!(session.header("set-cookie"), again.header("set-cookie"), "the same reply");
    assert_eq!(session.json(), again.json());
    let cookie = session.header("set-cookie");
    let value = cookie.split([';', '=']).nth(1).expect("a value");
    let secrets = [&made.secret[4..], &made.secret[4..47], value, &session.text("/csrfToken"), "my-key"];

    let kept: String = house.stored(
        "SELECT (SELECT token_hash || name || scopes FROM api_tokens) || (SELECT token_hash FROM sessions)
            || (SELECT min(CAST(reply AS TEXT)) || max(CAST(reply AS TEXT)) || min(key) || max(key) FROM replies)",
    );
    assert!(kept.contains("backup") && kept.contains("\"body\""), "{kept}");
    for secret in secrets {
        assert!(!kept.contains(secret), "{secret} in {kept}");
    }
    // And in the files themselves, where there are some.
    let url = house.settings().database.url.clone();
    for file in
        url.strip_prefix("sqlite://").map(|path| [path.to_owned(), format!("{path}-wal")]).iter().flatten()
    {
        let bytes = std::fs::read(file).expect("the database");
        let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        for secret in secrets {
            assert!(!has(secret.as_bytes()), "{secret} in {file}");
        }
    }
    made.api.get("/api/v1/exports").expect(200);
}

#[test]
fn a_token_in_a_project_leaves_in_no_package() {
    let house = House::open();
    let made = Made::by(&house.user("ada"), &["exports:write"]);
    let script = format!("curl -H 'Authorization: Bearer {}' https://exports.example\n", made.secret);
    house.project("ada", "shop").file("backup.sh", &script).file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let manifest = export.api.get(&export.path("/manifest")).expect(200).json().to_string();
    assert!(manifest.contains("exportd-token") && !manifest.contains(&made.secret[4..]), "{manifest}");
    let package = export.download(&[]).expect(200).body;
    assert!(!package.windows(9).any(|part| part == b"backup.sh"));
}
