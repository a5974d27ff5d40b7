//! The audit: one chain whoever writes it, nothing of it is changed, and whoever does so all the
//! same is found out.

use std::time::Duration;

use exportd::db::{AuditBatch, AuditFilter, Database, Expected, Verified};
use exportd::domain::audit::{Action, AuditEntry, AuditRecord, Author, BreakKind, Head, Outcome};
use exportd::domain::{Sha256, Timestamp};
use exportd::telemetry::Metrics;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::downloads::row;
use super::{NOW, Rows, on_both, user};

on_both!(
    two_servers_write_one_chain,
    a_batch_whose_answer_was_lost_is_not_written_twice,
    what_is_written_is_read_back_as_it_was,
    pages_and_stretches_have_everything_that_is_meant,
    the_database_itself_refuses_to_change_or_delete,
    whatever_is_tampered_with_is_found,
    a_tail_that_was_cut_off_is_found_by_whoever_remembers_its_head,
    retention_cuts_the_oldest_end_and_the_rest_verifies,
    a_cut_that_nobody_made_is_found,
    downloads_are_told_once_when_they_begin_and_once_when_they_are_whole,
);

const DAY: Duration = Duration::from_secs(86_400);

fn entry(n: u64) -> AuditEntry {
    let address = [10, 0, 0, u8::try_from(n % 3).expect("small")].into();
    let by = Author {
        actor: Some(if n.is_multiple_of(2) { "ada" } else { "root" }.to_owned()),
        user: Some(user("ada")),
        way: Some("jwt"),
        address: Some(address),
        correlation_id: Some(format!("c{n}")),
        agent: Some("curl/8 \"é\"".to_owned()),
        key: None,
    };
    let at = NOW.plus(Duration::from_secs(n));
    AuditEntry::done(at, by, Action::ExportRequested).to("export", &format!("e{n}")).with("n", n)
}

impl Rows {
    async fn audit(&self, entries: impl IntoIterator<Item = AuditEntry>) {
        let mut batch = AuditBatch::new(entries.into_iter().collect());
        self.database.audit().append(&mut batch).await.expect("written");
    }

    async fn verified(&self, expected: &Expected) -> Verified {
        self.database.audit().verify(expected).await.expect("an answer")
    }

    /// The head of a chain that is unbroken.
    async fn unbroken(&self) -> Head {
        match self.verified(&Expected::default()).await {
            Verified::Unbroken(chain) => Head { seq: chain.last_seq, hash: chain.head },
            Verified::Broken(found) => panic!("{found}"),
        }
    }

    async fn broken(&self) -> (u64, BreakKind) {
        match self.verified(&Expected::default()).await {
            Verified::Unbroken(chain) => panic!("nothing is found: {chain:?}"),
            Verified::Broken(found) => (found.seq, found.kind),
        }
    }

    async fn all(&self) -> Vec<AuditRecord> {
        let audit = self.database.audit();
        audit.stretch(&AuditFilter::default(), 0, u64::MAX >> 1, 100_000).await.expect("records")
    }

    async fn raw(&self) -> DatabaseConnection {
        sea_orm::Database::connect(&self.config.url).await.expect("a connection")
    }

    /// Someone who may do everything with the database, its guards included.
    async fn unguarded(&self) -> DatabaseConnection {
        let raw = self.raw().await;
        for (name, table) in [
            ("audit_entries_grow", "audit_entries"),
            ("audit_entries_stay", "audit_entries"),
            ("audit_entries_last", "audit_entries"),
            ("audit_entries_whole", "audit_entries"),
            ("audit_head_is_one", "audit_head"),
            ("audit_head_whole", "audit_head"),
            ("audit_head_stays", "audit_head"),
            ("audit_head_goes_on", "audit_head"),
        ] {
            let on = if is_postgres(&raw) { format!(" ON {table}") } else { String::new() };
            done(&raw, &format!("DROP TRIGGER IF EXISTS {name}{on}")).await;
        }
        raw
    }
}

fn is_postgres(raw: &DatabaseConnection) -> bool {
    raw.get_database_backend() == sea_orm::DbBackend::Postgres
}

async fn done(raw: &DatabaseConnection, text: &str) {
    raw.execute_raw(Statement::from_string(raw.get_database_backend(), text)).await.expect(text);
}

