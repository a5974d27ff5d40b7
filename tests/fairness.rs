//! Nobody waits for longer than a job because somebody else has asked for very much.

use std::time::Duration;

use exportd::db::Claim;
use exportd::domain::{Export, Limit, Limits, Policy};

use crate::repositories::{MINUTE, NOW, Rows, on_both};

/// What one user has queued.
const CROWD: u64 = 10_000;

on_both!(among_ten_thousand_of_somebody_else_a_single_job_is_next, places_in_a_long_line_come_true,);

impl Rows {
    /// Ten thousand queued exports of ada: her first one and copies of it.
    async fn crowd(&self) -> Export {
        let first = self.ask("ada", "p0", NOW).await;
        let columns =
            "owner, kind, format, title, project_id, data_selector, options, metadata, status, priority,
            max_attempts, progress, warnings, retention_ms, correlation_id, created_at, updated_at";
        let copies = format!(
            "INSERT INTO exports (id, dedup_key, rank_at, run_at, {columns})
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
             SELECT replace(id, substr(id, 1, 8), substr('00000000' || i, length('00000000' || i) - 7)),
                dedup_key || i, rank_at + i, run_at + i, {columns} FROM n, (SELECT * FROM exports) AS first",
            CROWD - 1
        );
        self.change(&copies).await;
        first
    }

    async fn claim_as(&self, worker: &str, slots: u32, now: exportd::domain::Timestamp) -> Vec<Export> {
        let worker = worker.to_owned();
        self.exports()
            .claim(&Claim { worker, slots, per_user: 3, lease_for: MINUTE, now })
            .await
            .expect("a claim")
    }
}

/// Whatever the number of slots and however many of the crowd's jobs run: the job of another is
/// among the next that begin, which is when a slot is free.
async fn among_ten_thousand_of_somebody_else_a_single_job_is_next(rows: Rows) {
    rows.crowd().await;
    let second = Duration::from_secs(1);
    for (round, slots) in [1, 2, 3, 5].into_iter().enumerate() {
        let mut now = NOW.plus(MINUTE * u32::try_from(round + 1).expect("small"));
        let mut running = rows.claim_as("w", slots, now).await;
        let may = usize::try_from(slots.min(3)).expect("small");
        assert_eq!(running.len(), may, "the crowd takes what it may");
        assert!(running.iter().all(|export| export.owner.as_str() == "ada"));
        let single = rows.ask("bob", &format!("single {round}"), now).await;
        let mut free = slots - u32::try_from(may).expect("small");
        if free == 0 {
            // One job's time later.
            now = now.plus(second);
            rows.complete(&running.remove(0), &[]).await;
            free = 1;
        }
        let claimed = rows.claim_as("w", free, now.plus(second)).await;
        assert_eq!(claimed[0].id, single.id, "with {slots} slots");
        for export in claimed.iter().chain(&running) {
            rows.complete(export, &[]).await;
        }
    }
}

async fn places_in_a_long_line_come_true(rows: Rows) {
    let first = rows.crowd().await;
    let single = rows.ask("bob", "single", NOW).await;
    rows.database.nodes().seen("w", 2, NOW, NOW).await.expect("written");
    let mut limits = Limits::none();
    limits[Policy::JobsPerUser] = Limit::AtMost(3);
    let foretold = async |export: &Export| {
        let (line, _) = rows.exports().line(export, &limits, NOW, NOW).await.expect("a line");
        line.foretell().expect("somebody runs")
    };
    assert_eq!(foretold(&single).await.position, 2);
    let last = format!("{:08}{}", CROWD - 1, &first.id.to_string()[8..]).parse().expect("an id");
    let last = rows.exports().find(last).await.expect("an answer").expect("the last of the crowd");
    assert_eq!(foretold(&last).await.position, CROWD + 1);
}
