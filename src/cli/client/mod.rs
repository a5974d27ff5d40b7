//! An HTTP client for exportd's own API and for packages: what the command line needs and no more.
//!
//! `http://` and `https://` (trusting what the system trusts, or `SSL_CERT_FILE`), HTTP/1.1 only, so
//! that so many connections are so many; no proxies, no cookies, and no redirect is followed here.

mod api;
mod error;
mod origin;
mod retry;
mod wire;

pub use api::{Client, Told};
pub use error::{Came, ClientError, passes};
pub use origin::{Base, BaseError, Origin, shown_address};
pub use retry::{Patience, retry_after};
pub use wire::{Answered, Wire, problem, reason};
