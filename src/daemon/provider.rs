//! The identity provider, as the room that knows keys meets the room that asks other servers.

use std::error::Error;
use std::sync::Arc;

use crate::outbound::{Bounds, Place, fetch};
use crate::security::{FetchKeys, Fetched, jwt};
use crate::telemetry::Metrics;

/// Fetches the keys at `auth.jwt.jwks_url`.
#[derive(Debug)]
struct Provider {
    url: String,
    metrics: Metrics,
}

/// What fetches the keys that `config` says lie elsewhere, if it does.
pub fn fetcher(config: &jwt::Config, metrics: Metrics) -> Option<Arc<dyn FetchKeys>> {
    let url = config.jwks_url.clone()?;
    Some(Arc::new(Provider { url, metrics }))
}

#[async_trait::async_trait]
impl FetchKeys for Provider {
    async fn fetch(&self) -> Result<Fetched, Box<dyn Error + Send + Sync>> {
        let place: Place = self.url.parse()?;
        let fetched = fetch(&place, Bounds::default()).await;
        let outcome = if fetched.is_ok() { "answered" } else { "failed" };
        self.metrics.key_fetches.with_label_values(&[outcome]).inc();
        let answer = fetched?;
        Ok(Fetched { bytes: answer.bytes.to_vec(), max_age: answer.max_age })
    }
}
