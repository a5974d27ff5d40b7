//! What every command here is told: which server, and how to answer.

use clap::Args;
use hyper::Method;
use serde_json::Value;

use crate::cli::client::{Client, ClientError};
use crate::cli::outcome::Failure;
use crate::cli::server_args::{ServerArgs, refused};
use crate::domain::ExportId;

/// Whom to ask, and for whom the answer is.
#[derive(Debug, Clone, Args)]
pub struct Asking {
    /// Tell the result as JSON, as the server does
    #[arg(long)]
    pub json: bool,
    /// Say nothing but the result and what went wrong
    #[arg(short = 'q', long)]
    pub quiet: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

impl Asking {
    /// Does `work` as a client of the server. It may wait for the disk, too.
    ///
    /// # Errors
    /// As `work` has them.
    pub fn run<T>(&self, work: impl AsyncFnOnce(Client) -> Result<T, Failure>) -> Result<T, Failure> {
        let client = self.server.client()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let done = runtime.block_on(work(client));
        // Whoever is still waiting for a name server would be waited for.
        runtime.shutdown_background();
        done
    }

    /// What the server says to that, alone.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, Failure> {
        self.run(async |client| client.json(method, path, body).await.map_err(|error| refused(&error)))
    }
}

/// Where the server keeps an export.
pub fn path_of(id: ExportId) -> String {
    format!("/api/v1/exports/{id}")
}

/// A path with what is asked of it.
pub fn with_query(path: &str, query: &[(&str, String)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let query = serde_urlencoded::to_string(query).expect("names and texts can be written");
    format!("{path}?{query}")
}

/// The export's id, in what a server says of one.
///
/// # Errors
/// When the answer has none.
pub fn id_of(export: &Value) -> Result<ExportId, Failure> {
    let id = export["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| {
        let error = ClientError::Broken("the answer is none of exportd's: it names no export".to_owned());
        Failure::because(&error)
    })
}
