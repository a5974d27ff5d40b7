//! Whose rows anybody gets, which of them, and in what order.

use exportd::datasets::reference;

use super::on_all;
use super::place::Place;
use super::seeding::small;
use super::shipped::{Argument, Given, given};

on_all!(
    nothing_of_another_user_is_ever_in_a_user_s_rows,
    no_message_is_there_twice_however_often_it_was_rated_or_traced,
    conversations_come_one_after_another_each_from_its_beginning,
    selectors_choose_what_they_say,
    everyone_is_walked_in_stretches_that_neither_skip_nor_repeat,
    the_examples_of_custom_data_sets_keep_to_their_parameters,
);

fn texts(texts: &[&str]) -> Vec<Argument> {
    texts.iter().map(|text| Argument::Text((*text).to_owned())).collect()
}

fn with(mut given: Given, name: &'static str, values: Vec<Argument>) -> Given {
    given.insert(name, values);
    given
}

async fn nothing_of_another_user_is_ever_in_a_user_s_rows(place: Place) {
    place.hand_made().await;
    // What is Bob's: ids, texts, numbers.
    let foreign = [
        "bob", "fb1", "wb1", "b1", "mb1", "mb2", "rb1", "eb1", "sb1", "tb1", "hallo", "so lala", "9.000000",
        "9000",
    ];
    for data_set in place.shipped().0.iter().filter(|set| !set.admins_only) {
        for query in &data_set.queries {
            let given = with(given("ada", "day", None, None), "messages_at_least", vec![Argument::Whole(0)]);
            let rows = place.rows(query, &query.bind(place.dialect, &given)).await;
            assert!(!rows.is_empty(), "{}: {}", data_set.name, query.name);
            for cell in rows.iter().flatten() {
                assert!(!foreign.contains(&cell.as_str()), "{}: {} tells {cell}", data_set.name, query.name);
            }
        }
    }
    // Nor when they are asked for by name.
    let shipped = place.shipped();
    for (kind, name, ids) in [
        ("conversation", "conversation_ids", ["b1"]),
        ("conversation", "widget_session_ids", ["wb1"]),
        ("trace", "trace_ids", ["tb1"]),
    ] {
        let query = &shipped.of_kind(kind).queries[0];
        let given = with(given("ada", "day", None, None), name, texts(&ids));
        assert!(place.rows(query, &query.bind(place.dialect, &given)).await.is_empty(), "{name}");
    }
}

async fn no_message_is_there_twice_however_often_it_was_rated_or_traced(place: Place) {
    place.hand_made().await;
    let shipped = place.shipped();
    let query = &shipped.of_kind("conversation").queries[0];
    let rows = place.rows(query, &query.bind(place.dialect, &given("ada", "day", None, None))).await;
    let told =
        |row: &Vec<String>| (row[query.place("message_id")].clone(), row[query.place("rating")].clone());
    let told: Vec<_> = rows.iter().map(told).collect();
    let expected = [("ma1", "∅"), ("ma2", "5"), ("ma3", "∅"), ("ma4", "3"), ("ma5", "∅")];
    assert_eq!(
        told,
        expected.map(|(id, rating)| (id.to_owned(), rating.to_owned())),
        "the latest rating counts"
    );
}

async fn conversations_come_one_after_another_each_from_its_beginning(place: Place) {
    place.up().await;
    reference::seed(&place.url, &small(4)).await.expect("seeded");
    let shipped = place.shipped();
    let query = &shipped.of_kind("conversation").queries[0];
    let bound = query.bind(place.dialect, &given("o'ada", "day", None, None));
    let talks = place.in_order(&bound, query.place("conversation_id")).await;
    let mut begun = talks.clone();
    begun.dedup();
    let mut different = begun.clone();
    different.sort();
    different.dedup();
    assert_eq!(begun.len(), different.len(), "a conversation comes back after another");

    let messages = place.in_order(&bound, query.place("message_id")).await;
    let mut within: Vec<_> = talks.into_iter().zip(messages).collect();
    let came = within.clone();
    // Their ids were given in the order in which they were said.
    within.sort_by_key(|(talk, message)| (begun.iter().position(|other| other == talk), message.clone()));
    assert_eq!(came, within);
}

