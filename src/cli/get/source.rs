//! Asking a server for a package.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, HeaderName, IF_MATCH, IF_RANGE, LOCATION, RANGE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use serde_json::Value;

use super::address::Address;
use super::fault::{GetError, Trouble};
use super::offer::{Offer, content_range};

use crate::cli::client::{Answered, Came, ClientError, Origin, Wire, passes, problem, reason, retry_after};
use crate::cli::plain::plain;

const AGENT: &str = concat!("exportd/", env!("CARGO_PKG_VERSION"));
/// For servers that only know the older `Digest` (RFC 3230).
const WANT_DIGEST: HeaderName = HeaderName::from_static("want-digest");
/// How often an address may lead to another one.
const STEPS: usize = 5;
/// The longest description of an export that is read, in bytes.
const LONGEST_STATUS: usize = 1 << 20;
/// When to ask again for what is being made, if the server has no opinion.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A package's address and the connections to its server.
#[derive(Debug)]
pub struct Source {
    wire: Wire,
    /// Where the first answer came from: the address may have moved on its own server.
    address: Mutex<Address>,
}

impl Source {
    /// The package at `address`, over `wire`.
    pub fn new(address: Address, wire: Wire) -> Self {
        Self { wire, address: Mutex::new(address) }
    }

    /// Its address, as it is now.
    pub fn address(&self) -> Address {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the server offers, without any of it: a download that was only looked at is not one.
    ///
    /// # Errors
    /// Any [`Trouble`] but a change.
    pub async fn offer(&self) -> Result<Offer, Trouble> {
        for _ in 0..STEPS {
            let answer = self.ask(Method::HEAD, HeaderMap::new()).await?;
            match answer.status() {
                StatusCode::OK => return self.offered(&answer),
                status if is_elsewhere(status) => self.step(answer.headers())?,
                // Some servers only know GET; its head tells the same.
                StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                    return self.offered(&self.whole().await?);
                }
                _ => match self.words().await? {
                    Some(trouble) => return Err(trouble),
                    None => continue,
                },
            }
        }
        Err(GetError::Circle.into())
    }

    /// What an answer offers. Of an export, exportd always tells the digest: whoever answers
    /// everything with a page of his own does not.
    fn offered(&self, answer: &Answered) -> Result<Offer, Trouble> {
        let (offer, address) = (Offer::of(answer.headers()), self.address());
        if address.status().is_some() && !offer.is_sealed() {
            let came = Came::of(answer.status(), answer.headers());
            let stranger = ClientError::Stranger { origin: address.origin().clone(), came };
            return Err(Trouble::Final(stranger.into()));
        }
        Ok(offer)
    }

