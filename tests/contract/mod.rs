//! The document is a contract: what it shows is true, and what the server does is in it.

mod credentials;
mod examples;
mod fuzzed;
mod ground;
mod page;
