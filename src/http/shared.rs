//! What the handlers share, and how they name parts of it.

use std::sync::Arc;

use bytes::Bytes;

use crate::app::Desk;
use crate::security::Authority;

use super::address::{Addressing, OwnAddress};
use super::kit::{Answer, App, Blocks, Call, FromCall};

/// What the handlers share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Does what callers ask for.
    pub desk: Desk,
    /// Tells who they are.
    pub authority: Arc<Authority>,
    /// The memory that downloads are read into.
    pub blocks: Blocks,
    /// The API's document.
    pub document: ApiDocument,
    /// By which address clients know this server.
    pub addressing: Arc<Addressing>,
}

/// `openapi.json`, written once.
#[derive(Debug, Clone)]
pub struct ApiDocument(pub Bytes);

macro_rules! part_of_shared {
    ($($part:ty = $field:ident),+) => {$(
        impl FromCall<Shared> for App<$part> {
            async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
                Ok(App(call.state.$field.clone()))
            }
        }
    )+};
}

part_of_shared!(Desk = desk, Blocks = blocks, ApiDocument = document);

impl FromCall<Shared> for OwnAddress {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        Ok(call.state.addressing.own(&call.parts))
    }
}