async fn two_servers_write_one_chain(rows: Rows) {
    let other = Database::open(&rows.config, Metrics::new("test")).await.expect("a database");
    let writers = (0..200).map(|n| {
        let audit = if n % 2 == 0 { rows.database.audit() } else { other.audit() };
        tokio::spawn(async move {
            let mut batch = AuditBatch::new((0..n % 5 + 1).map(|i| entry(n * 10 + i)).collect());
            while audit.append(&mut batch).await.is_err() {
                tokio::time::sleep(super::LOOK_AGAIN).await;
            }
        })
    });
    for writer in futures_util::future::join_all(writers.collect::<Vec<_>>()).await {
        writer.expect("no panic");
    }
    assert_eq!(rows.unbroken().await.seq, 600);
    let told = |record: &AuditRecord| record.correlation_id.clone();
    let mut told: Vec<_> = rows.all().await.iter().map(told).collect();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 600, "every entry is there, and none twice");
    other.close().await;
}

async fn a_batch_whose_answer_was_lost_is_not_written_twice(rows: Rows) {
    let audit = rows.database.audit();
    let mut batch = AuditBatch::new(vec![entry(1), entry(2)]);
    audit.append(&mut batch).await.expect("written");
    rows.audit([entry(3)]).await;
    audit.append(&mut batch).await.expect("as before");
    assert_eq!(rows.unbroken().await.seq, 3);
}

async fn what_is_written_is_read_back_as_it_was(rows: Rows) {
    let many: Vec<_> = (0..70).map(entry).collect();
    rows.audit(many.clone()).await;
    let mut head = Head::NONE;
    for (record, entry) in rows.all().await.iter().zip(&many) {
        assert_eq!(*record, AuditRecord::after(head, entry));
        head = record.head();
    }
    assert_eq!((rows.unbroken().await, head.seq), (head, 70));
    let bare = AuditEntry::done(NOW, Author::default(), Action::AuditDropped);
    rows.audit([bare.clone()]).await;
    assert_eq!(rows.all().await[70], AuditRecord::after(head, &bare));
}

async fn pages_and_stretches_have_everything_that_is_meant(rows: Rows) {
    rows.audit((0..25).map(entry)).await;
    let refused = AuditEntry { outcome: Outcome::Refused, ..entry(25) };
    rows.audit([refused, AuditEntry { action: Action::LinkMade, ..entry(26) }]).await;
    let audit = rows.database.audit();
    let (mut seen, mut below) = (Vec::new(), None);
    loop {
        let page = audit.page(&AuditFilter::default(), below, 10).await.expect("a page");
        seen.extend(page.items.iter().map(|record| record.seq));
        below = page.next;
        if below.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=27).rev().collect::<Vec<_>>());
    assert_eq!(audit.stretch(&AuditFilter::default(), 5, 9, 100).await.expect("records").len(), 4);

    let any = AuditFilter::default;
    let at = |n| Some(NOW.plus(Duration::from_secs(n)));
    for (filter, count) in [
        (AuditFilter { actor: Some("ada".into()), ..any() }, 14),
        (AuditFilter { user: Some(user("ada")), ..any() }, 27),
        (AuditFilter { user: Some(user("bob")), ..any() }, 0),
        (AuditFilter { outcome: Some(Outcome::Refused), ..any() }, 1),
        (AuditFilter { actions: vec![Action::LinkMade], ..any() }, 1),
        (AuditFilter { actions: vec![Action::LinkMade, Action::ExportRequested], ..any() }, 27),
        (AuditFilter { subject: Some("e7".into()), ..any() }, 1),
        (AuditFilter { address: Some([10, 0, 0, 2].into()), ..any() }, 9),
        (AuditFilter { correlation_id: Some("c7".into()), actor: Some("root".into()), ..any() }, 1),
        (AuditFilter { correlation_id: Some("c7".into()), actor: Some("ada".into()), ..any() }, 0),
        (AuditFilter { from: at(5), to: at(8), actor: Some("ada".into()), ..any() }, 1),
        (AuditFilter { from: at(5), to: at(8), ..any() }, 3),
    ] {
        let page = audit.page(&filter, None, 100).await.expect("a page");
        assert_eq!(page.items.len(), count, "{filter:?}");
        let stretch = audit.stretch(&filter, 0, 27, 100).await.expect("records");
        assert!(stretch.iter().eq(page.items.iter().rev()), "{filter:?}");
    }
}

