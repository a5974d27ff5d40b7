//! Why there are no keys of a provider.

/// Why a text gives no keys to check tokens with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// Not JSON, or without `keys`.
    #[error("it is no JWK Set: an object with `keys`, a list of JWKs")]
    NotASet,
    /// None of its keys can be used.
    #[error("none of its {keys} keys can be used{}", told(.passed_over))]
    NoneUsable {
        /// How many it has.
        keys: usize,
        /// What is wrong with each.
        passed_over: Vec<String>,
    },
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

fn told(passed_over: &[String]) -> String {
    let few: Vec<_> = passed_over.iter().take(5).map(String::as_str).collect();
    if few.is_empty() { String::new() } else { format!(": {}", few.join("; ")) }
}
