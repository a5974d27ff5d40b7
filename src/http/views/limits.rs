//! Users' limits, as they are told and set.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::OfUser;
use crate::domain::{Allowance, Limit, PerPolicy, Policy, SetLimits, Timestamp, Unit, UserId};
use crate::http::audit::Told;
use crate::http::kit::{Fields, FromFields, fields};
use crate::http::rate_limit;

/// The caller's own limits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits)]
pub struct LimitsView {
    items: Vec<AllowanceView>,
}

/// A limit, and how much of it is used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Allowance)]
struct AllowanceView {
    /// As `RateLimit` and `RateLimit-Policy` call it.
    #[schema(example = "exports-per-hour")]
    policy: String,
    /// `requests`, `bytes` or `jobs`.
    #[schema(example = "requests")]
    unit: &'static str,
    /// `null` where there is none.
    #[schema(example = 10)]
    limit: Option<u64>,
    used: u64,
    /// `null` where there is no limit.
    remaining: Option<u64>,
    /// After how long what was used comes back; `null` where it is what there is now that counts.
    #[schema(example = 3600)]
    window_seconds: Option<u64>,
    /// When some of what is used comes back.
    #[schema(value_type = Option<String>, format = DateTime)]
    comes_back_at: Option<Timestamp>,
}

impl From<Vec<(Limit, Allowance)>> for LimitsView {
    fn from(limits: Vec<(Limit, Allowance)>) -> Self {
        let view = |(limit, allowance): (Limit, Allowance)| AllowanceView {
            policy: rate_limit::name(allowance.policy),
            unit: unit(allowance.policy),
            limit: limit.most(),
            used: allowance.used,
            remaining: limit.most().map(|_| allowance.remaining()),
            window_seconds: allowance.policy.window().map(|window: Duration| window.as_secs()),
            comes_back_at: allowance.comes_back,
        };
        Self { items: limits.into_iter().map(view).collect() }
    }
}

/// One user's limits: what is set for them, and what is in force.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserLimits)]
pub struct UserLimitsView {
    user_id: String,
    /// What is set for this user alone; `null` is no limit, and what is absent is the server's.
    #[schema(value_type = NewLimits)]
    set: Named,
    /// What is in force for them; `null` is no limit.
    #[schema(value_type = NewLimits)]
    in_force: Named,
}

impl From<OfUser> for UserLimitsView {
    fn from(of: OfUser) -> Self {
        let set = Named(of.set.iter().filter_map(|(policy, set)| Some((policy, (*set)?))).collect());
        let in_force = Named(of.in_force.iter().map(|(policy, limit)| (policy, *limit)).collect());
        Self { user_id: of.user.to_string(), set, in_force }
    }
}

/// Limits by their names.
#[derive(Debug)]
struct Named(Vec<(Policy, Limit)>);

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(policy, limit)| (member(*policy), limit.most())))
    }
}

/// Limits of one user. Each is a whole number, or `null` for none; what is absent is the server's.
#[derive(Debug, ToSchema)]
#[schema(as = NewLimits, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what is read into limits")]
pub struct NewLimits {
    #[schema(example = 10)]
    exports_per_hour: Option<u64>,
    exports_per_day: Option<u64>,
    downloads_per_minute: Option<u64>,
    download_bytes_per_day: Option<u64>,
    user_storage: Option<u64>,
    /// At least 1.
    jobs_per_user: Option<u64>,
}

/// Limits of one user, as they are set.
#[derive(Debug)]
pub struct NewUserLimits(pub SetLimits);

impl NewUserLimits {
    /// What the audit is to know of it.
    pub fn told(&self, user: &UserId) -> Told {
        let set = self.0.iter().filter_map(|(policy, limit)| Some((policy, Some((*limit)?))));
        told_of(Told::of("user", user.as_str()), set)
    }
}

impl FromFields for NewUserLimits {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let read = PerPolicy::from_fn(|policy| match body.taken(member(policy)) {
            None => Some(None),
            Some(value) => limit(body, policy, value).map(Some),
        });
        all(&read).map(Self)
    }
}

/// Changes of limits that are everyone's: each a whole number, `null` for none, or `"configured"`
/// for what the server's settings say.
#[derive(Debug)]
pub struct ChangedLimits(pub PerPolicy<Option<Option<Limit>>>);

impl ChangedLimits {
    /// `told` with them.
    pub fn told(&self, told: Told) -> Told {
        told_of(told, self.0.iter().filter_map(|(policy, change)| Some((policy, (*change)?))))
    }
}

