//! How much is used of a limit, and when it comes back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Value};

use crate::domain::{Allowance, Policy, Timestamp, UserId};

use super::super::row::{big, bytes};
use super::super::statement::sql;
use super::{StoreError, What};

/// The allowance of a policy that counts requests, and when one more would be let through if it
/// would not be now.
///
/// Reads the newest `limit` charges of the window by the index alone. One more is let through when
/// the oldest of them has left it.
pub async fn rate(
    on: &impl ConnectionTrait,
    user: &UserId,
    policy: Policy,
    limit: u64,
    now: Timestamp,
) -> Result<(Allowance, Option<Timestamp>), StoreError> {
    let (what, window) = counted(policy);
    let text = "SELECT count(*) AS n, min(at) AS oldest FROM (
            SELECT at FROM charges WHERE user_id = $1 AND what = $2 AND at > $3 ORDER BY at DESC LIMIT $4
        ) AS newest";
    let mut values = in_window(user, what, window, now);
    values.push(big(limit).into());
    let row = on.query_one_raw(sql(on, text, values)).await?;
    let (used, oldest) = match row {
        Some(row) => (bytes(row.try_get("", "n")?), row.try_get::<Option<i64>>("", "oldest")?),
        None => (0, None),
    };
    let comes_back = oldest.map(|oldest| leaves(oldest, window, now));
    let retry_at = (used >= limit).then(|| comes_back.unwrap_or_else(|| now.plus(window)));
    Ok((Allowance { policy, limit, used, comes_back }, retry_at))
}

/// The allowance of bytes, and when `wanted` more would be let through if they would not be now:
/// more than the limit never are, and are told to come when all of it is there again.
pub async fn volume(
    on: &impl ConnectionTrait,
    user: &UserId,
    policy: Policy,
    limit: u64,
    wanted: u64,
    now: Timestamp,
) -> Result<(Allowance, Option<Timestamp>), StoreError> {
    let (what, window) = counted(policy);
    let text = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) AS used, min(at) AS oldest FROM charges
        WHERE user_id = $1 AND what = $2 AND at > $3";
    let row = on.query_one_raw(sql(on, text, in_window(user, what, window, now))).await?;
    let (used, oldest) = match row {
        Some(row) => (bytes(row.try_get("", "used")?), row.try_get::<Option<i64>>("", "oldest")?),
        None => (0, None),
    };
    let comes_back = oldest.map(|oldest| leaves(oldest, window, now));
    let allowance = Allowance { policy, limit, used, comes_back };
    if used.saturating_add(wanted) <= limit {
        return Ok((allowance, None));
    }
    let text = "SELECT at AS gone_at, amount AS frees FROM charges
        WHERE user_id = $1 AND what = $2 AND at > $3 ORDER BY at";
    let rows = on.query_all_raw(sql(on, text, in_window(user, what, window, now))).await?;
    let mut left = used;
    let mut retry_at = now.plus(window);
    for row in rows {
        retry_at = leaves(row.try_get("", "gone_at")?, window, now);
        left = left.saturating_sub(bytes(row.try_get("", "frees")?));
        if left.saturating_add(wanted) <= limit {
            break;
        }
    }
    Ok((allowance, Some(retry_at)))
}

/// When a charge leaves the window. One from the future counts as made now.
fn leaves(at: i64, window: Duration, now: Timestamp) -> Timestamp {
    Timestamp::from_millis(at).min(now).plus(window)
}

fn in_window(user: &UserId, what: What, window: Duration, now: Timestamp) -> Vec<Value> {
    vec![user.as_str().into(), what.as_str().into(), now.minus(window).millis().into()]
}

fn counted(policy: Policy) -> (What, Duration) {
    let what = match policy {
        Policy::ExportsPerHour | Policy::ExportsPerDay => What::Export,
        Policy::DownloadsPerMinute => What::Download,
        Policy::DownloadBytesPerDay => What::Bytes,
        Policy::UserStorage | Policy::JobsPerUser => unreachable!("they count what there is now"),
    };
    (what, policy.window().expect("a policy that counts what was used has a window"))
}
