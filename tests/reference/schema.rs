//! The tables come and go.

use exportd::datasets::reference;

use super::on_all;
use super::place::Place;

on_all!(the_schema_comes_goes_and_comes_again, a_database_with_tables_of_these_names_is_left_alone);

async fn the_schema_comes_goes_and_comes_again(place: Place) {
    place.up().await;
    place.up().await; // Nothing is missing any more, and nothing happens.
    assert_eq!(place.number("SELECT count(*) FROM users").await, 0);
    place
        .run(
            "INSERT INTO users VALUES ('ada', 'a@example.org', 'Ada', NULL, 'en-GB', 'GB', 'free', TRUE, \
               ~2026-11-16T00:00:00.000Z~, ~2026-11-16T00:00:00.000Z~, NULL, 1)",
        )
        .await;

    reference::down(&place.url).await.expect("the schema is taken back");
    place.up().await;
    assert_eq!(place.number("SELECT count(*) FROM users").await, 0);
}

async fn a_database_with_tables_of_these_names_is_left_alone(place: Place) {
    reference::up(&place.url).await.expect("created");
    reference::down(&place.url).await.expect("gone");
    place.run("CREATE TABLE users (whatever INTEGER)").await;
    place.run("INSERT INTO users VALUES (7)").await;

    let refused = reference::up(&place.url).await.expect_err("refused").to_string();
    assert!(refused.contains("users"), "{refused}");
    assert_eq!(place.number("SELECT whatever FROM users").await, 7);
}
