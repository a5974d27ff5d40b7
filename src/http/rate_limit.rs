//! `RateLimit` and `RateLimit-Policy`: how much of which limit is left.
//!
//! Source: draft-ietf-httpapi-ratelimit-headers-10; structured fields by RFC 9651.

use http::{HeaderMap, HeaderName, HeaderValue};
use sfv::{Integer, KeyRef, ListSerializer, StringRef, key_ref};

use crate::domain::{Allowance, Policy, Timestamp, Unit};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const QUOTA: &KeyRef = key_ref("q");
const UNIT: &KeyRef = key_ref("qu");
const WINDOW: &KeyRef = key_ref("w");
const REMAINING: &KeyRef = key_ref("r");
const RESET: &KeyRef = key_ref("t");

/// The largest integer of a structured field (RFC 9651 §3.3.1).
const LARGEST: u64 = 999_999_999_999_999;

/// What a policy is called here.
pub fn name(policy: Policy) -> String {
    policy.as_str().replace('_', "-")
}

/// Both fields for these allowances as they are `now`; none where there are none.
pub fn fields(allowances: &[Allowance], now: Timestamp) -> HeaderMap {
    let (mut policies, mut limits) = (ListSerializer::new(), ListSerializer::new());
    for allowance in allowances {
        let name = name(allowance.policy);
        let name = StringRef::from_str(&name).expect("names are ASCII");
        let mut policy = policies.bare_item(name).parameter(QUOTA, integer(allowance.limit));
        if let Some(unit) = unit(allowance.policy) {
            policy = policy.parameter(UNIT, unit);
        }
        if let Some(window) = allowance.policy.window() {
            policy = policy.parameter(WINDOW, integer(window.as_secs()));
        }
        _ = policy.finish();
        let mut limit = limits.bare_item(name).parameter(REMAINING, integer(allowance.remaining()));
        if let Some(comes_back) = allowance.comes_back {
            let seconds = comes_back.since(now).as_millis().div_ceil(1000);
            limit = limit.parameter(RESET, integer(u64::try_from(seconds).unwrap_or(LARGEST)));
        }
        _ = limit.finish();
    }
    let fields = [(RATE_LIMIT_POLICY, policies.finish()), (RATE_LIMIT, limits.finish())];
    let lines =
        fields.into_iter().filter_map(|(name, text)| Some((name, HeaderValue::try_from(text?).ok()?)));
    lines.collect()
}

/// What a quota counts, where it is not requests.
fn unit(policy: Policy) -> Option<&'static StringRef> {
    match policy.unit() {
        Unit::Requests => None,
        Unit::Bytes => Some(sfv::string_ref("content-bytes")),
        Unit::Jobs => Some(sfv::string_ref("concurrent-requests")),
    }
}

fn integer(number: u64) -> Integer {
    Integer::try_from(number.min(LARGEST)).expect("not above the largest")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);

    fn allowance(policy: Policy, limit: u64, used: u64, wait_millis: Option<u64>) -> Allowance {
        let comes_back = wait_millis.map(|millis| NOW.plus(Duration::from_millis(millis)));
        Allowance { policy, limit, used, comes_back }
    }

    #[test]
    fn limits_are_told_as_structured_fields() {
        let fields = fields(
            &[
                allowance(Policy::ExportsPerHour, 10, 3, Some(1_199_001)),
                allowance(Policy::DownloadBytesPerDay, u64::MAX, 0, None),
                allowance(Policy::UserStorage, 5, 9, None),
            ],
            NOW,
        );
        assert_eq!(
            fields["ratelimit-policy"],
            r#""exports-per-hour";q=10;w=3600, "download-bytes-per-day";q=999999999999999;qu="content-bytes";w=86400, "user-storage";q=5;qu="content-bytes""#
        );
        assert_eq!(
            fields["ratelimit"],
            r#""exports-per-hour";r=7;t=1200, "download-bytes-per-day";r=999999999999999, "user-storage";r=0"#
        );
    }

    #[test]
    fn where_there_are_no_limits_nothing_is_told() {
        assert!(fields(&[], NOW).is_empty());
    }
}
