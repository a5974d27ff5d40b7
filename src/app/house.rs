//! Whether the house can serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::db::Database;
use crate::storage::Packages;

/// One part of the house, and whether it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Whether it answers.
    pub ok: bool,
    /// For people.
    pub detail: &'static str,
}

/// Asks the parts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct House {
    database: Database,
    packages: Packages,
    engine_is_well: Arc<AtomicBool>,
    draining: CancellationToken,
}

impl House {
    /// A house of these parts; whoever runs the engine keeps `engine_is_well` true.
    pub fn new(database: Database, packages: Packages, engine_is_well: Arc<AtomicBool>) -> Self {
        Self { database, packages, engine_is_well, draining: CancellationToken::new() }
    }

    /// From now on the house is not ready: it finishes what it has and takes nothing new.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Whether the house is on its way out.
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Waits until the house is on its way out: what would wait for long ends then.
    pub async fn draining(&self) {
        self.draining.cancelled().await;
    }

    /// Every part, asked now.
    pub async fn parts(&self) -> Vec<Part> {
        let database = self.database.ping().await.is_ok();
        let paused = self.database.queue().paused().await.is_ok_and(|paused| paused.is_some());
        let packages = self.packages.clone();
        let storage = tokio::task::spawn_blocking(move || packages.is_short_of_space()).await;
        let (storage, storage_detail) = match storage {
            Ok(Ok(false)) => (true, "answers"),
            // Nobody is to be sent elsewhere because of that: downloads go on.
            Ok(Ok(true)) => (true, "below storage.reserve: no job starts"),
            Ok(Err(_)) | Err(_) => (false, "does not answer"),
        };
        let engine = self.engine_is_well.load(Ordering::Acquire);
        let part = |name, ok, well, ill| Part { name, ok, detail: if ok { well } else { ill } };
        vec![
            part("database", database, "answers", "does not answer"),
            Part { name: "storage", ok: storage, detail: storage_detail },
            // Nobody is to be sent elsewhere because of that: requests are taken in.
            Part { name: "queue", ok: true, detail: if paused { "paused" } else { "open" } },
            part("engine", engine, "runs", "its actors keep dying; see the log"),
            part("house", !self.is_draining(), "open", "draining"),
        ]
    }
}
