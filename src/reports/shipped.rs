//! The templates that every server has.

use std::sync::LazyLock;

use serde_json::Value;

use super::Report;

/// A template that every server has. Its name is its id.
#[derive(Debug)]
pub struct Shipped {
    /// What it says, as JSON.
    pub body: Value,
    /// The same, ready.
    pub report: Report,
}

static ALL: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    [
        include_str!("shipped/executive.json"),
        include_str!("shipped/technical.json"),
        include_str!("shipped/customer.json"),
        include_str!("shipped/compliance.json"),
    ]
    .into_iter()
    .map(|text| {
        let body: Value = serde_json::from_str(text).expect("a shipped template is JSON");
        let report = Report::read(body.clone()).expect("a shipped template is right");
        Shipped { body, report }
    })
    .collect()
});

impl Shipped {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|shipped| shipped.name() == name)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.report.template().name
    }
}
