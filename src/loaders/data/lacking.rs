//! What data lack that an export gives: rows that a limit leaves out, and what is masked. All of it is
//! known before the first row.

use crate::domain::{Warning, WarningCode};
use crate::records::{LeftOut, LimitOf, Section};

/// What an export of `sections` has to tell.
pub fn warnings(sections: &[Section]) -> Vec<Warning> {
    let cut = sections
        .iter()
        .flat_map(|section| section.left_out.iter().map(|one| left_out(&section.name, one, one.to_string())));
    let hidden =
        sections.iter().flat_map(|section| section.masked().map(|field| masked(&section.name, &field.name)));
    cut.chain(hidden).collect()
}

/// The same as facts for a document: none where nothing is lacking.
pub fn facts(sections: &[Section]) -> Vec<(String, String)> {
    let cut = sections
        .iter()
        .flat_map(|section| section.left_out.iter().map(|left_out| format!("{}: {left_out}", section.name)));
    let hidden = sections
        .iter()
        .flat_map(|section| section.masked().map(|field| format!("{}.{}", section.name, field.name)));
    let facts =
        [("left out", cut.collect::<Vec<_>>().join(". ")), ("masked", hidden.collect::<Vec<_>>().join(", "))];
    let facts = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    facts.map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// That rows of `section` are left out. What was asked for is told, too, and is no matter for alarm.
pub fn left_out(section: &str, left_out: &LeftOut, message: String) -> Warning {
    let code = match left_out.limit {
        LimitOf::Request => WarningCode::LimitReached,
        LimitOf::DataSet | LimitOf::House => WarningCode::RowsLeftOut,
    };
    Warning { code, path: Some(section.to_owned()), message }
}

/// That `column` of `section` is masked.
pub fn masked(section: &str, column: &str) -> Warning {
    Warning {
        code: WarningCode::DataMasked,
        path: Some(format!("{section}.{column}")),
        message: format!("`{column}` is masked, as it is personal"),
    }
}
