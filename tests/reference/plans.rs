//! How the shipped queries get at their rows: by an index, however many others have rows too.

use exportd::datasets::reference;

use super::place::{Place, run};
use super::seeding::small;
use super::shipped::{Argument, Bound, given};

#[test]
fn no_query_of_one_user_reads_everybody_s_rows() {
    run(Place::sqlite(), |place| async move {
        place.up().await;
        reference::seed(&place.url, &small(1)).await.expect("seeded");
        for data_set in place.shipped().0.iter().filter(|set| !set.admins_only) {
            for query in &data_set.queries {
                let mut given = given("o'ada", "day", Some("2026-11-01T00:00:00Z"), None);
                given.insert("messages_at_least", vec![Argument::Whole(1)]);
                let bound = query.bind(place.dialect, &given);
                let explained = Bound { sql: format!("EXPLAIN QUERY PLAN {}", bound.sql), ..bound };
                for step in place.in_order(&explained, 3).await {
                    // Of what was gathered for this query all is read; of a table only what is the user's.
                    let whole = step
                        .strip_prefix("SCAN ")
                        .is_some_and(|what| what.len() == 1 && !matches!(what, "p" | "r"));
                    assert!(!whole, "{}: {}: {step}", data_set.name, query.name);
                }
            }
        }
    });
}

#[test]
fn conversations_and_traces_are_sorted_by_no_more_than_one_conversation_at_a_time() {
    run(Place::sqlite(), |place| async move {
        place.up().await;
        let shipped = place.shipped();
        for kind in ["conversation", "trace"] {
            let query = &shipped.of_kind(kind).queries[0];
            let bound = query.bind(place.dialect, &given("o'ada", "day", None, None));
            let explained = Bound { sql: format!("EXPLAIN QUERY PLAN {}", bound.sql), ..bound };
            let steps = place.in_order(&explained, 3).await;
            // What is sorted is one message's ratings, and one conversation's messages.
            let sorted = steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY");
            assert!(!sorted, "{kind}: {steps:?}");
        }
    });
}
