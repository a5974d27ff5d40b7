//! Everything works for a role that owns nothing and gets past nothing.

use std::time::Duration;

use serde_json::json;

use super::Scene;
use crate::support::postgres::psql;

#[test]
fn a_server_that_row_security_binds_does_all_that_a_server_does() {
    let scene = Scene::set();
    let (ada, bob) = (scene.furnish("ada"), scene.furnish("bob"));
    let role = psql(
        &scene.rows.superuser_url(),
        "SELECT usename FROM pg_stat_activity WHERE application_name = 'exportd' AND datname = current_database()",
    );
    assert!(role.lines().count() > 0 && role.lines().all(|role| role.ends_with("_server")), "{role}");

    assert_eq!(
        ada.api.get(&ada.path("/downloads")).expect(200).json()["items"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(ada.api.get("/api/v1/exports").expect(200).json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        scene.house.admin().get("/api/v1/exports").expect(200).json()["items"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(bob.api.get(&ada.path("")).expect(403).code(), "FORBIDDEN");
    assert_eq!(bob.api.get(&ada.path("/download")).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    ada.api.get(&ada.path("/manifest")).expect(200);
    ada.api.get(&ada.path("/log")).expect(200);
    let other = json!({"kind": "project", "selector": {"projectId": "adasecret"}, "format": "tar.zst"});
    let once = || ada.api.post_with("/api/v1/exports", &other, &[("idempotency-key", "twice")]).text("/id");
    let second = once();
    assert_eq!(once(), second, "the same reply");
    ada.api.export(&second).completed();
    ada.api.delete("/api/v1/projects/adasecret").expect(204);

    // Expired, swept, and after a year forgotten.
    scene.house.clock().advance(Duration::from_secs(8 * 86_400));
    assert_eq!(ada.download(&[]).expect(410).code(), "PACKAGE_EXPIRED");
    scene.house.sweep();
    assert!(scene.house.stored_files().is_empty(), "{:?}", scene.house.stored_files());
    scene.house.clock().advance(Duration::from_secs(366 * 86_400));
    scene.house.sweep();
    assert_eq!(psql(&scene.rows.superuser_url(), "SELECT count(*) FROM exports").trim(), "0");
}

#[test]
fn two_servers_that_are_bound_share_their_rows() {
    let scene = Scene::set();
    let ada = scene.furnish("ada");
    let there = Scene::another(&scene.rows);
    let seen = there.user("ada").get(&ada.path("")).expect(200);
    assert_eq!(seen.text("/status"), "completed");
    assert_eq!(there.user("eve").get(&ada.path("")).expect(403).code(), "FORBIDDEN");
    ada.api.delete(&ada.path("")).expect(204);
    let gone = there.user("ada").get(&ada.path("/download")).expect(410);
    assert_eq!(gone.code(), "PACKAGE_EXPIRED");
    let again = there.user("ada").act(&ada.path("/retry")).expect(202).text("/id");
    assert_eq!(ada.api.get(&format!("/api/v1/exports/{again}")).expect(200).text("/id"), again);
    ada.api.act(&format!("/api/v1/exports/{again}/cancel")).expect_one_of(&[202, 409]);
    ada.api.export(&again).until("it ended", |export| {
        ["completed", "failed", "cancelled"].contains(&export["status"].as_str().unwrap_or_default())
    });
}
