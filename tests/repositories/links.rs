//! Links: found by their tokens, taken back everywhere at once, and never used too often.

use std::collections::HashSet;
use std::ops::Range;
use std::time::Duration;

use exportd::db::{Boarded, Boarding, Database, DownloadRow, MOST_LINKS, Returned};
use exportd::domain::{Export, Link, LinkEnd, LinkId, PasswordHash, Receiver, Sha256, Status};
use exportd::telemetry::Metrics;
use uuid::Uuid;

use super::{MINUTE, NOW, Rows, by_ada, on_both, user};

const SIZE: u64 = 1_000;
const STORE: Uuid = Uuid::from_u128(7);

on_both!(
    a_link_is_found_by_what_its_token_hashes_to_and_by_its_export,
    a_link_is_taken_back_once_and_for_every_server,
    an_export_has_had_so_many_links_and_no_more,
    links_go_with_their_export,
    two_servers_that_race_give_out_no_more_passes_than_there_are,
    a_resume_belongs_to_its_pass_and_the_whole_again_does_not,
    whoever_is_patient_hears_that_it_is_undecided_and_takes_nothing,
    what_was_not_sent_is_free_again_once_and_only_once,
    what_a_dead_process_promised_is_free_when_its_store_is_held_again,
    a_promise_of_a_process_that_never_returns_lapses,
    by_a_link_that_has_ended_nobody_boards,
    downloads_by_link_are_counted_by_link,
);

