//! The way SQLite takes to the rows: by an index, for whatever is asked all day.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::domain::audit::{Action, AuditEntry, Author};
use crate::domain::{
    ApiTokenId, ExportId, Limit, Limits, LinkId, SessionId, Sha256, Status, Timestamp, UserId,
};
use crate::telemetry::Metrics;

use super::exports::Gone;
use super::{
    AuditBatch, AuditFilter, Claim, Config, Counts, Database, DownloadMark, Expected, Fetch, Filter, Held,
    Sent, StoreError,
};

const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);

/// A database that keeps every statement it is given.
struct Listening {
    database: Database,
    heard: Arc<Mutex<Vec<Statement>>>,
    _folder: tempfile::TempDir,
}

impl Listening {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("exportd.db").display());
        let config = Config { url, ..Config::default() };
        let mut database = Database::open(&config, Metrics::new("test")).await.expect("a database");
        let heard = Arc::<Mutex<Vec<Statement>>>::default();
        for connection in [&mut database.reader, &mut database.writer] {
            let heard = Arc::clone(&heard);
            connection.set_metric_callback(move |told| {
                heard.lock().expect("nobody panics").push(told.statement.clone());
            });
        }
        Self { database, heard, _folder: folder }
    }

    /// The steps of all that was asked so far which read a table from one end to the other.
    async fn scans(&self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.heard.lock().expect("nobody panics"));
        let mut scans = Vec::new();
        for mut statement in heard {
            statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let plan = self.database.reader.query_all_raw(statement.clone()).await.expect("a plan");
            let steps = plan.iter().map(|step| step.try_get::<String>("", "detail").expect("a step"));
            scans.extend(
                steps.filter(|step| reads_a_table(step)).map(|step| format!("{step}: {}", statement.sql)),
            );
        }
        self.heard.lock().expect("nobody panics").clear();
        scans
    }
}

/// Steps name a table by its alias; the others are of parts of a statement, which are short.
fn reads_a_table(step: &str) -> bool {
    let table = step.strip_prefix("SCAN ").filter(|rest| !rest.contains("INDEX"));
    let exports = ["exports", "e", "q", "r", "export_events", "downloads"];
    let credentials = ["api_tokens", "sessions", "s", "t"];
    let others =
        ["projects", "replies", "links", "passes", "promises", "charges", "limits", "u", "audit_entries"];
    let tables = [&exports[..], &credentials, &others].concat();
    table.and_then(|rest| rest.split(' ').next()).is_some_and(|name| tables.contains(&name))
}

/// Whatever is asked because there are limits.
async fn limited(database: &Database, ada: &UserId) -> Result<(), StoreError> {
    let (limits, charges) = (Limits::from_fn(|_| Limit::AtMost(3)), database.charges());
    database.user_limits().in_force(ada, &limits).await?;
    charges.used(ada, &limits, NOW).await?;
    for counts in [Counts::UnlessBegun, Counts::AsOne] {
        let (user, holder) = (ada.clone(), Some("a store".to_owned()));
        let fetch = Fetch { user, export: ExportId::new(), counts, bytes: 2, holder };
        // The second one is refused, and told when to come again.
        charges.admit(&fetch, &limits, NOW).await?;
    }
    charges.settle(&[Sent { reserved: Uuid::nil(), bytes: 1, ended: false }]).await?;
    charges.free_of("a store").await?;
    charges.prune(NOW).await
}