async fn selectors_choose_what_they_say(place: Place) {
    place.hand_made().await;
    let shipped = place.shipped();
    let talks = &shipped.of_kind("conversation").queries[0];
    let ids = async |given: Given| {
        place.in_order(&talks.bind(place.dialect, &given), talks.place("message_id")).await
    };
    let all = || given("ada", "day", None, None);
    assert_eq!(ids(with(all(), "conversation_ids", texts(&["a1", "a3"]))).await, ["ma1", "ma2"]);
    assert_eq!(ids(with(all(), "widget_session_ids", texts(&["wa1"]))).await, ["ma3", "ma4", "ma5"]);
    assert_eq!(ids(with(all(), "limit", vec![Argument::Whole(3)])).await, ["ma1", "ma2", "ma3"]);
    let (from, until) = (Some("2026-11-15T23:59:59.999Z"), Some("2026-11-16T00:00:05Z"));
    assert_eq!(ids(given("ada", "day", from, until)).await, ["ma3", "ma4"]);

    let traces = &shipped.of_kind("trace").queries[0];
    let ids =
        async |given: Given| place.in_order(&traces.bind(place.dialect, &given), traces.place("id")).await;
    assert_eq!(ids(all()).await, ["sa2", "sa3", "sa1", "sa4", "sa5"]);
    assert_eq!(ids(with(all(), "trace_ids", texts(&["ta2", "tb1"]))).await, ["sa4"]);

    let files = shipped.of_kind("user_data").query("files");
    let bound = files.bind(place.dialect, &given("ada", "day", Some("2026-11-16T00:00:00Z"), None));
    assert_eq!(place.in_order(&bound, files.place("id")).await, ["fa1"]);
}

async fn everyone_is_walked_in_stretches_that_neither_skip_nor_repeat(place: Place) {
    place.up().await;
    reference::seed(&place.url, &small(5)).await.expect("seeded");
    let shipped = place.shipped();
    let everyone = shipped.of_kind("bulk");
    let users = everyone.query("users");
    let walked = place.in_order(&users.bind(place.dialect, &Given::new()), users.place("id")).await;
    assert_eq!(walked, ["o'ada", "user-000002", "user-000003", "user-000004", "user-000005"]);
    let tables = [
        "files",
        "file_metadata",
        "widget_sessions",
        "conversations",
        "messages",
        "feedback",
        "events",
        "traces",
    ];
    for table in tables {
        let query = everyone.query(table);
        let mut rows = 0;
        let begins: Vec<_> = walked.chunks(2).map(|stretch| &stretch[0]).collect();
        for (number, begin) in begins.iter().enumerate() {
            let end = |user: &String| vec![Argument::Text(user.clone())];
            let first = (number > 0).then(|| ("first_user", end(begin)));
            let next = begins.get(number + 1).map(|next| ("next_user", end(next)));
            let given: Given = first.into_iter().chain(next).collect();
            rows += place.rows(query, &query.bind(place.dialect, &given)).await.len();
        }
        let all = place.number(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(rows.to_string(), all.to_string(), "{table}");
    }

    let statistics = everyone.query("statistics");
    let rows = place.rows(statistics, &statistics.bind(place.dialect, &Given::new())).await;
    assert_eq!(rows.len(), 8);
    for row in rows {
        assert_eq!(
            place.number(&format!("SELECT count(*) FROM {}", row[0])).await.to_string(),
            row[1],
            "{}",
            row[0]
        );
    }
}

async fn the_examples_of_custom_data_sets_keep_to_their_parameters(place: Place) {
    place.hand_made().await;
    let shipped = place.shipped();
    let list = shipped.called("conversation_list");
    let ids = async |given: Given| place.in_order(&list.bind(place.dialect, &given), list.place("id")).await;
    let all = || given("ada", "day", None, None);
    assert_eq!(ids(all()).await, ["a1", "a2", "a3"]);
    assert_eq!(ids(with(all(), "messages_at_least", vec![Argument::Whole(1)])).await, ["a1", "a2"]);
    assert_eq!(ids(with(all(), "languages", texts(&["ja", "de"]))).await, ["a3"]);
    assert_eq!(ids(with(all(), "channel", texts(&["widget"]))).await, ["a2"]);

    let poor = shipped.called("poor_answers");
    let rows = async |stars, from: Option<&str>| {
        let mut given = Given::from([("stars_at_most", vec![Argument::Whole(stars)])]);
        given.extend(super::shipped::given("", "day", from, None).remove("start").map(|at| ("from", at)));
        place.in_order(&poor.bind(place.dialect, &given), poor.place("message_id")).await
    };
    assert_eq!(rows(2, None).await, ["ma2", "mb2"]);
    assert_eq!(rows(2, Some("2026-11-02T00:00:00Z")).await, ["mb2"]);
    assert_eq!(rows(1, None).await, ["ma2"]);
}
