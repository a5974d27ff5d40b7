//! One GET.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, Request, StatusCode};
use tokio::time::timeout;

use super::bounds::Bounds;
use super::error::FetchError;
use super::place::Place;
use super::send::{ask, whole_body};

/// An answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The body.
    pub bytes: Bytes,
    /// How long it is fresh, if it says so (RFC 9111 §5.2.2.1).
    pub max_age: Option<Duration>,
}

/// Asks for what lies at `place`, over a connection of its own, which is closed afterwards.
///
/// # Errors
/// [`FetchError`].
pub async fn fetch(place: &Place, bounds: Bounds) -> Result<Fetched, FetchError> {
    let asked = timeout(bounds.time, whole(place, bounds.bytes)).await;
    asked.unwrap_or(Err(FetchError::TooSlow(bounds.time)))
}

async fn whole(place: &Place, longest: usize) -> Result<Fetched, FetchError> {
    let request = Request::get(place.uri())
        .header(ACCEPT, "application/json, */*;q=0.5")
        .body(Bytes::new())
        .expect("a place is an address and the headers are constants");
    let answer = ask(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Refused(answer.status().as_u16()));
    }
    let max_age = max_age(answer.headers());
    Ok(Fetched { bytes: whole_body(answer.into_body(), longest).await?, max_age })
}

/// The directives are separated by commas and in any case; one that may not be kept at all is
/// fresh for no time.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let mut fresh = None;
    for directive in lines.flat_map(|line| line.split(',')).map(|word| word.trim().to_ascii_lowercase()) {
        if directive == "no-store" || directive == "no-cache" {
            return Some(Duration::ZERO);
        }
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            fresh = seconds.trim_matches('"').parse().ok().map(Duration::from_secs);
        }
    }
    fresh
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_answer_is_fresh_for_as_long_as_it_says() {
        for (lines, seconds) in [
            (&[][..], None),
            (&["public, max-age=3600, must-revalidate"], Some(3600)),
            (&["Max-Age=\"60\""], Some(60)),
            (&["public", "max-age=5"], Some(5)),
            (&["max-age=3600, no-store"], Some(0)),
            (&["max-age=soon"], None),
            (&["s-maxage=9"], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CACHE_CONTROL, HeaderValue::from_static(line));
            }
            assert_eq!(max_age(&headers).map(|age| age.as_secs()), seconds, "{lines:?}");
        }
    }
}
