//! What becomes of signed requests that prove nobody.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, StatusCode};

use super::Problem;
use super::situations::RequestFault;
use crate::security::signature::SignatureFault;

const ACCEPT_SIGNATURE: HeaderName = HeaderName::from_static("accept-signature");
/// What a signature has to cover and to say (RFC 9421 §5.1).
const ACCEPTED: &str =
    r#"sig=("@method" "@target-uri" "content-digest");created;nonce;keyid;alg="hmac-sha256""#;

/// All signatures that prove nobody are refused in the same words, so that trying teaches nothing;
/// only that one was used before is told, because it was right then.
impl From<SignatureFault> for Problem {
    fn from(fault: SignatureFault) -> Self {
        use SignatureFault as F;
        let refused = |code, detail: &str| {
            Self::new(StatusCode::UNAUTHORIZED, code, detail)
                .header(WWW_AUTHENTICATE, r#"Signature realm="exportd", Bearer realm="exportd""#)
                .header(ACCEPT_SIGNATURE, ACCEPTED)
        };
        match fault {
            F::Replayed => {
                refused("REPLAYED", "a request with this nonce was here before; sign each with a new one")
            }
            F::MayNotActFor(_) => {
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", "this key may not act for that user")
            }
            F::BodyTooLarge => RequestFault::BodyTooLarge.into(),
            F::BodyUnread => RequestFault::BodyBroken.into(),
            F::NotAlone
            | F::Malformed(_)
            | F::NotOneKnown { .. }
            | F::WrongAlgorithm
            | F::Lacks(_)
            | F::DoesNotCover(_)
            | F::NoSuchComponent(_)
            | F::OutsideWindow { .. }
            | F::Expired { .. }
            | F::Forged
            | F::MalformedDigest
            | F::OtherBody
            | F::NoUser => {
                refused("SIGNATURE_INVALID", "the signature is not valid here; see docs/signing.md")
            }
        }
    }
}
