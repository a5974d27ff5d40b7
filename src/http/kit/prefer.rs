//! `Prefer: wait=N` (RFC 7240): an answer that may wait for the thing to happen.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::body::Reply;
use super::call::{Call, FromCall};
use super::problem::Answer;
use super::reply::IntoReply;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// Seconds; who wants to wait longer asks again.
const LONGEST_WAIT: u64 = 30;

/// How long the caller would rather wait than ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(Option<u64>);

impl Wait {
    /// How long, if at all.
    pub fn longest(self) -> Option<Duration> {
        self.0.map(Duration::from_secs)
    }

    /// `reply`, telling that the caller's preference was honoured.
    pub fn applied(self, reply: impl IntoReply) -> Reply {
        let mut reply = reply.into_reply();
        if let Some(seconds) = self.0
            && let Ok(applied) = HeaderValue::try_from(format!("wait={seconds}"))
        {
            reply.headers_mut().insert(PREFERENCE_APPLIED, applied);
        }
        reply
    }

    /// The first `wait` counts (§2); what is malformed is, as any preference, ignored.
    fn in_headers(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(PREFER).iter().filter_map(|line| line.to_str().ok());
        let preferences = lines.flat_map(|line| line.split(','));
        let mut waits = preferences.filter_map(|preference| {
            let (name, value) = preference.split(';').next()?.split_once('=')?;
            name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').parse().ok())
        });
        Self(waits.next().flatten().map(|seconds: u64| seconds.min(LONGEST_WAIT)))
    }
}

impl<S: Send> FromCall<S> for Wait {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        Ok(Self::in_headers(&call.parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_found_among_other_preferences_and_bounded() {
        for (lines, seconds) in [
            (&[][..], None),
            (&["wait=10"], Some(10)),
            (&["respond-async, WAIT = 10 ; x=y"], Some(10)),
            (&["wait=\"5\"", "wait=6"], Some(5)),
            (&["wait=3600"], Some(30)),
            (&["wait=0"], Some(0)),
            (&["wait=-1"], None),
            (&["wait=soon, wait=3"], None),
            (&["waiting=3"], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(PREFER, HeaderValue::from_static(line));
            }
            assert_eq!(Wait::in_headers(&headers), Wait(seconds), "{lines:?}");
        }
    }
}
