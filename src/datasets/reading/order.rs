//! What is to be read.

use tokio_util::sync::CancellationToken;

use crate::datasets::Arguments;
use crate::domain::UserId;

/// Which rows of which data set, for whom.
#[derive(Debug, Clone)]
pub struct Order {
    /// The data set's name.
    pub data_set: String,
    /// Whose data: what `:user_id` is bound to.
    pub owner: UserId,
    /// Whether columns with personal data come as they are. Who may see them is for whoever orders
    /// to decide.
    pub unmasked: bool,
    /// Whether system fields come too.
    pub system_fields: bool,
    /// What the parameters are bound to.
    pub arguments: Arguments,
    /// Most rows of each section, beside what the declaration says; more are left out.
    pub most_rows: Option<u64>,
    /// Stops the reading, here and at the source.
    pub cancel: CancellationToken,
}
