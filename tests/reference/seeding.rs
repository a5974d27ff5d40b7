//! Made-up rows: the same every time, and enough to look at.

use exportd::datasets::reference::{self, ReferenceError, Seed};
use exportd::domain::UserId;

use super::place::Place;
use super::shipped::Bound;
use super::{UNTIL, on_all};
use crate::support::sha256;

on_all!(the_same_seed_makes_the_same_rows_and_another_makes_others, nothing_is_mixed_with_what_is_there);

pub fn small(seed: u64) -> Seed {
    let first: UserId = "o'ada".parse().expect("an id");
    Seed { seed, first, users: 5, conversations: 60, first_percent: 50, days: 90, until: UNTIL }
}

async fn digest(place: &Place, seed: u64) -> String {
    place.up().await;
    let seeded = reference::seed(&place.url, &small(seed)).await.expect("seeded");
    assert_eq!((seeded.users, seeded.conversations), (5, 60));
    let mut rows = Vec::new();
    for data_set in place
        .shipped()
        .0
        .iter()
        .filter(|set| matches!(set.name.as_str(), "user_data" | "conversations" | "traces"))
    {
        for query in &data_set.queries {
            for user in ["o'ada", "user-000002", "user-000003", "user-000004", "user-000005"] {
                let given = super::shipped::given(user, "day", None, None);
                rows.push(place.rows(query, &query.bind(place.dialect, &given)).await);
            }
        }
    }
    assert!(rows.iter().flatten().count() as u64 > seeded.messages + seeded.traces + seeded.events);
    sha256(format!("{rows:?}").as_bytes())
}

/// Written down: the rows are the same on every database, in every version.
const DIGEST: &str = "087f4492d30356a09e76eaf1bd67de5e1550ad3291c74e7cd2e9efae6b06446b";

async fn the_same_seed_makes_the_same_rows_and_another_makes_others(place: Place) {
    assert_eq!(digest(&place, 1).await, DIGEST);
    reference::down(&place.url).await.expect("gone");
    assert_ne!(digest(&place, 2).await, DIGEST);
}

async fn nothing_is_mixed_with_what_is_there(place: Place) {
    place.up().await;
    reference::seed(&place.url, &small(1)).await.expect("seeded");
    let refused = reference::seed(&place.url, &small(1)).await.expect_err("refused");
    assert!(matches!(refused, ReferenceError::NotEmpty(5)), "{refused}");
    assert_eq!(place.number("SELECT count(*) FROM conversations").await, 60);
}

#[test]
fn the_sample_user_has_most_of_the_demo_s_data_and_it_speaks_many_languages() {
    super::place::run(Place::sqlite(), |place| async move {
        place.up().await;
        let seed = Seed::demo("demo".parse().expect("an id"), UNTIL);
        let seeded = reference::seed(&place.url, &seed).await.expect("seeded");
        assert!(seeded.messages > 12_000 && seeded.events > 9_000 && seeded.traces > 5_000, "{seeded:?}");
        let own = place.number("SELECT count(*) FROM conversations WHERE user_id = 'demo'").await;
        assert!((1_600..2_000).contains(&own), "{own}");
        assert_eq!(place.number("SELECT count(DISTINCT language) FROM conversations").await, 11);

        // Nothing lies outside of the ninety days, and no answer comes before its question.
        for (table, column) in [
            ("conversations", "created_at"),
            ("messages", "created_at"),
            ("events", "created_at"),
            ("traces", "end_time"),
        ] {
            let outside = format!(
                "SELECT count(*) FROM {table} WHERE {column} > '{UNTIL}' OR {column} < '2026-08-23T12:00:00.000Z'"
            );
            assert_eq!(place.number(&outside).await, 0, "{table}");
        }
        let wrong = "SELECT count(*) FROM messages a JOIN messages b ON b.conversation_id = a.conversation_id \
                     AND b.seq = a.seq + 1 WHERE b.created_at < a.created_at";
        assert_eq!(place.number(wrong).await, 0);

        let said = Bound { sql: "SELECT DISTINCT content FROM messages".to_owned(), arguments: Vec::new() };
        let said: String = place.texts(&said, 1).await.concat().concat();
        for part in ["groß", "注文", "退款", "회원", "שלום", "مرحبًا", "🎉", "𠮷", "👨‍👩‍👧‍👦", "=SUM(", "\n", "<b>"]
        {
            assert!(said.contains(part), "{part}");
        }
        assert!(!said.contains('#') || said.contains("#REF!"), "a number is missing");
    });
}
