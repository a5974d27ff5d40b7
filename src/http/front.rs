//! The front of the house: its listeners and what stands behind them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tower::ServiceBuilder;

use crate::app::Desk;
use crate::security::Authority;

use super::address::Addressing;
use super::api;
use super::caller::count_from_zero;
use super::document::document;
use super::kit::{Blocks, Route, Router, Service, around};
use super::layers::{Naming, cross_origin, guarded, host, metered, named};
use super::server::{Config, Listening, Patience};
use super::shared::{ApiDocument, Shared};

/// The open front of a house. Dropping it closes it at once.
#[derive(Debug)]
pub struct Front {
    api: Listening,
    ops: Option<Listening>,
}

impl Front {
    /// Opens the API at `api` and, if wanted, metrics and health at `ops`.
    ///
    /// # Errors
    /// When a listener is none.
    pub fn open(
        api: TcpListener,
        ops: Option<TcpListener>,
        desk: Desk,
        authority: Arc<Authority>,
        config: &Config,
    ) -> io::Result<Self> {
        let json = serde_json::to_vec(&document(config.public_url.as_deref())).map_err(io::Error::other)?;
        count_from_zero(desk.metrics());
        let shared = Shared {
            desk,
            authority,
            blocks: Blocks::default(),
            document: ApiDocument(json.into()),
            addressing: Arc::new(Addressing::new(config.public_url.clone(), config.trusted_proxies.clone())),
        };
        let ops_service = service(&shared, api::ops_routes(), config);
        let start_ops = |listener| Listening::start(listener, ops_service, Patience::default());
        Ok(Self {
            api: Listening::start(api, service(&shared, api::routes(), config), Patience::default())?,
            ops: ops.map(start_ops).transpose()?,
        })
    }

    /// Where the API listens.
    pub const fn address(&self) -> SocketAddr {
        self.api.address()
    }

    /// Where metrics and health listen, if anywhere.
    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.ops.as_ref().map(Listening::address)
    }

    /// Lets the API's callers finish, for at most `grace`. Operators may look on until the front
    /// is dropped.
    pub async fn drain(&self, grace: Duration) {
        self.api.drain(grace).await;
    }
}

/// What stands behind a listener, outermost first.
pub fn service(shared: &Shared, routes: Vec<Route<Shared>>, config: &Config) -> Service {
    let trusted_proxies = config.trusted_proxies.as_slice().into();
    let naming =
        Naming { trusted_proxies, clock: shared.desk.clock().clone(), tracer: shared.desk.tracer().clone() };
    ServiceBuilder::new()
        .layer(around(naming, named))
        .layer(around((), guarded))
        .layer(around(config.cors_origins.as_slice().into(), cross_origin))
        .layer(around(shared.desk.metrics().clone(), metered))
        .layer(around((), host))
        .service(Router::new(shared.clone(), routes).into_service())
}
