//! Every shipped query is one that the database takes, and gives what is declared.

use std::collections::BTreeSet;

use super::on_all;
use super::place::Place;
use super::shipped::{Argument, Given, given};

on_all!(every_query_gives_exactly_its_declared_columns_with_and_without_its_optional_clauses);

/// A value for everything that any query asks for.
fn everything() -> Given {
    let mut all = given("ada", "week", Some("2026-11-01T00:00:00Z"), Some("2026-11-30T00:00:00Z"));
    let at = all["start"].clone();
    for name in ["from", "until"] {
        all.insert(name, at.clone());
    }
    let texts =
        |texts: &[&str]| texts.iter().map(|text| Argument::Text((*text).to_owned())).collect::<Vec<_>>();
    all.insert("conversation_ids", texts(&["a", "b", "c"]));
    all.insert("widget_session_ids", texts(&["w"]));
    all.insert("trace_ids", texts(&["t", "u"]));
    all.insert("languages", texts(&["en", "ja"]));
    all.insert("channel", texts(&["web"]));
    all.insert("first_user", texts(&["ada"]));
    all.insert("next_user", texts(&["bob"]));
    all.insert("since", at);
    for name in ["limit", "messages_at_least", "stars_at_most"] {
        all.insert(name, vec![Argument::Whole(2)]);
    }
    all
}

async fn every_query_gives_exactly_its_declared_columns_with_and_without_its_optional_clauses(place: Place) {
    place.up().await;
    let needed = {
        let mut needed = given("ada", "week", None, None);
        needed.insert("stars_at_most", vec![Argument::Whole(2)]);
        needed
    };
    for data_set in &place.shipped().0 {
        for query in &data_set.queries {
            let declared: Vec<&str> = query.columns.iter().map(|(name, _)| name.as_str()).collect();
            for given in [&needed, &everything()] {
                let bound = query.bind(place.dialect, given);
                assert_eq!(place.columns(&bound).await, declared, "{}: {}", data_set.name, query.name);
                place.rows(query, &bound).await;
            }
        }
    }
}

#[test]
fn every_kind_is_shipped_and_whoever_is_no_admin_gets_their_own_rows_only() {
    let shipped = Place::sqlite().shipped();
    let kinds: BTreeSet<&str> = shipped.0.iter().map(|set| set.kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["analytics", "bulk", "conversation", "custom", "trace", "user_data"]));
    let reports: Vec<&str> = shipped.0.iter().filter_map(|set| set.report.as_deref()).collect();
    assert_eq!(
        reports,
        ["usage", "conversations", "messages", "response_times", "feedback", "costs", "tools"]
    );
    for data_set in shipped.0.iter().filter(|set| !set.admins_only) {
        for query in &data_set.queries {
            assert!(query.parameters().contains(&"user_id"), "{}: {}", data_set.name, query.name);
        }
    }
    assert!(shipped.of_kind("bulk").admins_only);
    assert_eq!(shipped.of_kind("trace").queries[0].columns.len(), 29);
}