#[tokio::test]
async fn no_question_reads_a_whole_table() -> Result<(), StoreError> {
    let listening = Listening::open().await;
    let (rows, id) = (listening.database.exports(), ExportId::new());
    let ada: UserId = "ada".parse().expect("a user id");
    let held = Held { id, lease: 1 };
    let of_ada = Filter { owner: Some(ada.clone()), ..Filter::default() };
    let ended = Filter { statuses: vec![Status::Expired, Status::Completed], ..of_ada.clone() };
    let of_project = Filter { project: Some("shop".parse().expect("an id")), ..of_ada.clone() };
    let (worker, lease_for) = ("w".to_owned(), Duration::from_secs(60));
    let claim = Claim { worker, slots: 4, per_user: 3, lease_for, now: NOW };

    rows.find(id).await?;
    rows.twin("a key", NOW).await?;
    for filter in [Filter::default(), of_ada, ended, of_project] {
        rows.list(&filter, None, 20, NOW).await?;
    }
    rows.slice(&Filter { owner: Some(ada.clone()), ..Filter::default() }, 20, 20, NOW).await?;
    rows.stats(Some(&ada), NOW, NOW).await?;
    rows.stats(None, NOW, NOW).await?;
    rows.queue_due(NOW).await?;
    rows.counts().await?;
    rows.claim(&claim).await?;
    rows.next_due(NOW).await?;
    rows.beat(&held, NOW, lease_for, None).await?;
    rows.ask_cancel(id, NOW).await?;
    rows.rescue(NOW, Gone::Silent).await?;
    rows.expire_due(NOW, 20).await?;
    rows.unswept(20).await?;
    rows.prune(NOW, 20).await?;
    rows.events(id, 0, 20).await?;
    rows.keep(id, NOW, Duration::from_secs(1), NOW).await?;
    let downloads = listening.database.downloads();
    let mark = DownloadMark { began_at: NOW, id: Uuid::nil() };
    for after in [None, Some(mark)] {
        downloads.of(id, after, 20).await?;
    }
    downloads.find(Uuid::nil()).await?;
    downloads.take_over(Uuid::nil(), NOW).await?;
    downloads.places(Uuid::nil()).await?;
    listening.database.projects().list(&ada, None, 20).await?;
    listening.database.links().by_token(&Sha256([1; 32])).await?;
    listening.database.links().of(id).await?;
    listening.database.links().tallies(id).await?;
    listening.database.links().revoke(id, LinkId::new(), &ada, Status::Completed, NOW).await?;
    listening.database.passes().has_one(LinkId::new(), "visitor").await?;
    listening.database.passes().free_of(Uuid::now_v7(), NOW).await?;
    listening.database.replies().still(&ada, "a key", NOW).await?;
    listening.database.replies().prune(NOW).await?;
    let (tokens, sessions) = (listening.database.api_tokens(), listening.database.sessions());
    tokens.by_hash(&Sha256([1; 32])).await?;
    tokens.find(ApiTokenId::new()).await?;
    tokens.good_of(&ada, NOW).await?;
    tokens.revoke(ApiTokenId::new(), NOW).await?;
    tokens.used(ApiTokenId::new(), NOW).await?;
    tokens.prune(NOW).await?;
    sessions.by_hash(&Sha256([1; 32])).await?;
    sessions.used(SessionId::new(), NOW).await?;
    sessions.end(SessionId::new()).await?;
    sessions.prune(NOW).await?;
    limited(&listening.database, &ada).await?;
    let audit = listening.database.audit();
    let any = AuditFilter::default;
    for filter in [
        any(),
        AuditFilter { actor: Some("ada".to_owned()), ..any() },
        AuditFilter { user: Some(ada.clone()), subject: Some("7".to_owned()), ..any() },
        AuditFilter { actions: vec![Action::LinkMade, Action::AuditRead], from: Some(NOW), ..any() },
    ] {
        audit.page(&filter, Some(7), 20).await?;
        audit.stretch(&filter, 0, 7, 20).await?;
    }
    let entry = AuditEntry::done(NOW, Author::server(), Action::AuditRead);
    audit.append(&mut AuditBatch::new(vec![entry])).await?;
    audit.cut(NOW.plus(Duration::from_secs(1)), NOW, 20).await?;
    audit.verify(&Expected::default()).await?;

    assert!(listening.heard.lock().expect("nobody panics").len() >= 20, "all was heard");
    let scans = listening.scans().await;
    assert!(scans.is_empty(), "{scans:#?}");
    Ok(())
}
