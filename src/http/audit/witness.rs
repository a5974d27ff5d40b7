//! Who it was that called, for whoever still has to know when the call is over.

use std::sync::{Arc, OnceLock};

use http::Extensions;

use crate::domain::Caller;

/// A handler consumes its call, and with it everything that was found out about its sender. This
/// goes into the call's extensions, stays outside too, and hears of it.
#[derive(Debug, Clone, Default)]
pub struct Witness(Arc<Heard>);

#[derive(Debug, Default)]
struct Heard {
    caller: OnceLock<Caller>,
    refusal: OnceLock<&'static str>,
}

impl Witness {
    /// It was proved that `caller` calls.
    pub fn proved(extensions: &Extensions, caller: &Caller) {
        if let Some(Self(heard)) = extensions.get() {
            // The first proof is the one that counts; there is no other.
            let _ = heard.caller.set(caller.clone());
        }
    }

    /// Credentials were refused for this `reason`, a word for metrics.
    pub fn refused(extensions: &Extensions, reason: &'static str) {
        if let Some(Self(heard)) = extensions.get() {
            // As above.
            let _ = heard.refusal.set(reason);
        }
    }

    /// Who called, if they proved it.
    pub fn caller(&self) -> Option<&Caller> {
        self.0.caller.get()
    }

    /// Why nobody was proved to call.
    pub fn refusal(&self) -> Option<&'static str> {
        self.0.refusal.get().copied()
    }
}
