//! What a selector means to its data set.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use crate::datasets::{self, DataSet, DataSets, ParameterFault};
use crate::domain::Selection;
use crate::packaging::{LoadError, Order};
use crate::records::{DataError, DataFault};

use super::Caps;

/// The data set that `selection` is of.
///
/// # Errors
/// When it is not there (any more).
pub fn data_set<'a>(sets: &'a DataSets, selection: &Selection) -> Result<&'a DataSet, LoadError> {
    let (name, found) = match selection {
        Selection::Project(_) => return Err(LoadError::NotThere),
        Selection::Analytics(selector) => (selector.report.as_str(), sets.report(&selector.report)),
        Selection::Custom(selector) => (selector.dataset.as_str(), sets.find(&selector.dataset)),
        other => (other.kind().as_str(), sets.of_kind(other.kind())),
    };
    found.ok_or_else(|| LoadError::Data(of(name, DataFault::NotThere)))
}

/// What is ordered of `set`; `cancel` ends it.
///
/// # Errors
/// When the data set has other parameters by now than were asked for.
pub fn order_of(
    set: &DataSet,
    order: &Order,
    caps: &Caps,
    cancel: CancellationToken,
) -> Result<datasets::Order, LoadError> {
    Ok(datasets::Order {
        data_set: set.name().to_owned(),
        owner: order.owner.clone(),
        unmasked: order.pins.unmasked,
        system_fields: order.options.include_system_fields.unwrap_or_default(),
        arguments: set.selected(&order.selection).map_err(|faults| misfit(set, faults))?,
        sections: sections_of(set, &order.selection),
        users: None,
        most_rows: Some(caps.of(order.selection.kind())),
        cancel,
    })
}

/// The sections that are asked for; all where nothing is said.
fn sections_of(set: &DataSet, selection: &Selection) -> Option<BTreeSet<String>> {
    let Selection::Bulk(selector) = selection else { return None };
    if selector.kinds.is_empty() {
        return None;
    }
    let kept =
        set.sections_of_users().filter(|(_, kind)| kind.is_none_or(|kind| selector.kinds.contains(&kind)));
    Some(kept.map(|(name, _)| name.to_owned()).collect())
}

/// The data set was declared anew since it was asked for.
fn misfit(set: &DataSet, faults: Vec<ParameterFault>) -> LoadError {
    let fault = faults.into_iter().next();
    let (name, why) = fault.map_or_else(Default::default, |fault| (fault.name, fault.why));
    LoadError::Data(of(set.name(), DataFault::Parameter { name, why }))
}

fn of(data_set: &str, fault: DataFault) -> DataError {
    DataError { data_set: data_set.to_owned(), section: None, fault }
}
