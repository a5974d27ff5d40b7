//! Limits: exact whoever races, and what is used comes back when its time has come.

use std::sync::Arc;
use std::time::Duration;

use exportd::db::{Admitted, Charged, Completion, Counts, Database, Fetch, Sent};
use exportd::domain::Timestamp;
use exportd::domain::{Allowance, Export, ExportId, Limit, Limits, PerPolicy, Policy, Refusal, SetLimits};
use exportd::telemetry::Metrics;
use futures_util::future::join_all;
use uuid::Uuid;

use super::{MINUTE, NOW, Rows, held, key_of, on_both, package, user, wanted};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

on_both!(
    five_hundred_at_once_on_two_servers_make_ten_rows,
    a_charge_leaves_its_window_to_the_millisecond,
    the_twin_is_the_answer_also_where_a_new_export_is_refused,
    a_row_that_is_gone_gives_nothing_back,
    a_clock_that_was_ahead_keeps_nobody_out_for_longer_than_the_window,
    what_is_set_for_a_user_counts_before_what_is_set_for_everyone,
    a_row_is_deleted_when_it_has_left_every_window,
    pieces_belong_to_the_download_that_was_begun,
    downloads_that_race_are_as_many_as_may_begin,
    bytes_are_reserved_and_what_was_not_sent_is_free_again,
    what_a_dead_process_reserved_counts_as_far_as_it_was_sent,
    packages_that_would_be_too_many_bytes_are_not_completed,
    whoever_has_no_room_left_hears_when_there_will_be_some,
    jobs_at_a_time_are_those_that_are_set_for_the_user,
);

fn ten_an_hour() -> Limits {
    limited(Policy::ExportsPerHour, 10)
}

fn limited(policy: Policy, most: u64) -> Limits {
    let mut limits = Limits::none();
    limits[policy] = Limit::AtMost(most);
    limits
}

impl Rows {
    async fn ask_within(&self, project: &str, limits: &Limits, now: Timestamp) -> Charged {
        ask(&self.database, project, limits, now).await
    }

    async fn fetch(&self, counts: Counts, bytes: u64, limits: &Limits, now: Timestamp) -> Admitted {
        let fetch = Fetch { user: user("ada"), export: one(), counts, bytes, holder: Some("store".into()) };
        self.database.charges().admit(&fetch, limits, now).await.expect("an answer")
    }

    async fn used(&self, policy: Policy, limits: &Limits, now: Timestamp) -> Allowance {
        let used = self.database.charges().used(&user("ada"), limits, now).await.expect("an answer");
        *used.iter().find(|allowance| allowance.policy == policy).expect("all are told")
    }
}

/// The same package always.
fn one() -> ExportId {
    "01987b3e-5d1c-7c3a-9f5e-0123456789ab".parse().expect("an id")
}

async fn ask(database: &Database, project: &str, limits: &Limits, now: Timestamp) -> Charged {
    let new = wanted("ada", project, now);
    database.exports().request_within(&new, &key_of(&new), limits, now).await.expect("an answer")
}

