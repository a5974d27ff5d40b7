//! How much of their storage users' packages take.

use sea_orm::ConnectionTrait;

use crate::domain::{Allowance, Policy, Timestamp, UserId};

use super::super::row::bytes;
use super::super::statement::sql;
use super::StoreError;

/// The bytes of a user's packages that can be downloaded, each for itself although some may share
/// theirs; and, where that is all there may be, when a first byte of another one would have room.
pub async fn storage(
    on: &impl ConnectionTrait,
    user: &UserId,
    limit: u64,
    now: Timestamp,
) -> Result<(Allowance, Option<Timestamp>), StoreError> {
    let text =
        "SELECT CAST(coalesce(sum(file_size), 0) AS BIGINT) AS used, min(expires_at) AS next FROM exports
        WHERE owner = $1 AND status = 'completed' AND expires_at > $2";
    let values = || [user.as_str().into(), now.millis().into()];
    let row = on.query_one_raw(sql(on, text, values())).await?;
    let (used, next) = match row {
        Some(row) => (bytes(row.try_get("", "used")?), row.try_get::<Option<i64>>("", "next")?),
        None => (0, None),
    };
    let comes_back = next.map(Timestamp::from_millis);
    let allowance = Allowance { policy: Policy::UserStorage, limit, used, comes_back };
    if used < limit {
        return Ok((allowance, None));
    }
    let text = "SELECT expires_at, file_size FROM exports
        WHERE owner = $1 AND status = 'completed' AND expires_at > $2 ORDER BY expires_at";
    let (mut left, mut retry_at) = (used, comes_back.unwrap_or(now));
    for row in on.query_all_raw(sql(on, text, values())).await? {
        retry_at = Timestamp::from_millis(row.try_get("", "expires_at")?);
        left = left.saturating_sub(bytes(row.try_get("", "file_size")?));
        if left < limit {
            break;
        }
    }
    Ok((allowance, Some(retry_at)))
}
