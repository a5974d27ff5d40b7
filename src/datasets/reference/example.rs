//! The data sets as they are shipped, in the words of one database.

use crate::config_units::masked_url;

use super::{Dialect, ReferenceError};

const TEMPLATE: &str = include_str!("datasets.toml");

/// Where the address is said to be kept when it has a password.
const URL_FILE: &str = "/run/secrets/app_url";

/// The shipped `datasets.toml` for the database at `url`. A password never gets into it: then it
/// names a file that the address is to be put into.
///
/// # Errors
/// [`ReferenceError::UnknownKind`] when it is no database's address.
pub fn example(url: &str) -> Result<String, ReferenceError> {
    let dialect = Dialect::of(url)?;
    let (head, data_sets) = TEMPLATE.split_once("{source}").expect("the template has a place for it");
    Ok(format!("{head}{}{}", source(url), dialect.expand(data_sets)))
}

fn source(url: &str) -> String {
    let shown = masked_url(url);
    if shown == url {
        return format!("[sources.app]\nurl = {}", quoted(url));
    }
    // No line break of an address ends the comment.
    let shown: String = shown.chars().filter(|letter| !letter.is_control()).collect();
    format!(
        "# Its address, {shown}, has a password and belongs into a file that only the server may read.\n\
         [sources.app]\nurl_file = {}",
        quoted(URL_FILE)
    )
}

/// As TOML quotes text; JSON's way is one of TOML's (TOML 1.0, basic strings).
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_valid_for_every_database_and_has_no_word_left() {
        for url in ["sqlite:///srv/app.db", "postgres://exporter@db/app", "mysql://exporter@db/app"] {
            let text = example(url).expect("known");
            let file: toml::Table = text.parse().expect("TOML");
            assert_eq!(file["sources"]["app"]["url"].as_str(), Some(url));
            let data_sets = file["datasets"].as_array().expect("data sets");
            assert_eq!(data_sets.len(), 13);
        }
    }

    #[test]
    fn a_password_never_gets_into_the_file() {
        for url in ["postgres://me:hunter2@db/app", "mysql://db/app?user=me&password=hunter2"] {
            let text = example(url).expect("known");
            assert!(!text.contains("hunter2"), "{url}");
            let file: toml::Table = text.parse().expect("TOML");
            assert_eq!(file["sources"]["app"]["url_file"].as_str(), Some(URL_FILE));
        }
    }

    #[test]
    fn no_address_breaks_out_of_its_place() {
        let url = "sqlite:///srv/\"a\\b\n[sources.evil]\n.db";
        let file: toml::Table = example(url).expect("known").parse().expect("TOML");
        assert_eq!(file["sources"].as_table().expect("sources").len(), 1);
        assert_eq!(file["sources"]["app"]["url"].as_str(), Some(url));
    }
}
