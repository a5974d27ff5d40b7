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
    /// Of everyone's data, those of some users; of all when nothing is said.
    pub users: Option<Stretch>,
    /// Most rows of each section, beside what the declaration says; more are left out.
    pub most_rows: Option<u64>,
    /// Stops the reading, here and at the source.
    pub cancel: CancellationToken,
}

/// Users one after another, in the order of the list of users. Stretches that follow each other leave
/// nothing out: who is on no list belongs to the one in which their id would stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stretch {
    /// From this one on, which `:first_user` is bound to; from the very first when nothing is said.
    pub first: Option<String>,
    /// Before this one, which `:next_user` is bound to; to the very last when nothing is said.
    pub next: Option<String>,
}

impl Order {
    /// Whether only what is of a range of dates is wanted.
    pub fn is_ranged(&self) -> bool {
        self.arguments.names().any(|name| matches!(name, "start" | "end"))
    }

    /// Whether the section `name` is wanted.
    pub(in crate::datasets) fn wants(&self, name: &str) -> bool {
        self.sections.as_ref().is_none_or(|sections| sections.contains(name))
    }
}