fn refused(charged: Charged) -> Refusal {
    match charged {
        Charged::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn five_hundred_at_once_on_two_servers_make_ten_rows(rows: Rows) {
    let other = Database::open(&rows.config, Metrics::new("other")).await.expect("another server");
    let askers = (0..500).map(|number| {
        let database = if number % 2 == 0 { rows.database.clone() } else { other.clone() };
        tokio::spawn(async move {
            loop {
                let new = wanted("ada", &format!("p{number}"), NOW);
                let asked = database.exports().request_within(&new, &key_of(&new), &ten_an_hour(), NOW).await;
                match asked {
                    Ok(asked) => return asked,
                    // More wait at once than there are connections for.
                    Err(error) => assert!(error.is_transient(), "{error:?}"),
                }
            }
        })
    });
    let mut left = Vec::new();
    let mut sent_away = 0;
    for asked in join_all(askers.collect::<Vec<_>>()).await {
        match asked.expect("no panic") {
            Charged::New(_, allowances) => left.push(allowances[0].remaining()),
            Charged::Refused(refusal) => {
                sent_away += 1;
                assert_eq!((refusal.retry_after_seconds(), refusal.reached.remaining()), (3600, 0));
            }
            Charged::Twin(twin) => panic!("{} is no twin of anything", twin.id),
        }
    }
    left.sort_unstable();
    assert_eq!(left, (0..10).collect::<Vec<_>>(), "each was told how many are left");
    assert_eq!(sent_away, 490);
    let counts = rows.exports().counts().await.expect("counts");
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 10);
    other.close().await;
}

async fn a_charge_leaves_its_window_to_the_millisecond(rows: Rows) {
    let limits = limited(Policy::ExportsPerHour, 2);
    for (project, at) in [("a", NOW), ("b", NOW.plus(MINUTE))] {
        assert!(matches!(rows.ask_within(project, &limits, at).await, Charged::New(..)));
    }
    let refusal = refused(rows.ask_within("c", &limits, NOW.plus(MINUTE * 2)).await);
    assert_eq!(refusal.retry_at, NOW.plus(HOUR));
    let just_before = NOW.plus(HOUR).minus(Duration::from_millis(1));
    assert_eq!(refused(rows.ask_within("c", &limits, just_before).await).retry_after_seconds(), 1);
    assert!(matches!(rows.ask_within("c", &limits, refusal.retry_at).await, Charged::New(..)));
    let next = refused(rows.ask_within("d", &limits, refusal.retry_at).await);
    assert_eq!(next.retry_at, NOW.plus(MINUTE).plus(HOUR));
}

async fn the_twin_is_the_answer_also_where_a_new_export_is_refused(rows: Rows) {
    let limits = limited(Policy::ExportsPerHour, 1);
    let Charged::New(first, _) = rows.ask_within("a", &limits, NOW).await else { panic!("the first") };
    refused(rows.ask_within("b", &limits, NOW).await);
    let Charged::Twin(twin) = rows.ask_within("a", &limits, NOW).await else { panic!("it is there") };
    assert_eq!(twin.id, first.id);
    assert_eq!(rows.used(Policy::ExportsPerHour, &limits, NOW).await.used, 1);
}

async fn a_row_that_is_gone_gives_nothing_back(rows: Rows) {
    let limits = limited(Policy::ExportsPerHour, 1);
    let Charged::New(export, _) = rows.ask_within("a", &limits, NOW).await else { panic!("the first") };
    rows.exports().ask_cancel(export.id, NOW).await.expect("told");
    let later = NOW.plus(MINUTE);
    rows.exports().prune(later, 10).await.expect("pruned");
    assert!(rows.exports().find(export.id).await.expect("an answer").is_none(), "even its row is gone");
    refused(rows.ask_within("a", &limits, later).await);
}

async fn a_clock_that_was_ahead_keeps_nobody_out_for_longer_than_the_window(rows: Rows) {
    let (limits, year) = (limited(Policy::ExportsPerHour, 1), NOW.plus(DAY * 365));
    assert!(matches!(rows.ask_within("a", &limits, year).await, Charged::New(..)));
    // It is put right: what was used is used, but no longer than from now on.
    let refusal = refused(rows.ask_within("b", &limits, NOW).await);
    assert_eq!(refusal.retry_at, NOW.plus(HOUR));
    refused(rows.ask_within("b", &limits, NOW.plus(MINUTE)).await);
    assert!(matches!(rows.ask_within("b", &limits, NOW.plus(HOUR)).await, Charged::New(..)));
}

async fn what_is_set_for_a_user_counts_before_what_is_set_for_everyone(rows: Rows) {
    let (set, ada, configured) = (rows.database.user_limits(), user("ada"), ten_an_hour());
    let in_force = async || set.in_force(&ada, &configured).await.expect("an answer")[Policy::ExportsPerHour];
    assert_eq!(in_force().await, Limit::AtMost(10));

    let mut everyone = PerPolicy::default();
    everyone[Policy::ExportsPerHour] = Some(Some(Limit::AtMost(2)));
    set.change_for_everyone(&everyone).await.expect("changed");
    assert_eq!(in_force().await, Limit::AtMost(2));
    for project in ["a", "b"] {
        assert!(matches!(rows.ask_within(project, &configured, NOW).await, Charged::New(..)));
    }
    assert_eq!(refused(rows.ask_within("c", &configured, NOW).await).reached.limit, 2);

    let mut own = SetLimits::default();
    own[Policy::ExportsPerHour] = Some(Limit::Unlimited);
    set.set(&ada, &own).await.expect("set");
    assert_eq!(in_force().await, Limit::Unlimited);
    let Charged::New(_, allowances) = rows.ask_within("c", &configured, NOW).await else {
        panic!("no limit")
    };
    assert_eq!(allowances, [], "where there is no limit nothing is told");

    set.set(&ada, &SetLimits::default()).await.expect("taken back");
    everyone[Policy::ExportsPerHour] = Some(None);
    set.change_for_everyone(&everyone).await.expect("as configured");
    assert_eq!(in_force().await, Limit::AtMost(10));
    // What was used while there was no limit is used.
    assert_eq!(rows.used(Policy::ExportsPerHour, &configured, NOW).await.used, 3);
}

async fn a_row_is_deleted_when_it_has_left_every_window(rows: Rows) {
    let limits = limited(Policy::ExportsPerDay, 5);
    rows.ask_within("a", &limits, NOW).await;
    let charges = rows.database.charges();
    let just_before = NOW.plus(DAY).minus(Duration::from_millis(1));
    charges.prune(just_before).await.expect("pruned");
    assert_eq!(rows.used(Policy::ExportsPerDay, &limits, just_before).await.used, 1);
    charges.prune(NOW.plus(DAY)).await.expect("pruned");
    // Not only outside the window: gone.
    assert_eq!(rows.used(Policy::ExportsPerDay, &limits, just_before).await.used, 0);
}

async fn pieces_belong_to_the_download_that_was_begun(rows: Rows) {
    let limits = limited(Policy::DownloadsPerMinute, 2);
    let used = async |now| rows.used(Policy::DownloadsPerMinute, &limits, now).await.used;
    for (counts, expected) in
        [(Counts::AsOne, 1), (Counts::UnlessBegun, 1), (Counts::Not, 1), (Counts::AsOne, 2)]
    {
        assert!(
            matches!(rows.fetch(counts, 7, &limits, NOW).await, Admitted::In { reserved: None, .. }),
            "{counts:?}"
        );
        assert_eq!(used(NOW).await, expected, "{counts:?}");
    }
    assert!(matches!(
        rows.fetch(Counts::UnlessBegun, 7, &limits, NOW).await,
        Admitted::In { reserved: None, .. }
    ));
    assert!(matches!(rows.fetch(Counts::AsOne, 7, &limits, NOW).await, Admitted::Refused(_)));
    // After a quarter of an hour a piece is one by itself.
    let later = NOW.plus(MINUTE * 15);
    rows.fetch(Counts::UnlessBegun, 7, &limits, later).await;
    assert_eq!(used(later).await, 1);
}

async fn downloads_that_race_are_as_many_as_may_begin(rows: Rows) {
    let rows = Arc::new(rows);
    let racers = (0..40).map(|_| {
        let rows = Arc::clone(&rows);
        tokio::spawn(async move {
            rows.fetch(Counts::AsOne, 7, &limited(Policy::DownloadsPerMinute, 6), NOW).await
        })
    });
    let through = join_all(racers.collect::<Vec<_>>()).await;
    let through = through.into_iter().filter(|admitted| matches!(admitted, Ok(Admitted::In { .. })));
    assert_eq!(through.count(), 6);
}

fn reserved(admitted: Admitted) -> Uuid {
    match admitted {
        Admitted::In { reserved: Some(id), .. } => id,
        other => panic!("nothing reserved: {other:?}"),
    }
}

async fn bytes_are_reserved_and_what_was_not_sent_is_free_again(rows: Rows) {
    let (limits, charges) = (limited(Policy::DownloadBytesPerDay, 100), rows.database.charges());
    let first = reserved(rows.fetch(Counts::Not, 70, &limits, NOW).await);
    let Admitted::Refused(refusal) = rows.fetch(Counts::Not, 40, &limits, NOW.plus(MINUTE)).await else {
        panic!("70 and 40 are more than 100");
    };
    assert_eq!((refusal.reached.used, refusal.retry_at), (70, NOW.plus(DAY)));
    reserved(rows.fetch(Counts::Not, 30, &limits, NOW.plus(MINUTE)).await);

    charges.settle(&[Sent { reserved: first, bytes: 20, ended: false }]).await.expect("written");
    assert!(
        matches!(rows.fetch(Counts::Not, 1, &limits, NOW.plus(MINUTE)).await, Admitted::Refused(_)),
        "still under way"
    );
    charges.settle(&[Sent { reserved: first, bytes: 45, ended: true }]).await.expect("written");
    reserved(rows.fetch(Counts::Not, 25, &limits, NOW.plus(MINUTE)).await);
    assert_eq!(rows.used(Policy::DownloadBytesPerDay, &limits, NOW.plus(MINUTE)).await.used, 100);

    // Forty are there when enough of the oldest has left; more than there ever are, when all has.
    for (wanted, at) in [(45, NOW.plus(DAY)), (46, NOW.plus(DAY + MINUTE)), (101, NOW.plus(DAY + MINUTE))] {
        let Admitted::Refused(refusal) = rows.fetch(Counts::Not, wanted, &limits, NOW.plus(MINUTE * 2)).await
        else {
            panic!("nothing is left");
        };
        assert_eq!(refusal.retry_at, at, "{wanted}");
    }
}

async fn what_a_dead_process_reserved_counts_as_far_as_it_was_sent(rows: Rows) {
    let (limits, charges) = (limited(Policy::DownloadBytesPerDay, 100), rows.database.charges());
    let id = reserved(rows.fetch(Counts::Not, 90, &limits, NOW).await);
    charges.settle(&[Sent { reserved: id, bytes: 35, ended: false }]).await.expect("written");
    charges.free_of("another store").await.expect("freed");
    assert_eq!(rows.used(Policy::DownloadBytesPerDay, &limits, NOW).await.used, 90);
    charges.free_of("store").await.expect("freed");
    assert_eq!(rows.used(Policy::DownloadBytesPerDay, &limits, NOW).await.used, 35);
}

async fn completed_within(rows: &Rows, export: &Export, limits: &Limits) -> Completion {
    let (package, end) = (package(export), NOW.plus(MINUTE));
    let told = rows.exports().complete_within(&held(export), &package, &[], NOW, end, limits).await;
    told.expect("told")
}

async fn packages_that_would_be_too_many_bytes_are_not_completed(rows: Rows) {
    // Packages of these tests have 1,000 bytes.
    let limits = limited(Policy::UserStorage, 2_500);
    let rows = Arc::new(rows);
    let mut ending = Vec::new();
    for project in ["a", "b", "c"] {
        let export = rows.running("ada", project).await;
        let rows = Arc::clone(&rows);
        ending.push(tokio::spawn(async move { completed_within(&rows, &export, &limits).await }));
    }
    let ended: Vec<Completion> =
        join_all(ending).await.into_iter().map(|ended| ended.expect("no panic")).collect();
    let done = ended.iter().filter(|ended| **ended == Completion::Done).count();
    assert_eq!(done, 2, "{ended:?}");
    let over = ended.iter().find_map(|ended| match ended {
        Completion::OverStorage(allowance) => Some((allowance.used, allowance.limit)),
        Completion::Done | Completion::Lost => None,
    });
    assert_eq!(over, Some((2_000, 2_500)));
    let stale = rows.running("bob", "a").await;
    rows.complete(&stale, &[]).await;
    assert_eq!(completed_within(&rows, &stale, &limits).await, Completion::Lost);
}

async fn whoever_has_no_room_left_hears_when_there_will_be_some(rows: Rows) {
    let limits = limited(Policy::UserStorage, 1_500);
    for project in ["a", "b"] {
        rows.completed("ada", project).await;
    }
    let refusal = refused(rows.ask_within("c", &limits, NOW).await);
    assert_eq!((refusal.reached.used, refusal.retry_at), (2_000, NOW.plus(MINUTE)));
    // What has expired takes no room, swept or not.
    assert!(matches!(rows.ask_within("c", &limits, NOW.plus(MINUTE)).await, Charged::New(..)));
}

async fn jobs_at_a_time_are_those_that_are_set_for_the_user(rows: Rows) {
    let set = rows.database.user_limits();
    for owner in ["ada", "bob", "eve"] {
        for i in 0..8 {
            rows.ask(owner, &format!("p{i}"), NOW).await;
        }
    }
    let mut everyone = PerPolicy::default();
    everyone[Policy::JobsPerUser] = Some(Some(Limit::AtMost(2)));
    set.change_for_everyone(&everyone).await.expect("changed");
    for (owner, limit) in [("bob", Limit::Unlimited), ("eve", Limit::AtMost(0))] {
        let mut own = SetLimits::default();
        own[Policy::JobsPerUser] = Some(limit);
        set.set(&user(owner), &own).await.expect("set");
    }
    let mut running = Vec::new();
    for _ in 0..4 {
        running.extend(rows.claim("w", 20, NOW).await);
    }
    let of = |owner: &str| running.iter().filter(|export| export.owner.as_str() == owner).count();
    assert_eq!((of("ada"), of("bob"), of("eve")), (2, 8, 0));
}
