//! What can be exported: a loader for every kind.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::domain::Kind;

use super::Loader;

/// The loaders of one house.
#[derive(Clone, Default)]
pub struct Registry {
    loaders: HashMap<Kind, Arc<dyn Loader>>,
}

impl Registry {
    /// With a loader for `kind`.
    #[must_use]
    pub fn with(mut self, kind: Kind, loader: impl Loader + 'static) -> Self {
        self.loaders.insert(kind, Arc::new(loader));
        self
    }

    /// The loader for `kind`.
    ///
    /// # Panics
    /// When the daemon has registered none: every kind that can be parsed has one.
    pub fn loader(&self, kind: Kind) -> Arc<dyn Loader> {
        self.loaders.get(&kind).map(Arc::clone).expect("the daemon registers a loader for every kind")
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.loaders.keys()).finish()
    }
}
