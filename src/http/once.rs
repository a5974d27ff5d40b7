//! `Idempotency-Key`: a request that is sent again is answered again, and done once.

use std::pin::pin;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Collected};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};
use tokio::time::timeout;
use tracing::Instrument;

use crate::app::{Begun, Desk, StoredReply, TELL_AGAIN};
use crate::domain::{Caller, Sha256};
use crate::security::Strongbox;

use super::asked::{Asked, write_down};
use super::audit::GivenAgain;
use super::kit::{Answer, Call, FromCall, Handler, IntoReply, Problem, Reply, RequestFault, caught, full};
use super::shared::Shared;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// `true` on a reply that was given before, which its body does not tell.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Runs `handler` unless a request with the same key was answered before.
///
/// Once begun, it runs to its end even if its client goes away: a client that lost its
/// connection is the very one that will ask again.
pub async fn once(mut call: Call<Shared>, handler: Handler<Shared>) -> Reply {
    match key(&call.parts.headers) {
        Ok(None) => handler(call).await,
        Ok(Some(key)) => keyed(call, handler, key).await.into_reply(),
        // Who calls is asked first, as everywhere.
        Err(fault) => match Caller::from_call(&mut call).await {
            Ok(_) => Problem::from(fault).into_reply(),
            Err(problem) => problem.into_reply(),
        },
    }
}

async fn keyed(mut call: Call<Shared>, handler: Handler<Shared>, key: String) -> Answer<Reply> {
    let caller = Caller::from_call(&mut call).await?;
    let asked = Asked::from_call(&mut call).await?;
    let body = call.body.bytes().await?;
    let target = call.parts.uri.path_and_query().map_or(asked.path.as_str(), |target| target.as_str());
    let fingerprint = fingerprint(&caller, &call.parts.method, target, &body);
    // Replies may carry what is told only once, like the address of a link: nobody but whoever has
    // the key reads them where they are kept, nor the key.
    let strongbox = Strongbox::of(&caller.user, &key);
    let desk = call.state.desk.clone();
    // From here on nothing hangs on the client: a key that is taken has somebody who will give it back.
    let running = async move {
        match desk.replies().begin(&caller, strongbox.name(), &fingerprint).await? {
            Begun::Fresh => {}
            Begun::Replay(stored) => return Ok(given_again(unlocked(stored, &strongbox))),
            Begun::InProgress => return Err(RequestFault::IdempotencyInProgress.into()),
            Begun::OtherBody => return Err(RequestFault::IdempotencyKeyReused.into()),
        }
        let mut reply = told_of(&desk, &caller, &strongbox, caught(&handler, call)).await;
        write_down(&mut reply, &asked, desk.clock().now());
        Ok(kept(&desk, &caller, &strongbox, reply).await)
    };
    let reply = tokio::spawn(running.in_current_span()).await;
    reply.unwrap_or_else(|_shutting_down| Err(RequestFault::Panicked.into()))
}

/// What `answering` comes to. As long as it takes, its key is not free: whoever sends it again is told
/// that it is being carried out.
async fn told_of<T>(
    desk: &Desk,
    caller: &Caller,
    strongbox: &Strongbox,
    answering: impl Future<Output = T>,
) -> T {
    let mut answering = pin!(answering);
    loop {
        match timeout(TELL_AGAIN, &mut answering).await {
            Ok(reply) => return reply,
            Err(_takes_long) => {
                if let Err(error) = desk.replies().still(caller, strongbox.name()).await {
                    tracing::warn!(%error, "a request that takes long could not be told of; its key may become free");
                }
            }
        }
    }
}

/// Stores `reply` if another attempt would get the same one anyway; frees the key if not.
async fn kept(desk: &Desk, caller: &Caller, strongbox: &Strongbox, reply: Reply) -> Reply {
    let (head, body) = reply.into_parts();
    let bytes = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let remembered = if is_final(head.status) {
        let stored = stored(head.status, &head.headers, &bytes);
        desk.replies().finish(caller, strongbox.name(), &locked(stored, strongbox)).await
    } else {
        desk.replies().forget(caller, strongbox.name()).await
    };
    if let Err(error) = remembered {
        tracing::warn!(%error, "a reply could not be kept for its Idempotency-Key");
    }
    Reply::from_parts(head, full(bytes))
}

/// Not what the server's state or the caller's credentials made of it.
fn is_final(status: StatusCode) -> bool {
    let passing = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !passing.contains(&status)
}

fn stored(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> StoredReply {
    // How much somebody has left is told as it is, not as it was.
    let lasting = headers.iter().filter(|(name, _)| !name.as_str().starts_with("ratelimit"));
    let lines = lasting.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let body = String::from_utf8_lossy(body).into_owned(); // replies to a POST are JSON
    StoredReply { status: status.as_u16(), headers: lines.collect(), body }
}

/// Headers too: one of them may be the cookie of a session.
fn locked(stored: StoredReply, strongbox: &Strongbox) -> StoredReply {
    let StoredReply { status, headers, body } = stored;
    let text = serde_json::to_string(&Locked { headers, body }).expect("texts are JSON");
    StoredReply { status, headers: Vec::new(), body: strongbox.lock(&text) }
}

fn unlocked(stored: StoredReply, strongbox: &Strongbox) -> StoredReply {
    let text = strongbox.unlock(&stored.body).unwrap_or_default();
    match serde_json::from_str(&text) {
        Ok(Locked { headers, body }) => StoredReply { headers, body, ..stored },
        // Kept before headers were locked along with it.
        Err(_) => StoredReply { body: text, ..stored },
    }
}

/// What of a reply is locked away.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    headers: Vec<(String, String)>,
    body: String,
}

