//! Signed requests (RFC 9421).

use http::HeaderName;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::domain::Caller;
use crate::http::address::OwnAddress;
use crate::http::kit::{Call, RequestFault};
use crate::http::shared::Shared;
use crate::security::CredentialError;
use crate::security::signature::{Message, SignatureFault, Target};

const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// The caller that a signature proves, if the request has one. With another credential beside it,
/// nobody could say which of the two was meant.
pub async fn caller(call: &mut Call<Shared>) -> Option<Result<Caller, CredentialError>> {
    let headers = &call.parts.headers;
    let is_signed = headers.contains_key(SIGNATURE) || headers.contains_key(SIGNATURE_INPUT);
    if is_signed { Some(proved(call).await) } else { None }
}

/// Strangers are told apart by the head alone: only what the owner of a key has sent is read to its
/// end, and only its nonce becomes a row.
async fn proved(call: &mut Call<Shared>) -> Result<Caller, CredentialError> {
    if call.parts.headers.contains_key(AUTHORIZATION) {
        return Err(SignatureFault::NotAlone.into());
    }
    let signed = {
        let own = call.state.addressing.own(&call.parts);
        call.state.authority.signed(&message(&call.parts, &own)?)?
    };
    let body = call.body.bytes().await.map_err(unread)?;
    signed.has_body(&body)?;
    match call.state.desk.nonces().spend(&signed).await {
        Ok(true) => Ok(signed.into_caller()),
        Ok(false) => Err(SignatureFault::Replayed.into()),
        Err(error) => {
            tracing::error!(error = told(&error), "a nonce cannot be written down; its request is refused");
            Err(CredentialError::Unavailable)
        }
    }
}

/// The request as its client saw it, whatever stands between the two of us.
fn message<'a>(head: &'a Parts, own: &OwnAddress) -> Result<Message<'a>, SignatureFault> {
    let asked = head.uri.path_and_query().map_or("/", |asked| asked.as_str());
    let target = Target::parse(&own.of(asked));
    Ok(Message {
        method: head.method.as_str(),
        target: target.ok_or_else(|| SignatureFault::NoSuchComponent("@target-uri".to_owned()))?,
        request_target: asked,
        headers: head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect(),
    })
}

fn unread(fault: RequestFault) -> SignatureFault {
    match fault {
        RequestFault::BodyTooLarge => SignatureFault::BodyTooLarge,
        _ => SignatureFault::BodyUnread,
    }
}

/// An error with all that caused it.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
