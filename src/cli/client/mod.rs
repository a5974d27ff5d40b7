//! An HTTP client for exportd's own API and for packages: what the command line needs and no more.
//!
//! `http://` and `https://` (trusting what the system trusts, or `SSL_CERT_FILE`), HTTP/1.1 only, so
//! that so many connections are so many; no proxies, no cookies, and no redirect is followed here.

mod api;
mod error;
mod origin;
mod wire;

pub use api::Client;
pub use error::ClientError;
pub use origin::{Base, BaseError, Origin};
pub use wire::{Answered, Wire, problem};