async fn the_database_itself_refuses_to_change_or_delete(rows: Rows) {
    rows.audit((0..5).map(entry)).await;
    let raw = rows.raw().await;
    let ones = "1".repeat(64);
    let mut attempts = vec![
        "UPDATE audit_entries SET actor = 'nobody' WHERE seq = 3".to_owned(),
        "UPDATE audit_entries SET seq = 9 WHERE seq = 5".to_owned(),
        "DELETE FROM audit_entries WHERE seq = 3".to_owned(),
        "DELETE FROM audit_entries WHERE seq = 1".to_owned(),
        "DELETE FROM audit_entries".to_owned(),
        "DELETE FROM audit_head".to_owned(),
        "UPDATE audit_head SET seq = 3".to_owned(),
        format!("UPDATE audit_head SET hash = '{ones}'"),
        format!("UPDATE audit_head SET seq = 6, hash = '{ones}'"),
        format!("UPDATE audit_head SET anchor_hash = '{ones}'"),
        format!("UPDATE audit_head SET first_seq = 3, anchor_hash = '{ones}'"),
        "UPDATE audit_head SET first_seq = 9".to_owned(),
        format!(
            "INSERT INTO audit_entries (seq, at, action, outcome, detail, prev_hash, hash)
             VALUES (5, 1, 'x', 'done', '{{}}', '{ones}', '{ones}')"
        ),
    ];
    if is_postgres(&raw) {
        attempts.extend(["TRUNCATE audit_entries".to_owned(), "TRUNCATE audit_head".to_owned()]);
    } else {
        let replace = attempts.last().expect("one").replace("INSERT", "INSERT OR REPLACE");
        attempts.extend([replace, "REPLACE INTO audit_head VALUES (1, 9, '', 1, '')".to_owned()]);
    }
    for attempt in attempts {
        assert!(raw.execute_unprepared(&attempt).await.is_err(), "{attempt} was taken");
    }
    assert_eq!(rows.unbroken().await.seq, 5);
}

