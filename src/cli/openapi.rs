//! `exportd openapi`: the API's document.

use clap::Args;

use super::outcome::{Exit, Failure};
use super::output;
use crate::http;

/// Print the API's document (OpenAPI 3.1)
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd openapi > openapi.json")]
pub struct OpenApi;

impl OpenApi {
    /// Prints the document that `GET /api/openapi.json` answers.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        output::json(&http::document::document(None))?;
        Ok(Exit::Done)
    }
}
