//! Downloads: charged before their first byte.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use crate::domain::{Allowance, ExportId, Limit, Limits, Policy, Refusal, Timestamp, UserId};

use super::super::statement::sql;
use super::super::user_limits::hold;
use super::spent::{rate, volume};
use super::{Charges, StoreError, What, charge, reach_back};

/// Between the beginning of a download and a request that still belongs to it.
const GOES_ON: Duration = Duration::from_secs(15 * 60);

/// A request that would carry bytes of a package.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// Whose limits it is charged to.
    pub user: UserId,
    /// Of whose package.
    pub export: ExportId,
    /// How it counts as a download.
    pub counts: Counts,
    /// Bytes that it would carry; 0 where nobody knows yet.
    pub bytes: u64,
    /// What sends them, so that they can be given back when it is gone; `None` when nobody will
    /// tell how many were sent.
    pub holder: Option<String>,
}

/// How a request counts among the downloads of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It does not.
    Not,
    /// As one, unless this user has begun one of the same package lately.
    UnlessBegun,
    /// As one.
    AsOne,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// It may be sent.
    In {
        /// Where bytes are limited, they are reserved under this id.
        reserved: Option<Uuid>,
        /// Whether it belongs to a download that was charged before.
        was_begun: bool,
    },
    /// It may not.
    Refused(Refusal),
}

impl Charges {
    /// Charges a request to its user's limits, or refuses it. Of any number at once, on any
    /// number of servers, exactly as many are let in as the limits allow.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is charged then.
    pub async fn admit(
        &self,
        fetch: &Fetch,
        configured: &Limits,
        now: Timestamp,
    ) -> Result<Admitted, StoreError> {
        let admitted = self.admit_all(std::slice::from_ref(fetch), configured, now).await?;
        Ok(admitted.into_iter().next().expect("one answer for one request"))
    }

    /// As [`admit`](Self::admit), for several in one transaction.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is charged then.
    pub async fn admit_all(
        &self,
        fetches: &[Fetch],
        configured: &Limits,
        now: Timestamp,
    ) -> Result<Vec<Admitted>, StoreError> {
        let mut order: Vec<usize> = (0..fetches.len()).collect();
        // In one order of users, so that two who charge several never wait for each other.
        order.sort_by_key(|index| &fetches[*index].user);
        let mut admitted = vec![None; fetches.len()];
        let transaction = self.database.begin().await?;
        for index in order {
            admitted[index] = Some(admit(&transaction, &fetches[index], configured, now).await?);
        }
        transaction.commit().await?;
        Ok(admitted.into_iter().map(|admitted| admitted.expect("each was looked at")).collect())
    }

    /// How much of `limits` `user` has used, without those that count what there is now of jobs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn used(
        &self,
        user: &UserId,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Vec<Allowance>, StoreError> {
        let (reader, mut used) = (&self.database.reader, Vec::new());
        for (policy, limit) in limits.iter() {
            // What is used is told where there is no limit too.
            let limit = limit.most().unwrap_or(i64::MAX as u64);
            let (allowance, _) = match policy {
                Policy::ExportsPerHour | Policy::ExportsPerDay | Policy::DownloadsPerMinute => {
                    rate(reader, user, policy, limit, now).await?
                }
                Policy::DownloadBytesPerDay => volume(reader, user, policy, limit, 0, now).await?,
                Policy::UserStorage => super::storage(reader, user, limit, now).await?,
                Policy::JobsPerUser => (jobs(reader, user, limit).await?, None),
            };
            used.push(allowance);
        }
        Ok(used)
    }
}

/// Charges one request on a transaction. What is refused has written nothing but what a clock that
/// was ahead had put wrong.
async fn admit(
    on: &DatabaseTransaction,
    fetch: &Fetch,
    configured: &Limits,
    now: Timestamp,
) -> Result<Admitted, StoreError> {
    let limits = hold(on, &fetch.user, configured).await?;
    reach_back(on, &fetch.user, now).await?;
    let mut looked_at = Vec::new();
    let is_charged = match limits[Policy::DownloadsPerMinute] {
        Limit::AtMost(limit) if is_another(on, fetch, now).await? => {
            looked_at.push(rate(on, &fetch.user, Policy::DownloadsPerMinute, limit, now).await?);
            true
        }
        Limit::AtMost(_) | Limit::Unlimited => false,
    };
    let reserves = limits[Policy::DownloadBytesPerDay].most();
    if let Some(limit) = reserves {
        let (policy, wanted) = (Policy::DownloadBytesPerDay, fetch.bytes.max(1));
        looked_at.push(volume(on, &fetch.user, policy, limit, wanted, now).await?);
    }
    if let Some(refusal) = Refusal::of(&looked_at, now) {
        return Ok(Admitted::Refused(refusal));
    }
    let Fetch { user, export, bytes, holder, counts } = fetch;
    if is_charged {
        charge(on, user, What::Download, 1, *export, None, now).await?;
    }
    let reserved = match reserves {
        Some(_) => Some(charge(on, user, What::Bytes, *bytes, *export, holder.as_deref(), now).await?),
        None => None,
    };
    Ok(Admitted::In { reserved, was_begun: *counts == Counts::UnlessBegun && !is_charged })
}

async fn is_another(on: &DatabaseTransaction, fetch: &Fetch, now: Timestamp) -> Result<bool, StoreError> {
    match fetch.counts {
        Counts::Not => return Ok(false),
        Counts::AsOne => return Ok(true),
        Counts::UnlessBegun => {}
    }
    let text = "SELECT 1 AS one FROM charges
        WHERE what = 'download' AND user_id = $1 AND export_id = $2 AND at > $3 LIMIT 1";
    let values =
        [fetch.user.as_str().into(), fetch.export.to_string().into(), now.minus(GOES_ON).millis().into()];
    Ok(on.query_one_raw(sql(on, text, values)).await?.is_none())
}

async fn jobs(on: &impl ConnectionTrait, user: &UserId, limit: u64) -> Result<Allowance, StoreError> {
    let text =
        "SELECT count(*) AS n FROM exports WHERE status IN ('processing', 'cancelling') AND owner = $1";
    let row = on.query_one_raw(sql(on, text, [user.as_str().into()])).await?;
    let running: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    let used = super::super::row::bytes(running);
    Ok(Allowance { policy: Policy::JobsPerUser, limit, used, comes_back: None })
}