/// What somebody who may do everything with the database does to a chain of nine, and what is found.
async fn whatever_is_tampered_with_is_found(rows: Rows) {
    rows.audit((0..9).map(entry)).await;
    let whole = rows.all().await;
    let forged = |seq: usize| {
        let mut record = whole[seq - 1].clone();
        record.actor = Some("nobody".to_owned());
        (
            record.digest(),
            format!(
                "UPDATE audit_entries SET actor = 'nobody', hash = '{}' WHERE seq = {seq}",
                record.digest()
            ),
        )
    };
    let entry_ten = AuditRecord::after(whole[8].head(), &entry(10));
    let behind = format!(
        "INSERT INTO audit_entries (seq, at, action, outcome, detail, prev_hash, hash)
         VALUES (10, 1, 'audit.read', 'done', '{{}}', '{}', '{}')",
        entry_ten.prev_hash, entry_ten.hash
    );
    let up = |from: usize| {
        (from..=9).rev().map(|seq| format!("UPDATE audit_entries SET seq = {} WHERE seq = {seq}", seq + 1))
    };
    let down = |from: usize| {
        (from..=9).map(|seq| format!("UPDATE audit_entries SET seq = {} WHERE seq = {seq}", seq - 1))
    };
    let swapped = [(4, 99), (5, 4), (99, 5)]
        .map(|(from, to)| format!("UPDATE audit_entries SET seq = {to} WHERE seq = {from}"));
    let copied = "INSERT INTO audit_entries SELECT 4, at, action, outcome, status, code, actor, user_id, way, key_id,
        subject_kind, subject_id, address, correlation_id, agent, detail, hash, hash FROM audit_entries WHERE seq = 3";
    let one = |text: &str| vec![text.to_owned()];
    let raw = rows.unguarded().await;
    let cases: Vec<(&str, Vec<String>, (u64, BreakKind))> = vec![
        ("a field", one("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 4"), (4, BreakKind::Changed)),
        (
            "nothing for a text",
            one("UPDATE audit_entries SET agent = NULL WHERE seq = 4"),
            (4, BreakKind::Changed),
        ),
        ("a time", one("UPDATE audit_entries SET at = at + 1 WHERE seq = 4"), (4, BreakKind::Changed)),
        (
            "a space",
            one("UPDATE audit_entries SET detail = detail || ' ' WHERE seq = 4"),
            (4, BreakKind::Changed),
        ),
        ("no detail", one("UPDATE audit_entries SET detail = 'x' WHERE seq = 4"), (4, BreakKind::Changed)),
        (
            "no hash",
            one(&format!("UPDATE audit_entries SET hash = '{}' WHERE seq = 4", "z".repeat(64))),
            (4, BreakKind::Changed),
        ),
        ("a hash anew", vec![forged(4).1], (4, BreakKind::Changed)),
        ("the last hash anew", vec![forged(9).1], (9, BreakKind::Head)),
        ("one in the middle", one("DELETE FROM audit_entries WHERE seq = 4"), (4, BreakKind::Removed)),
        ("several", one("DELETE FROM audit_entries WHERE seq IN (4, 5, 6)"), (4, BreakKind::Removed)),
        ("the first", one("DELETE FROM audit_entries WHERE seq = 1"), (1, BreakKind::Removed)),
        ("the last", one("DELETE FROM audit_entries WHERE seq = 9"), (9, BreakKind::Removed)),
        ("all", one("DELETE FROM audit_entries"), (1, BreakKind::Removed)),
        (
            "one, the rest numbered anew",
            std::iter::once("DELETE FROM audit_entries WHERE seq = 4".to_owned()).chain(down(5)).collect(),
            (4, BreakKind::Reordered),
        ),
        ("two swapped", swapped.to_vec(), (4, BreakKind::Reordered)),
        ("one more in the middle", up(4).chain([copied.to_owned()]).collect(), (4, BreakKind::Changed)),
        ("one behind the head", vec![behind], (10, BreakKind::Inserted)),
        ("no head", one("DELETE FROM audit_head"), (0, BreakKind::Head)),
        (
            "another head",
            one(&format!("UPDATE audit_head SET hash = '{}'", "1".repeat(64))),
            (9, BreakKind::Head),
        ),
        ("a later head", one("UPDATE audit_head SET seq = 12"), (10, BreakKind::Removed)),
    ];
    for table in ["audit_entries", "audit_head"] {
        done(&raw, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    for (what, attempts, expected) in cases {
        for attempt in &attempts {
            done(&raw, attempt).await;
        }
        assert_eq!(rows.broken().await, expected, "{what}");
        for table in ["audit_entries", "audit_head"] {
            done(&raw, &format!("DELETE FROM {table}")).await;
            done(&raw, &format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
        assert_eq!(rows.unbroken().await, whole[8].head(), "{what}, put right again");
    }
    assert_ne!(forged(4).0, whole[3].hash);
}

async fn a_tail_that_was_cut_off_is_found_by_whoever_remembers_its_head(rows: Rows) {
    rows.audit((0..9).map(entry)).await;
    let head = rows.unbroken().await;
    let remembers = Expected { told: Some(head), ..Expected::default() };
    let nothing_since = Expected { head: Some(head.hash), ..Expected::default() };
    for expected in [&remembers, &nothing_since] {
        assert!(matches!(rows.verified(expected).await, Verified::Unbroken(_)));
    }
    let from_five = Expected { from: Some(5), ..Expected::default() };
    let Verified::Unbroken(chain) = rows.verified(&from_five).await else { panic!("it is broken") };
    assert_eq!((chain.entries, chain.first_seq, chain.head), (5, 5, head.hash));
    rows.audit([entry(10)]).await;
    assert!(matches!(rows.verified(&remembers).await, Verified::Unbroken(_)), "more is no less");
    assert!(matches!(rows.verified(&nothing_since).await, Verified::Broken(found) if found.seq == 10));

    // The last ones go, and the head is set back: nobody sees that in the rows alone.
    let raw = rows.unguarded().await;
    let seventh = rows.all().await[6].hash;
    done(&raw, "DELETE FROM audit_entries WHERE seq > 7").await;
    done(&raw, &format!("UPDATE audit_head SET seq = 7, hash = '{seventh}'")).await;
    assert_eq!(rows.unbroken().await.seq, 7);
    let Verified::Broken(found) = rows.verified(&remembers).await else { panic!("nothing is found") };
    assert_eq!((found.seq, found.kind), (9, BreakKind::Unexpected));
    assert!(found.told.contains("ends with entry 7"), "{found}");
    // And something else is written in their place.
    rows.audit([entry(11), entry(12), entry(13)]).await;
    let Verified::Broken(found) = rows.verified(&remembers).await else { panic!("nothing is found") };
    assert_eq!((found.seq, found.kind), (9, BreakKind::Unexpected));
}

async fn retention_cuts_the_oldest_end_and_the_rest_verifies(rows: Rows) {
    let audit = rows.database.audit();
    rows.audit((0..20).map(entry)).await;
    // One that is late, and one that is early: nothing is cut that comes after one that stays.
    rows.audit([entry(200), entry(10), entry(201)]).await;
    let before = rows.all().await;
    assert_eq!(audit.cut(NOW, NOW, 100).await.expect("told"), 0);
    let at = NOW.plus(Duration::from_secs(100));
    assert_eq!(audit.cut(at, NOW.plus(DAY), 8).await.expect("told"), 8);
    assert_eq!(audit.cut(at, NOW.plus(DAY), 100).await.expect("told"), 12);
    assert_eq!(audit.cut(at, NOW.plus(DAY), 100).await.expect("told"), 0);
    let after = rows.all().await;
    assert_eq!(after[..3], before[20..], "what stays is as it was");
    let cuts: Vec<_> = after[3..].iter().map(|record| record.action.as_str()).collect();
    assert_eq!(cuts, ["audit.cut", "audit.cut"]);
    assert_eq!(after[4].detail.get("entries"), Some(&12.into()));
    let head = rows.unbroken().await;
    assert_eq!(head.seq, 25);

    let past = Expected { told: Some(before[3].head()), ..Expected::default() };
    let anchor = Expected { told: Some(before[19].head()), ..Expected::default() };
    assert!(
        matches!(rows.verified(&past).await, Verified::Broken(found) if found.told.contains("retention"))
    );
    assert!(matches!(rows.verified(&anchor).await, Verified::Unbroken(_)), "the anchor is remembered");

    // When all is past its retention, the cut remains.
    assert_eq!(audit.cut(NOW.plus(DAY * 2), NOW.plus(DAY * 2), 100).await.expect("told"), 5);
    assert_eq!(rows.unbroken().await.seq, 26);
    rows.audit([entry(300)]).await;
    assert_eq!(rows.unbroken().await.seq, 27);
}

async fn a_cut_that_nobody_made_is_found(rows: Rows) {
    rows.audit((0..9).map(entry)).await;
    let whole = rows.all().await;
    let (raw, anchor) = (rows.unguarded().await, |seq: usize| whole[seq - 1].hash);
    let cut = async |seq: usize, hash: Sha256| {
        done(&raw, &format!("UPDATE audit_head SET first_seq = {}, anchor_hash = '{hash}'", seq + 1)).await;
        done(&raw, &format!("DELETE FROM audit_entries WHERE seq <= {seq}")).await;
    };
    cut(3, anchor(3)).await;
    assert_eq!(rows.broken().await, (4, BreakKind::Removed), "no entry tells of it");

    let later = NOW.plus(Duration::from_secs(4));
    assert_eq!(rows.database.audit().cut(later, NOW.plus(DAY), 100).await.expect("told"), 1);
    rows.unbroken().await;
    cut(6, anchor(6)).await;
    assert_eq!(rows.broken().await, (7, BreakKind::Removed), "the newest tells of another");
    done(&raw, "UPDATE audit_head SET first_seq = 8").await;
    assert_eq!(rows.broken().await, (7, BreakKind::Head), "what is said to be gone is there");
}

async fn downloads_are_told_once_when_they_begin_and_once_when_they_are_whole(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let by = Author { correlation_id: Some("c1".to_owned()), ..entry(0).by };
    let known = |download| exportd::db::DownloadRow { by: Some(by.clone().into()), ..download };
    rows.record(&[known(row(&export, 1, 400, false))]).await;
    rows.record(&[known(row(&export, 1, 500, false)), row(&export, 2, 1_000, true)]).await;
    for _ in 0..2 {
        rows.record(&[known(row(&export, 1, 1_000, true))]).await;
    }
    let told: Vec<_> = rows.all().await;
    let words: Vec<_> = told.iter().map(|record| record.action.as_str()).collect();
    let (began, whole) = ("package.downloaded", "package.download_completed");
    assert_eq!(words, [began, began, whole, whole]);
    assert_eq!(told[0].correlation_id.as_deref(), Some("c1"));
    assert_eq!(told[3].detail.get("bytes"), Some(&1_000.into()));
    assert_eq!(told[1].actor.as_deref(), Some("ada"), "as far as the row tells");
    assert_eq!(told[1].at, Timestamp::from_millis(NOW.millis()));
    rows.unbroken().await;
}