fn link(export: &Export, token: u8, max_downloads: Option<u64>) -> Link {
    Link {
        id: LinkId::new(),
        export: export.id,
        made_by: user("ada"),
        token_hash: Sha256([token; 32]),
        password_hash: None,
        max_downloads,
        downloads: 0,
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

/// A link of a completed export that allows `most` downloads.
async fn limited(rows: &Rows, most: u64) -> Link {
    let export = rows.completed("ada", "shop").await;
    let link = link(&export, 1, Some(most));
    assert!(rows.database.links().make(&link).await.expect("written"));
    link
}

fn boarding(link: &Link, visitor: &str, planned: Range<u64>) -> Boarding {
    Boarding {
        link: link.id,
        visitor: visitor.to_owned(),
        planned: std::iter::once(planned).collect(),
        size: SIZE,
        holder: STORE,
    }
}

async fn board(rows: &Rows, link: &Link, visitor: &str, planned: Range<u64>) -> Boarded {
    let boarding = boarding(link, visitor, planned);
    rows.database.passes().board(&boarding, false, NOW).await.expect("an answer")
}

async fn boards(rows: &Rows, link: &Link, visitor: &str, planned: Range<u64>) -> Uuid {
    match board(rows, link, visitor, planned).await {
        Boarded::On(pass) => pass,
        other => panic!("{visitor} is not let on: {other:?}"),
    }
}

async fn ends(rows: &Rows, pass: Uuid, planned: Range<u64>, sent: u64) {
    rows.database.passes().give_back(&[returned(pass, planned, sent)], NOW).await.expect("written");
}

fn returned(pass: Uuid, planned: Range<u64>, sent: u64) -> Returned {
    Returned { pass, planned: std::iter::once(planned).collect(), sent }
}

async fn taken(rows: &Rows, link: &Link) -> u64 {
    rows.database.links().find(link.export, link.id).await.expect("an answer").expect("a link").downloads
}

async fn a_link_is_found_by_what_its_token_hashes_to_and_by_its_export(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let links = rows.database.links();
    let mut one = link(&export, 1, Some(3));
    one.password_hash = Some(PasswordHash::new("$argon2id$…"));
    one.expires_at = Some(NOW.plus(MINUTE));
    let other = link(&export, 2, None);
    for link in [&one, &other] {
        assert!(links.make(link).await.expect("written"));
    }
    assert_eq!(links.by_token(&Sha256([1; 32])).await.expect("an answer"), Some(one.clone()));
    assert_eq!(links.by_token(&Sha256([3; 32])).await.expect("an answer"), None);
    assert_eq!(links.of(export.id).await.expect("an answer"), [one.clone(), other.clone()]);
    assert_eq!(links.find(export.id, other.id).await.expect("an answer"), Some(other.clone()));
    assert_eq!(links.find(exportd::domain::ExportId::new(), other.id).await.expect("an answer"), None);

    let twin = link(&export, 1, None);
    assert!(links.make(&twin).await.is_err(), "two links of one token");
    let log = rows.exports().events(export.id, 0, 100).await.expect("a log");
    let told: Vec<_> = log.iter().filter(|line| line.kind == "link").map(|line| &line.message).collect();
    assert!(
        told[0].contains("made by ada, for 3 downloads at most, until ")
            && told[0].ends_with("with a password")
    );
    assert_eq!(told.len(), 2, "{told:?}");
}

async fn a_link_is_taken_back_once_and_for_every_server(rows: Rows) {
    let link = limited(&rows, 3).await;
    let other = Database::open(&rows.config, Metrics::new("test")).await.expect("a database");
    let revoke = async |database: &Database| {
        let (by, completed) = (user("root"), Status::Completed);
        database.links().revoke(link.export, link.id, &by, completed, NOW).await.expect("an answer")
    };
    assert!(revoke(&other).await);
    let found = rows.database.links().by_token(&link.token_hash).await.expect("an answer").expect("a link");
    assert_eq!(found.end_at(NOW), Some(LinkEnd::Revoked));
    assert!(!revoke(&rows.database).await, "once");
    let log = rows.exports().events(link.export, 0, 100).await.expect("a log");
    assert_eq!(log.last().expect("a line").message, format!("link {} revoked by root", link.id));
    other.close().await;
}

async fn an_export_has_had_so_many_links_and_no_more(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    for number in 0..=MOST_LINKS {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        let link = Link { token_hash: Sha256(hash), ..link(&export, 0, None) };
        let made = rows.database.links().make(&link).await.expect("an answer");
        assert_eq!(made, number < MOST_LINKS, "{number}");
    }
}

async fn links_go_with_their_export(rows: Rows) {
    let link = limited(&rows, 3).await;
    boards(&rows, &link, "curl", 0..SIZE).await;
    let later = NOW.plus(MINUTE * 10);
    rows.exports().expire_due(later, 10).await.expect("a sweep");
    rows.exports().mark_swept(link.export, later).await.expect("written");
    assert_eq!(rows.exports().prune(later, 10).await.expect("a sweep"), 1);
    assert_eq!(rows.database.links().by_token(&link.token_hash).await.expect("an answer"), None);
    let promise = [returned(Uuid::now_v7(), 0..10, 10)];
    rows.database.passes().give_back(&promise, later).await.expect("what is gone is passed over");
}

async fn two_servers_that_race_give_out_no_more_passes_than_there_are(rows: Rows) {
    let link = limited(&rows, 3).await;
    let other = Database::open(&rows.config, Metrics::new("test")).await.expect("a database");
    let racing = (0..64).map(|racer| {
        let database = if racer % 2 == 0 { rows.database.clone() } else { other.clone() };
        // Eight visitors, each many times at once.
        let boarding = boarding(&link, &format!("visitor {}", racer / 2 % 8), 0..SIZE);
        tokio::spawn(async move { database.passes().board(&boarding, false, NOW).await.expect("an answer") })
    });
    let mut passes = HashSet::new();
    for raced in futures_util::future::join_all(racing.collect::<Vec<_>>()).await {
        match raced.expect("no panic") {
            Boarded::On(pass) => assert!(passes.insert(pass), "two whole downloads on one pass"),
            refused => assert_eq!(refused, Boarded::UsedUp),
        }
    }
    assert_eq!((passes.len(), taken(&rows, &link).await), (3, 3));
    other.close().await;
}

async fn a_resume_belongs_to_its_pass_and_the_whole_again_does_not(rows: Rows) {
    let link = limited(&rows, 2).await;
    let pass = boards(&rows, &link, "curl", 0..SIZE).await;
    ends(&rows, pass, 0..SIZE, 400).await;
    assert_eq!(boards(&rows, &link, "curl", 400..SIZE).await, pass);
    assert!(rows.database.passes().has_one(link.id, "curl").await.expect("an answer"));
    assert!(!rows.database.passes().has_one(link.id, "wget").await.expect("an answer"));
    assert_ne!(boards(&rows, &link, "wget", 400..SIZE).await, pass, "another's");
    assert_eq!(board(&rows, &link, "curl", 0..SIZE).await, Boarded::UsedUp);
    ends(&rows, pass, 400..SIZE, 600).await;
    assert_eq!(board(&rows, &link, "curl", 0..SIZE).await, Boarded::UsedUp);
    assert_eq!(taken(&rows, &link).await, 2);
}

async fn whoever_is_patient_hears_that_it_is_undecided_and_takes_nothing(rows: Rows) {
    let link = limited(&rows, 3).await;
    let pass = boards(&rows, &link, "firefox", 0..SIZE).await;
    let again = boarding(&link, "firefox", 0..SIZE);
    let patiently = async || rows.database.passes().board(&again, true, NOW).await.expect("an answer");
    assert_eq!(patiently().await, Boarded::Undecided);
    assert_eq!(taken(&rows, &link).await, 1);
    ends(&rows, pass, 0..SIZE, 10).await;
    assert_eq!(patiently().await, Boarded::On(pass), "it had broken off");
    ends(&rows, pass, 0..SIZE, SIZE).await;
    assert!(matches!(patiently().await, Boarded::On(other) if other != pass), "it was whole");
    assert_eq!(taken(&rows, &link).await, 2);
}

async fn what_was_not_sent_is_free_again_once_and_only_once(rows: Rows) {
    let link = limited(&rows, 1).await;
    let pass = boards(&rows, &link, "curl", 0..SIZE).await;
    for _ in 0..2 {
        assert_eq!(boards(&rows, &link, "curl", 500..SIZE).await, pass);
    }
    assert_eq!(
        board(&rows, &link, "curl", 999..SIZE).await,
        Boarded::UsedUp,
        "twice the package is promised"
    );
    // Two of the same at once: each is given back as much as it did not send.
    let one = returned(pass, 500..SIZE, 0);
    rows.database.passes().give_back(&[one.clone(), one], NOW).await.expect("written");
    assert_eq!(boards(&rows, &link, "curl", 500..SIZE).await, pass);
    assert_eq!(boards(&rows, &link, "curl", 500..SIZE).await, pass);
    assert_eq!(board(&rows, &link, "curl", 999..SIZE).await, Boarded::UsedUp);
}

async fn what_a_dead_process_promised_is_free_when_its_store_is_held_again(rows: Rows) {
    let link = limited(&rows, 1).await;
    let pass = boards(&rows, &link, "curl", 0..SIZE).await;
    rows.database.passes().free_of(Uuid::from_u128(8), NOW).await.expect("written");
    assert_eq!(board(&rows, &link, "curl", 0..SIZE).await, Boarded::UsedUp, "another store's");
    rows.database.passes().free_of(STORE, NOW).await.expect("written");
    assert_eq!(boards(&rows, &link, "curl", 0..SIZE).await, pass);
    rows.database.passes().free_of(STORE, NOW).await.expect("written");
    // A proxy that went on sending tells of it after all: that counts.
    ends(&rows, pass, 0..SIZE, SIZE).await;
    assert_eq!(board(&rows, &link, "curl", 0..SIZE).await, Boarded::UsedUp);
}

async fn a_promise_of_a_process_that_never_returns_lapses(rows: Rows) {
    let link = limited(&rows, 1).await;
    let pass = boards(&rows, &link, "curl", 0..SIZE).await;
    let passes = rows.database.passes();
    let (again, hour) = (boarding(&link, "curl", 0..SIZE), Duration::from_secs(3600));
    let at = async |now| passes.board(&again, false, now).await.expect("an answer");
    assert_eq!(at(NOW.plus(hour * 6).minus(Duration::from_millis(1))).await, Boarded::UsedUp);
    assert_eq!(at(NOW.plus(hour * 6)).await, Boarded::On(pass));
    assert_eq!(at(NOW.plus(hour * 12)).await, Boarded::UsedUp, "what it had sent is not known");
}

async fn by_a_link_that_has_ended_nobody_boards(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let links = rows.database.links();
    let expired = Link { expires_at: Some(NOW), ..link(&export, 1, Some(3)) };
    let revoked = link(&export, 2, Some(3));
    for link in [&expired, &revoked] {
        assert!(links.make(link).await.expect("written"));
    }
    let by = user("ada");
    assert!(links.revoke(export.id, revoked.id, &by, Status::Completed, NOW).await.expect("an answer"));
    for link in [&expired, &revoked] {
        assert_eq!(board(&rows, link, "curl", 0..SIZE).await, Boarded::Ended);
        assert_eq!(taken(&rows, link).await, 0);
    }
}

async fn downloads_by_link_are_counted_by_link(rows: Rows) {
    let link = limited(&rows, 3).await;
    let export = rows.database.exports().find(link.export).await.expect("an answer").expect("it is there");
    let row = |number: u128, by: Option<LinkId>, seconds: u64| DownloadRow {
        export: link.export,
        to: Receiver { link: by, ..by_ada(None) },
        last_at: NOW.plus(Duration::from_secs(seconds)),
        ..super::downloads::row(&export, number, 0, false)
    };
    rows.record(&[row(1, Some(link.id), 5), row(2, Some(link.id), 3), row(3, None, 9)]).await;
    let tallies = rows.database.links().tallies(link.export).await.expect("an answer");
    let tally = tallies[&link.id];
    assert_eq!((tallies.len(), tally.count, tally.last_at), (1, 2, NOW.plus(Duration::from_secs(5))));
}