    /// Why not: an answer to HEAD has no words. Nothing, if by now it could be had; no byte of it is
    /// sent then, as that would be a download.
    async fn words(&self) -> Result<Option<Trouble>, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static("\"none\""));
        let answer = self.ask(Method::GET, headers).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::PRECONDITION_FAILED => Ok(None),
            _ => Ok(Some(self.refusal(answer).await)),
        }
    }

    /// These bytes of what was offered.
    ///
    /// # Errors
    /// [`Trouble::Changed`] when they are of something else, and [`Trouble::OnlyWhole`] when all
    /// comes instead; both before any byte of the body.
    pub async fn range(&self, range: &Range<u64>, offer: &Offer) -> Result<Answered, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, number_header(format!("bytes={}-{}", range.start, range.end - 1)));
        if let Some(tag) = &offer.tag {
            headers.insert(IF_RANGE, tag.clone());
        }
        let answer = self.ask(Method::GET, headers).await?;
        match answer.status() {
            StatusCode::PARTIAL_CONTENT if !offer.is_still(answer.headers()) => Err(Trouble::Changed),
            StatusCode::PARTIAL_CONTENT => match content_range(answer.headers()) {
                Some((sent, size)) if sent == *range && size.is_none_or(|size| Some(size) == offer.size) => {
                    Ok(answer)
                }
                _ => Err(GetError::Nonsense("it brings other bytes than were asked for").into()),
            },
            StatusCode::OK if offer.is_still(answer.headers()) => Err(Trouble::OnlyWhole),
            StatusCode::OK | StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PRECONDITION_FAILED => {
                Err(Trouble::Changed)
            }
            _ => Err(self.refusal(answer).await),
        }
    }

    /// All of it, whatever it is by now.
    ///
    /// # Errors
    /// Any [`Trouble`] but those of ranges.
    pub async fn whole(&self) -> Result<Answered, Trouble> {
        let answer = self.ask(Method::GET, HeaderMap::new()).await?;
        if answer.status() == StatusCode::OK { Ok(answer) } else { Err(self.refusal(answer).await) }
    }

    /// The next bytes of an answer, and nothing at its end.
    ///
    /// # Errors
    /// [`Trouble::Passing`] when the connection breaks.
    pub async fn next(&self, answer: &mut Answered) -> Result<Option<Bytes>, Trouble> {
        Ok(self.wire.next(answer).await?)
    }

    /// How far the export is, in the server's words, where it tells.
    pub async fn progress(&self) -> Option<Value> {
        let status = self.address().status().cloned()?;
        let request = self.request(Method::GET, status, HeaderMap::new());
        let answer = self.wire.ask(request).await.ok().filter(|answer| answer.status() == StatusCode::OK)?;
        let body = Limited::new(answer.into_body(), LONGEST_STATUS).collect().await.ok()?;
        serde_json::from_slice(&body.to_bytes()).ok()
    }

    async fn ask(&self, method: Method, headers: HeaderMap) -> Result<Answered, Trouble> {
        let uri = self.address().uri().clone();
        Ok(self.wire.ask(self.request(method, uri, headers)).await?)
    }

    fn request(&self, method: Method, uri: Uri, headers: HeaderMap) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let all = request.headers_mut();
        all.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        // A package is its bytes; nobody is to press them once more.
        all.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        all.insert(WANT_DIGEST, HeaderValue::from_static("SHA-256"));
        if let Some(credential) = self.address().credential() {
            all.insert(AUTHORIZATION, credential.clone());
        }
        request
    }

    /// Goes where the address leads, but never with a credential to somebody else.
    fn step(&self, headers: &HeaderMap) -> Result<(), GetError> {
        let mut address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        let location = headers.get(LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default();
        let next = resolved(address.uri(), location).ok_or(GetError::Nonsense("it leads nowhere"))?;
        match Origin::of(&next) {
            Some(origin) if origin == *address.origin() => *address = address.moved(next),
            Some(origin) => return Err(GetError::Elsewhere(origin)),
            None => return Err(GetError::Nonsense("it leads nowhere")),
        }
        Ok(())
    }

    /// What an answer that is none means.
    async fn refusal(&self, answer: Answered) -> Trouble {
        let status = answer.status();
        let after = retry_after(answer.headers(), SystemTime::now());
        let problem = problem(answer).await;
        if problem["code"] == "PACKAGE_NOT_READY" && after.is_some() {
            let status = plain(problem["exportStatus"].as_str().unwrap_or("not completed")).into_owned();
            return Trouble::NotReady { status, after: after.unwrap_or(LOOK_AGAIN) };
        }
        let detail = reason(&problem);
        if passes(status) {
            return Trouble::Passing { why: format!("{}: {detail}", status.as_u16()), after };
        }
        let hint = if status == StatusCode::UNAUTHORIZED { self.address().hint() } else { "" };
        Trouble::Final(GetError::Refused { status, detail, hint })
    }
}

fn is_elsewhere(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn number_header(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("numbers are a header's value")
}

/// Where `location` leads from `here` (RFC 3986 §5.2, without dots in the path).
fn resolved(here: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().filter(|location| !location.is_empty())?;
    let whole = if location.starts_with("//") {
        format!("{}:{location}", here.scheme_str()?)
    } else if location.starts_with('/') {
        format!("{}://{}{location}", here.scheme_str()?, here.authority()?)
    } else if location.contains("://") {
        location.to_owned()
    } else {
        let folder = here.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{}://{}{folder}/{location}", here.scheme_str()?, here.authority()?)
    };
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_on_as_a_browser_would_go() {
        let here: Uri = "http://host:81/a/b?q".parse().expect("an address");
        for (location, there) in [
            ("/x?y#z", "http://host:81/x?y"),
            ("c", "http://host:81/a/c"),
            ("//other/x", "http://other/x"),
            ("https://host/x", "https://host/x"),
        ] {
            assert_eq!(
                resolved(&here, location).map(|uri| uri.to_string()).as_deref(),
                Some(there),
                "{location}"
            );
        }
        assert_eq!(resolved(&here, ""), None);
    }
}