/// `told` with limits, as their requests have them.
fn told_of(told: Told, limits: impl Iterator<Item = (Policy, Option<Limit>)>) -> Told {
    limits.fold(told, |told, (policy, limit)| match limit {
        Some(Limit::AtMost(most)) => told.with(member(policy), most),
        Some(Limit::Unlimited) => told.with(member(policy), "unlimited"),
        None => told.with(member(policy), "configured"),
    })
}

impl FromFields for ChangedLimits {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let read = PerPolicy::from_fn(|policy| match body.taken(member(policy)) {
            None => Some(None),
            Some(Value::String(word)) if word == "configured" => Some(Some(None)),
            Some(value) => limit(body, policy, value).map(|limit| Some(Some(limit))),
        });
        all(&read).map(Self)
    }
}

const fn unit(policy: Policy) -> &'static str {
    match policy.unit() {
        Unit::Requests => "requests",
        Unit::Bytes => "bytes",
        Unit::Jobs => "jobs",
    }
}

pub(super) const fn member(policy: Policy) -> &'static str {
    match policy {
        Policy::ExportsPerHour => "exportsPerHour",
        Policy::ExportsPerDay => "exportsPerDay",
        Policy::DownloadsPerMinute => "downloadsPerMinute",
        Policy::DownloadBytesPerDay => "downloadBytesPerDay",
        Policy::UserStorage => "userStorage",
        Policy::JobsPerUser => "jobsPerUser",
    }
}

fn limit(body: &mut Fields<'_>, policy: Policy, value: Value) -> Option<Limit> {
    if value.is_null() {
        return Some(Limit::Unlimited);
    }
    match fields::whole(least(policy)..=i64::MAX)(value) {
        Ok(most) => Some(Limit::AtMost(most.unsigned_abs())),
        Err(message) => body.fault(member(policy), format!("{message}, or null for no limit")),
    }
}

/// Nothing of something is a limit like any other. But whoever may have no job at a time would wait for
/// ever for what was taken on.
const fn least(policy: Policy) -> i64 {
    match policy.unit() {
        Unit::Requests | Unit::Bytes => 0,
        Unit::Jobs => 1,
    }
}

/// What was read of each, if nothing was wrong with any.
fn all<T: Copy>(read: &PerPolicy<Option<T>>) -> Option<PerPolicy<T>> {
    let first = read.iter().find_map(|(_, read)| *read)?;
    let mut all = PerPolicy::from_fn(|_| first);
    for (policy, read) in read.iter() {
        all[policy] = (*read)?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_limits_null_does_not_and_what_is_absent_is_the_server_s() {
        let read = fields::read::<NewUserLimits>(json!({"exportsPerHour": 7, "userStorage": null}));
        let NewUserLimits(set) = read.expect("limits");
        assert_eq!(set[Policy::ExportsPerHour], Some(Limit::AtMost(7)));
        assert_eq!(set[Policy::UserStorage], Some(Limit::Unlimited));
        assert_eq!(set[Policy::ExportsPerDay], None);
        assert_eq!(fields::read::<NewUserLimits>(json!({})).expect("none").0, SetLimits::default());
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        let nonsense = json!({"exportsPerHour": -1, "exportsPerDay": 1.5, "downloadsPerMinute": "60",
            "userStorage": 9_223_372_036_854_775_808_u64, "jobsPerUser": [], "perWeek": 3});
        let faults = fields::read::<NewUserLimits>(nonsense).expect_err("nonsense");
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        let told =
            ["/exportsPerHour", "/exportsPerDay", "/downloadsPerMinute", "/userStorage", "/jobsPerUser"];
        assert_eq!(pointers[..5], told);
        assert_eq!(pointers[5..], ["/perWeek"]);
        assert!(fields::read::<NewUserLimits>(json!({"exportsPerHour": "configured"})).is_err());
    }

    #[test]
    fn nobody_is_made_to_wait_for_ever() {
        let faults = fields::read::<NewUserLimits>(json!({"jobsPerUser": 0})).expect_err("stuck");
        assert_eq!(faults[0].pointer, "/jobsPerUser");
        assert!(fields::read::<ChangedLimits>(json!({"jobsPerUser": 0})).is_err());
        let none = json!({"exportsPerHour": 0, "userStorage": 0, "jobsPerUser": 1});
        assert!(fields::read::<NewUserLimits>(none).is_ok());
    }

    #[test]
    fn what_is_everyone_s_goes_back_to_what_is_configured() {
        let ChangedLimits(changes) =
            fields::read(json!({"exportsPerHour": "configured", "userStorage": null})).expect("changes");
        assert_eq!(changes[Policy::ExportsPerHour], Some(None));
        assert_eq!(changes[Policy::UserStorage], Some(Some(Limit::Unlimited)));
        assert_eq!(changes[Policy::JobsPerUser], None);
    }
}