fn given_again(stored: StoredReply) -> Reply {
    let mut reply = Reply::new(full(stored.body));
    reply.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    reply.extensions_mut().insert(GivenAgain);
    *reply.status_mut() = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    for (name, value) in stored.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

/// Of all that makes a request this request. How far its credential reaches is a part of it:
/// what one was told that may do everything is not told again to one that may not. Lengths keep
/// the parts apart.
fn fingerprint(caller: &Caller, method: &Method, target: &str, body: &[u8]) -> Sha256 {
    let mut hasher = Hasher::new();
    let reach = [caller.role.word(), caller.scope.word(), caller.actor()].map(str::as_bytes);
    for part in reach.into_iter().chain([method.as_str().as_bytes(), target.as_bytes(), body]) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    Sha256(hasher.finalize().into())
}

fn key(headers: &HeaderMap) -> Result<Option<String>, RequestFault> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = match (lines.next(), lines.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only.as_bytes(),
        (Some(_), Some(_)) => return Err(RequestFault::InvalidIdempotencyKey),
    };
    let is_key = (1..=255).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    let key = String::from_utf8(key.to_vec()).ok().filter(|_| is_key);
    key.map(Some).ok_or(RequestFault::InvalidIdempotencyKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Role, Scope};

    #[test]
    fn a_key_is_visible_ascii_sent_once() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static(line));
            }
            key(&headers)
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["order-7/\"a\""]), Ok(Some("order-7/\"a\"".into())));
        assert_eq!(of(&["x".repeat(255).leak()]).map(|key| key.map(|key| key.len())), Ok(Some(255)));
        for wrong in [&[""][..], &["a b"], &["a", "a"], &["x".repeat(256).leak()]] {
            assert_eq!(of(wrong), Err(RequestFault::InvalidIdempotencyKey), "{wrong:?}");
        }
    }

    #[test]
    fn requests_that_differ_anywhere_have_different_fingerprints() {
        let ada = Caller::new("ada".parse().expect("a user"), Role::Admin);
        let fingerprint = |method, path, body| fingerprint(&ada, method, path, body);
        let one = fingerprint(&Method::POST, "/a", b"b");
        assert_eq!(one, fingerprint(&Method::POST, "/a", b"b"));
        for other in [
            Caller { role: Role::User, ..ada.clone() },
            Caller { scope: Scope::Write, ..ada.clone() },
            Caller { acting: Some("root".into()), ..ada.clone() },
        ] {
            assert_ne!(one, super::fingerprint(&other, &Method::POST, "/a", b"b"), "{other:?}");
        }
        for other in [
            fingerprint(&Method::PUT, "/a", b"b"),
            fingerprint(&Method::POST, "/ab", b""),
            fingerprint(&Method::POST, "/a?b", b"b"),
            fingerprint(&Method::POST, "/", b"ab"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[tokio::test]
    async fn a_reply_is_given_again_as_it_was() {
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit", HeaderValue::from_static("\"hour\";r=3"));
        headers.insert("location", HeaderValue::from_static("/api/v1/exports/7"));
        headers.insert("set-cookie", HeaderValue::from_static("session=secret"));
        let strongbox = Strongbox::of(&"ada".parse().expect("a user"), "order-7");
        let kept = locked(stored(StatusCode::ACCEPTED, &headers, &Bytes::from("{}")), &strongbox);
        assert!(!format!("{kept:?}").contains("secret") && kept.headers.is_empty());
        let again = given_again(unlocked(kept, &strongbox));
        let (head, body) = again.into_parts();
        headers.remove("ratelimit");
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        assert_eq!((head.status, head.headers), (StatusCode::ACCEPTED, headers));
        assert_eq!(body.collect().await.expect("a body").to_bytes(), "{}");
    }

    #[test]
    fn a_reply_that_an_earlier_version_kept_is_given_again_too() {
        let strongbox = Strongbox::of(&"ada".parse().expect("a user"), "order-7");
        let headers = vec![("location".to_owned(), "/x".to_owned())];
        let kept = StoredReply { status: 201, headers: headers.clone(), body: strongbox.lock("{}") };
        assert_eq!(unlocked(kept, &strongbox), StoredReply { status: 201, headers, body: "{}".to_owned() });
    }

    #[test]
    fn only_what_would_come_out_the_same_is_kept() {
        for (status, kept) in
            [(202, true), (200, true), (404, true), (422, true), (401, false), (403, false), (507, false)]
        {
            assert_eq!(is_final(StatusCode::from_u16(status).expect("a status")), kept, "{status}");
        }
    }
}
