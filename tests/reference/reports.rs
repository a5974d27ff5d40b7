//! The seven reports, against sums that were done by hand, and against each other.

use exportd::datasets::reference;

use super::on_all;
use super::place::Place;
use super::seeding::small;
use super::shipped::given;

on_all!(
    each_report_gives_the_sums_that_were_done_by_hand,
    steps_begin_at_full_hours_at_midnight_on_mondays_and_on_the_first_all_in_utc,
    the_end_of_a_range_is_not_in_it,
    every_report_counts_every_row_once_whatever_its_steps,
);

/// Ada's rows of `report`, each in one line.
async fn lines(place: &Place, report: &str, step: &str, range: (Option<&str>, Option<&str>)) -> Vec<String> {
    let (shipped, given) = (place.shipped(), given("ada", step, range.0, range.1));
    let query = shipped.report(report);
    let rows = place.rows(query, &query.bind(place.dialect, &given)).await;
    rows.into_iter().map(|row| row.join(" ")).collect()
}

const ALWAYS: (Option<&str>, Option<&str>) = (None, None);
const OCTOBER: &str = "2026-10-01T00:00:00.000Z";
const NOVEMBER: &str = "2026-11-01T00:00:00.000Z";

async fn each_report_gives_the_sums_that_were_done_by_hand(place: Place) {
    place.hand_made().await;
    for (report, expected) in [
        // conversations, messages, feedback, files, bytes, events, tokens
        ("usage", &[(OCTOBER, "1 2 0 0 0 0 120"), (NOVEMBER, "2 3 3 2 150 2 46")][..]),
        // channel, conversations, closed, messages, in each, seconds: an empty one lasts no time
        (
            "conversations",
            &[
                (OCTOBER, "web 1 1 2 2.000 2.500"),
                (NOVEMBER, "api 1 0 0 0.000 0.000"),
                (NOVEMBER, "widget 1 1 3 3.000 5.001"),
            ],
        ),
        // role, messages, characters (not bytes), tokens in and out
        (
            "messages",
            &[
                (OCTOBER, "assistant 1 6 100 20"),
                (OCTOBER, "user 1 7 0 0"),
                (NOVEMBER, "assistant 2 8 40 6"),
                (NOVEMBER, "user 1 3 0 0"),
            ],
        ),
        // model, answers, average, median, 95 of 100, slowest
        (
            "response_times",
            &[(OCTOBER, "m1 1 2500.000 2500 2500 2500"), (NOVEMBER, "m1 2 200.000 100 300 300")],
        ),
        // answers, ratings, average, good, fair, poor, comments
        ("feedback", &[(OCTOBER, "1 0 ∅ 0 0 0 0"), (NOVEMBER, "2 3 3.000 1 1 1 1")]),
        // provider, model, calls, failed, tokens in and out, dollars
        ("costs", &[(OCTOBER, "p m1 1 0 100 20 0.100001"), (NOVEMBER, "p m1 2 1 40 6 0.200005")]),
        // tool, calls, failed, average, slowest
        ("tools", &[(OCTOBER, "look_up 2 1 200.000 300.000")]),
    ] {
        let expected: Vec<String> =
            expected.iter().map(|(period, sums)| format!("{period} {sums}")).collect();
        assert_eq!(lines(&place, report, "month", ALWAYS).await, expected, "{report}");
    }
}

async fn steps_begin_at_full_hours_at_midnight_on_mondays_and_on_the_first_all_in_utc(place: Place) {
    place.hand_made().await;
    for (step, expected) in [
        ("hour", &["2026-10-31T23:00:00.000Z", "2026-11-15T23:00:00.000Z", "2026-11-16T00:00:00.000Z"][..]),
        ("day", &["2026-10-31T00:00:00.000Z", "2026-11-15T00:00:00.000Z", "2026-11-16T00:00:00.000Z"]),
        // The Mondays of a Saturday, of a Sunday, and of a Monday at midnight.
        ("week", &["2026-10-26T00:00:00.000Z", "2026-11-09T00:00:00.000Z", "2026-11-16T00:00:00.000Z"]),
        ("month", &[OCTOBER, NOVEMBER]),
    ] {
        let told = lines(&place, "messages", step, ALWAYS).await;
        let mut periods: Vec<&str> = told.iter().map(|line| &line[..24]).collect();
        periods.dedup();
        assert_eq!(periods, expected, "{step}");
    }
}

async fn the_end_of_a_range_is_not_in_it(place: Place) {
    place.hand_made().await;
    let midnight = Some("2026-11-16T00:00:00Z");
    let before = lines(&place, "usage", "month", (None, midnight)).await;
    assert_eq!(before[1], format!("{NOVEMBER} 1 1 2 1 50 1 0"));
    let after = lines(&place, "usage", "month", (midnight, None)).await;
    assert_eq!(after, [format!("{NOVEMBER} 1 2 1 1 100 1 46")]);
    assert!(lines(&place, "costs", "day", (midnight, midnight)).await.is_empty());
}

async fn every_report_counts_every_row_once_whatever_its_steps(place: Place) {
    place.up().await;
    reference::seed(&place.url, &small(3)).await.expect("seeded");
    let user = "user_id = 'o''ada'";
    for (report, column, table) in [
        ("usage", "messages", format!("messages WHERE {user}")),
        ("usage", "events", format!("events WHERE {user}")),
        ("usage", "files", format!("files WHERE {user}")),
        ("conversations", "conversations", format!("conversations WHERE {user}")),
        ("conversations", "messages", format!("messages WHERE {user}")),
        ("messages", "messages", format!("messages WHERE {user}")),
        ("response_times", "answers", format!("messages WHERE role = 'assistant' AND {user}")),
        ("feedback", "ratings", format!("feedback WHERE {user}")),
        ("feedback", "answers", format!("messages WHERE role = 'assistant' AND {user}")),
        ("costs", "calls", format!("traces WHERE operation_type = 'chat' AND {user}")),
        ("tools", "calls", format!("traces WHERE operation_type = 'tool_call' AND {user}")),
    ] {
        let counted = place.number(&format!("SELECT count(*) FROM {table}")).await;
        assert!(counted > 0, "{table}");
        let shipped = place.shipped();
        let query = shipped.report(report);
        for step in ["hour", "day", "week", "month"] {
            let bound = query.bind(place.dialect, &given("o'ada", step, None, None));
            let rows = place.rows(query, &bound).await;
            let sum: i64 =
                rows.iter().map(|row| row[query.place(column)].parse::<i64>().expect("whole")).sum();
            assert_eq!(sum, counted, "{report} by {step}: {column}");
        }
    }
}
