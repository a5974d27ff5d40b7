//! All data sets of a house.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::check::{Finding, check};
use super::config::Config;
use super::data_set::DataSet;
use super::declared;
use super::fault::DataSetsError;
use super::mask::MaskKey;
use super::reading::{Forecast, Order, Reading, begin, forecast};
use crate::domain::Kind;
use crate::records::{DataError, DataFault};

/// The data sets that were declared. Cheap to clone: all clones are the same.
#[derive(Clone)]
pub struct DataSets(Arc<All>);

struct All {
    data_sets: Vec<Arc<DataSet>>,
    key: Arc<MaskKey>,
}

impl DataSets {
    /// None at all, for a house without.
    pub fn none() -> Self {
        Self::of(Vec::new(), None)
    }

    /// Reads what `config` says where. No source is asked yet: that is [`DataSets::check`]'s.
    ///
    /// # Errors
    /// [`DataSetsError`]: the file, or everything that is wrong with it.
    pub fn open(config: &Config) -> Result<Self, DataSetsError> {
        let Some(file) = &config.file else { return Ok(Self::none()) };
        let text = std::fs::read_to_string(file).map_err(|error| DataSetsError::Unreadable {
            file: file.display().to_string(),
            why: error.to_string(),
        })?;
        let name = file.file_name().map_or(file.as_path(), Path::new);
        let data_sets = declared::read(&name.display().to_string(), &text)?;
        Ok(Self::of(data_sets, config.mask_key.as_deref()))
    }

    fn of(data_sets: Vec<DataSet>, key: Option<&str>) -> Self {
        let data_sets = data_sets.into_iter().map(Arc::new).collect();
        Self(Arc::new(All { data_sets, key: Arc::new(MaskKey::new(key)) }))
    }

    /// Asks every source whether it has what was declared.
    pub async fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for data_set in &self.0.data_sets {
            findings.extend(check(data_set, &self.0.key).await);
        }
        findings
    }

    /// Every data set, in the order of their declaration.
    pub fn all(&self) -> impl Iterator<Item = &DataSet> {
        self.0.data_sets.iter().map(Arc::as_ref)
    }

    /// The one of that name.
    pub fn find(&self, name: &str) -> Option<&DataSet> {
        self.all().find(|data_set| data_set.name() == name)
    }

    /// The one of a kind that has just one; the first of a kind that has several.
    pub fn of_kind(&self, kind: Kind) -> Option<&DataSet> {
        self.all().find(|data_set| data_set.kind() == kind)
    }

    /// The report of that word.
    pub fn report(&self, word: &str) -> Option<&DataSet> {
        self.all().find(|data_set| data_set.kind() == Kind::Analytics && data_set.report() == Some(word))
    }

    /// Opens a snapshot and counts what is ordered; its rows can be read then. Has to be called on
    /// a runtime, where a task then reads ahead, a little.
    ///
    /// # Errors
    /// [`DataError`].
    pub async fn begin(&self, order: Order) -> Result<Reading, DataError> {
        begin(self.ordered(&order)?, order, &self.0.key).await
    }

    /// What a reading would be like, from the source's count and a sample.
    ///
    /// # Errors
    /// [`DataError`].
    pub async fn forecast(&self, order: Order) -> Result<Forecast, DataError> {
        forecast(self.ordered(&order)?, order, &self.0.key).await
    }

    fn ordered(&self, order: &Order) -> Result<&Arc<DataSet>, DataError> {
        let data_set = order.data_set.clone();
        self.0.data_sets.iter().find(|known| known.name() == data_set).ok_or(DataError {
            data_set,
            section: None,
            fault: DataFault::NotThere,
        })
    }
}

impl fmt::Debug for DataSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(DataSet::name)).finish()
    }
}
