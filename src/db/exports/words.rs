//! The words by which exports are searched: the name of the file, the project and the version.

use sea_orm::{DatabaseTransaction, Value};

use crate::domain::{Export, Selection};

use super::super::row::{COLUMNS, big};
use super::super::statement::change;
use super::{Exports, StoreError, exports};

/// What ends a pattern's special signs' meaning.
const ESCAPE: char = '!';

impl Exports {
    /// Writes down the words of up to `limit` exports that have none: of earlier versions. Tells how
    /// many there were.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn put_into_words(&self, limit: u64) -> Result<u64, StoreError> {
        let transaction = self.database.begin().await?;
        let text = format!("SELECT {COLUMNS} FROM exports WHERE words IS NULL ORDER BY id LIMIT $1");
        let unnamed = exports(&transaction, &text, [big(limit).into()]).await?;
        for export in &unnamed {
            put_into_words(&transaction, export).await?;
        }
        transaction.commit().await?;
        Ok(unnamed.len() as u64)
    }
}

/// Writes down the words of `export`, whose file has another name now or none before.
pub(super) async fn put_into_words(on: &DatabaseTransaction, export: &Export) -> Result<(), StoreError> {
    let values: [Value; 2] =
        [export.id.to_string().into(), words(&export.file_name(), &export.title, &export.selection).into()];
    change(on, "UPDATE exports SET words = $2 WHERE id = $1", values).await.map(drop)
}

/// Where an export's words have what is looked for, `from` and the place after it being the two
/// patterns of [`patterns`].
pub(super) fn condition(from: usize) -> String {
    format!("(words LIKE ${from} ESCAPE '{ESCAPE}' OR id LIKE ${} ESCAPE '{ESCAPE}')", from + 1)
}

/// What is looked for, literally and whatever its case: anywhere in the words, or where an id begins.
pub(super) fn patterns(wanted: &str) -> [Value; 2] {
    let mut literal = String::new();
    for c in folded(wanted).chars() {
        if ['%', '_', ESCAPE].contains(&c) {
            literal.push(ESCAPE);
        }
        literal.push(c);
    }
    [format!("%{literal}%").into(), format!("{literal}%").into()]
}

/// One below the other: what is looked for has no line breaks, and so is found in one of them.
pub(super) fn words(file_name: &str, title: &str, selection: &Selection) -> String {
    let project = selection.project().map(ToString::to_string).unwrap_or_default();
    let version = selection.version().map(ToString::to_string).unwrap_or_default();
    folded(&format!("{file_name}\n{title}\n{project}\n{version}"))
}

/// In lower case. By the server, for all scripts and in the same way for both databases.
fn folded(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_pattern_means_itself_here() {
        for (wanted, within) in
            [("50%_A!", "%50!%!_a!!%"), ("STRASSE", "%strasse%"), ("Ärger\\", "%ärger\\%"), ("", "%%")]
        {
            assert_eq!(patterns(wanted)[0], within.into(), "{wanted}");
        }
        assert_eq!(patterns("0198")[1], "0198%".into());
    }
}
