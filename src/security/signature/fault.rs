//! Why a signed request proves nobody.

use crate::domain::{Timestamp, UserId};

/// Why a signature proves nobody, for metrics and the log: whoever sent it learns only that it
/// does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// With another credential beside it, nobody could say which of the two was meant.
    #[error("there is another credential beside the signature")]
    NotAlone,
    /// No structured fields, or ones that say something twice, or too much.
    #[error("Signature-Input and Signature cannot be understood: {0}")]
    Malformed(&'static str),
    /// None of the signatures names a key of ours, or several do.
    #[error("{known} of the signatures name a key that is known here")]
    NotOneKnown {
        /// How many do.
        known: usize,
    },
    /// `alg` is another than the key is for.
    #[error("the signature names another algorithm than hmac-sha256")]
    WrongAlgorithm,
    /// A parameter that has to be there.
    #[error("the signature has no {0}")]
    Lacks(&'static str),
    /// A part of the request that has to be covered.
    #[error("the signature does not cover {0}")]
    DoesNotCover(&'static str),
    /// A component that is not supported here, or that the request does not have.
    #[error("the signature covers what cannot be had: {0}")]
    NoSuchComponent(String),
    /// Made too long ago, or not yet.
    #[error("the signature was made at {created}, outside the window")]
    OutsideWindow {
        /// When, by its maker's clock.
        created: Timestamp,
    },
    /// Its `expires` has come.
    #[error("the signature expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Nobody with the key signed this.
    #[error("the signature does not fit")]
    Forged,
    /// `Content-Digest` cannot be read, or has no algorithm that is known here.
    #[error("Content-Digest cannot be understood")]
    MalformedDigest,
    /// The body is another than was signed.
    #[error("the body is not the one that was signed")]
    OtherBody,
    /// `X-On-Behalf-Of` is there twice, or names nobody.
    #[error("X-On-Behalf-Of names no user")]
    NoUser,
    /// The key's owner did not allow that.
    #[error("the key may not act for {0}")]
    MayNotActFor(UserId),
    /// It was good once.
    #[error("the nonce was used before")]
    Replayed,
    /// Longer than any body that is taken.
    #[error("the body is too large")]
    BodyTooLarge,
    /// It did not arrive.
    #[error("the body broke off")]
    BodyUnread,
}

impl SignatureFault {
    /// The word for metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotAlone => "two_credentials",
            Self::Malformed(_) => "signature_malformed",
            Self::NotOneKnown { .. } => "signature_key",
            Self::WrongAlgorithm => "signature_algorithm",
            Self::Lacks(_) => "signature_parameter",
            Self::DoesNotCover(_) => "signature_coverage",
            Self::NoSuchComponent(_) => "signature_component",
            Self::OutsideWindow { .. } => "signature_window",
            Self::Expired { .. } => "signature_expired",
            Self::Forged => "signature_forged",
            Self::MalformedDigest => "signature_digest_malformed",
            Self::OtherBody => "signature_digest",
            Self::NoUser => "signature_no_user",
            Self::MayNotActFor(_) => "signature_acting",
            Self::Replayed => "replayed",
            Self::BodyTooLarge => "signature_body_too_large",
            Self::BodyUnread => "signature_body_unread",
        }
    }
}
