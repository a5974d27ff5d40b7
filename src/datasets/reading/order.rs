//! What is to be read.

use std::collections::BTreeSet;

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
    /// Only these sections; all when nothing is said.
    pub sections: Option<BTreeSet<String>>,
    /// Of everyone's data, those from the first of these users to the last: what `:first_user` and
    /// `:last_user` are bound to.
    pub users: Option<(String, String)>,
    /// Most rows of each section, beside what the declaration says; more are left out.
    pub most_rows: Option<u64>,
    /// Stops the reading, here and at the source.
    pub cancel: CancellationToken,
}

impl Order {
    /// Whether the section `name` is wanted.
    pub(in crate::datasets) fn wants(&self, name: &str) -> bool {
        self.sections.as_ref().is_none_or(|sections| sections.contains(name))
    }
}
