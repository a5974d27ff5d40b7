//! Whether to try again, and when.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// How long to wait after the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait of our own choice.
const LONGEST: Duration = Duration::from_secs(30);

/// How often one connection still tries.
///
/// It gives up when it has failed so often while no connection at all received a byte. While
/// others do, a server merely does not want so many of us; then it waits for longer and longer.
#[derive(Debug)]
pub struct Patience {
    retries: u32,
    own: u32,
    barren: u32,
    seen: u64,
}

impl Patience {
    /// So many tries after the first.
    pub fn new(retries: u32) -> Self {
        Self { retries, own: 0, barren: 0, seen: 0 }
    }

    /// This connection itself received something.
    pub fn progress(&mut self) {
        self.own = 0;
    }

    /// It failed, and by now all together have received so many bytes. How long to wait before the
    /// next try, unless there is none: as long as the server asks (`after`), or half a second,
    /// twice as long each time.
    pub fn failed(&mut self, received: u64, after: Option<Duration>) -> Option<Duration> {
        if received > self.seen {
            (self.seen, self.barren) = (received, 0);
        }
        self.barren += 1;
        self.own = self.own.saturating_add(1);
        (self.barren <= self.retries).then(|| after.unwrap_or_else(|| backoff(self.own, rand::random())))
    }
}

/// The wait after so many failures in a row; `lot`, from 0 to 1, spreads those who failed together.
fn backoff(failures: u32, lot: f64) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(LONGEST).mul_f64(0.75 + lot / 2.0)
}

/// How long a server asks to be left alone: seconds, or a date, which is held against the server's
/// own clock, or ours (`now`) where it does not tell.
///
/// Source: RFC 9110 §10.2.3.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let there = headers.get(DATE).and_then(|sent| date(sent.to_str().ok()?)).unwrap_or(now);
    Some(date(text)?.duration_since(there).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_are_spread() {
        let waits: Vec<_> = (1..=8).map(|failures| backoff(failures, 0.5).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert_eq!(backoff(1, 0.0).as_millis(), 375);
        assert!(backoff(u32::MAX, 1.0) < Duration::from_secs(38));
    }

    #[test]
    fn nobody_gives_up_while_somebody_receives() {
        let mut patience = Patience::new(2);
        for received in 1..100 {
            assert!(patience.failed(received, None).is_some());
        }
        assert!(patience.failed(99, None).is_some());
        assert_eq!(patience.failed(99, None), None);
        assert_eq!(Patience::new(0).failed(0, None), None);
    }

    #[test]
    fn own_progress_makes_the_next_wait_short_again_and_the_server_has_the_first_word() {
        let mut patience = Patience::new(100);
        (0..10).for_each(|_| assert!(patience.failed(0, None).is_some()));
        patience.progress();
        assert!(patience.failed(0, None).expect("a wait") < Duration::from_secs(1));
        assert_eq!(patience.failed(0, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_server_says_when_in_seconds_or_by_its_own_clock() {
        let asked = |retry: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(retry));
            date.map(|date| headers.insert(DATE, HeaderValue::from_static(date)));
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        let at = "Sun, 06 Nov 1994 08:49:47 GMT";
        assert_eq!(asked("120", None), Some(120));
        assert_eq!(asked(at, None), Some(10), "ours is 08:49:37");
        assert_eq!(asked(at, Some("Sun, 06 Nov 1994 08:49:42 GMT")), Some(5));
        assert_eq!(asked(at, Some("Sun, 06 Nov 1994 09:49:42 GMT")), Some(0), "it has passed there");
        assert_eq!(asked("soon", None), None);
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
