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
    use toml::de::{DeTable, DeValue};

    use super::*;

    /// What the file says of its source.
    fn told(text: &str) -> Vec<(String, String)> {
        let file = DeTable::parse(text).expect("TOML").into_inner();
        let Some(DeValue::Table(sources)) = file.get("sources").map(toml::Spanned::get_ref) else {
            panic!("no sources in {text}")
        };
        assert_eq!(sources.len(), 1);
        let Some(DeValue::Table(source)) = sources.get("app").map(toml::Spanned::get_ref) else {
            panic!("no source in {text}")
        };
        let of = |value: &DeValue<'_>| value.as_str().expect("text").to_owned();
        source.iter().map(|(key, value)| (key.get_ref().to_string(), of(value.get_ref()))).collect()
    }

    #[test]
    fn the_file_names_its_source_and_no_word_of_the_template_is_left() {
        for url in ["sqlite:///srv/app.db", "postgres://exporter@db/app", "mysql://exporter@db/app"] {
            let text = example(url).expect("known");
            assert_eq!(told(&text), [("url".to_owned(), url.to_owned())]);
            for (at, _) in text.match_indices('{') {
                assert!(
                    !text[at + 1..].starts_with(|next: char| next.is_ascii_lowercase()),
                    "{}",
                    &text[at..at + 20]
                );
            }
        }
    }

    #[test]
    fn a_password_never_gets_into_the_file() {
        for url in ["postgres://me:hunter2@db/app", "mysql://db/app?user=me&password=hunter2"] {
            let text = example(url).expect("known");
            assert!(!text.contains("hunter2"), "{url}");
            assert_eq!(told(&text), [("url_file".to_owned(), URL_FILE.to_owned())]);
        }
    }

    #[test]
    fn no_address_breaks_out_of_its_place() {
        let url = "sqlite:///srv/\"a\\b\n[sources.evil]\n.db";
        assert_eq!(told(&example(url).expect("known")), [("url".to_owned(), url.to_owned())]);
        told(&example("postgres://me:pw@db/a\n[sources.evil]").expect("known"));
    }
}
