//! What only a handler knows of what it did, in its reply's extensions.

use crate::domain::audit::{Detail, Fact, Subject};
use crate::http::kit::Reply;

/// What the audit is to know beside what the route tells. No secrets, no paths of the server.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// To what it was done, where the path does not say.
    pub subject: Option<Subject>,
    /// What else.
    pub detail: Detail,
}

impl Told {
    /// It was done to the `id` of this kind.
    pub fn of(kind: &str, id: &str) -> Self {
        Self { subject: Some(Subject::new(kind, id)), detail: Detail::new() }
    }

    /// The same with a fact more.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Fact>) -> Self {
        self.detail.insert(name.to_owned(), fact.into());
        self
    }

    /// `reply`, which tells this.
    pub fn by(self, mut reply: Reply) -> Reply {
        reply.extensions_mut().insert(self);
        reply
    }
}

/// This reply was given before, to an earlier request with the same `Idempotency-Key`: nothing was
/// done now.
#[derive(Debug, Clone, Copy)]
pub struct GivenAgain;
