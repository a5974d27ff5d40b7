//! Opens data.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::datasets::{self, DataSet, DataSets, Forecast};
use crate::formats::FormatOptions;
use crate::packaging::{Estimate, LoadError, Loader, Material, Order};

use super::Caps;
use super::archive::{ArchiveSource, Plan, everyone};
use super::document::{DataDocument, metadata};
use super::lacking;
use super::order::{data_set, order_of};

/// What a loader of data is made of; the daemon brings it.
#[derive(Clone)]
pub struct DataParts {
    /// Which data there are.
    pub datasets: DataSets,
    /// How many rows an export may have.
    pub caps: Caps,
    /// What is the same about all documents.
    pub format: FormatOptions,
}

/// Opens data sets. One loader for every kind that is of data.
#[derive(Clone)]
pub struct DataLoader {
    parts: Arc<DataParts>,
}

impl DataLoader {
    /// A loader with these parts.
    pub fn new(parts: DataParts) -> Self {
        Self { parts: Arc::new(parts) }
    }
}

impl DataLoader {
    fn archive(
        &self,
        set: &DataSet,
        order: &Order,
        wanted: datasets::Order,
    ) -> Result<ArchiveSource, LoadError> {
        let parts = &self.parts;
        let bench = order.bench.clone().ok_or(LoadError::NotThere)?;
        let plan = Plan::of(order.selection.kind());
        let keeps_nulls_apart = plan == Plan::OfEveryone;
        Ok(ArchiveSource {
            plan,
            facts: metadata(set, order, None),
            wanted,
            sets: parts.datasets.clone(),
            bench,
            options: FormatOptions { keeps_nulls_apart, ..parts.format.clone() },
            contents: HashMap::new(),
        })
    }
}

#[async_trait]
impl Loader for DataLoader {
    async fn open(&self, order: &Order) -> Result<Material, LoadError> {
        let parts = &self.parts;
        let set = data_set(&parts.datasets, &order.selection)?;
        // Whoever drops the document ends its queries.
        let cancel = CancellationToken::new();
        let wanted = order_of(set, order, &parts.caps, cancel.clone())?;
        if order.format.archive().is_some() {
            return Ok(Material::Tree(Box::new(self.archive(set, order, wanted)?)));
        }
        let reading = parts.datasets.begin(wanted).await?;
        let document = DataDocument::new(set, order, reading, &parts.format, cancel)?;
        Ok(Material::Document(Box::new(document)))
    }

    async fn estimate(&self, order: &Order) -> Result<Option<Estimate>, LoadError> {
        let parts = &self.parts;
        let set = data_set(&parts.datasets, &order.selection)?;
        let cancel = CancellationToken::new();
        let _ends_with_us = cancel.clone().drop_guard();
        let mut wanted = order_of(set, order, &parts.caps, cancel)?;
        let mut forecast = Forecast::default();
        if Plan::of(order.selection.kind()) == Plan::OfEveryone {
            let (first, rest) = everyone(&parts.datasets, set, wanted).await?;
            forecast = first;
            // Of users, some at a time are read, and each such part has as many rows as an export.
            wanted = datasets::Order { most_rows: None, ..rest };
        }
        let rest = parts.datasets.forecast(wanted).await?;
        forecast = Forecast {
            rows: forecast.rows + rest.rows,
            left_out: forecast.left_out + rest.left_out,
            bytes: forecast.bytes + rest.bytes,
            duration: forecast.duration + rest.duration,
            sections: forecast.sections.into_iter().chain(rest.sections).collect(),
        };
        Ok(Some(Estimate {
            files: 1,
            bytes: forecast.bytes,
            rows: Some(forecast.rows),
            duration: forecast.duration,
            warnings: lacking::warnings(&forecast.sections),
            ..Estimate::default()
        }))
    }
}

impl fmt::Debug for DataLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataLoader").finish_non_exhaustive()
    }
}
