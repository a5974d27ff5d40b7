//! Which server a command asks, and as whom.

use clap::Args;
use hyper::StatusCode;

use super::client::{Base, BaseError, Client, ClientError};
use super::outcome::{Exit, Failure};

/// A server and a credential for it.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// The server
    #[arg(long, value_name = "URL", env = "EXPORTD_SERVER", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Who asks; see `exportd token`
    #[arg(long, value_name = "TOKEN", env = "EXPORTD_TOKEN", hide_env_values = true, default_value = "")]
    token: String,
}

impl ServerArgs {
    /// A client of that server.
    ///
    /// # Errors
    /// When it is no server's address, or the token no token.
    pub fn client(&self) -> Result<Client, Failure> {
        let token = self.token()?.unwrap_or_default();
        Client::new(self.base()?, token).map_err(|error| Failure::because(&error))
    }

    /// Where the server is.
    ///
    /// # Errors
    /// When it is not written as an `http://` or `https://` address.
    pub fn base(&self) -> Result<Base, Failure> {
        let wrong = |error: BaseError| Failure::new(Exit::WrongUse, format!("{} {error}", self.server));
        self.server.parse().map_err(wrong)
    }

    /// The credential, if there is one.
    ///
    /// # Errors
    /// When it could not be sent in a header.
    pub fn token(&self) -> Result<Option<&str>, Failure> {
        if !self.token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let words = "the token is none: it has spaces or other such characters";
            return Err(Failure::new(Exit::WrongUse, words));
        }
        Ok(Some(self.token.as_str()).filter(|token| !token.is_empty()))
    }
}

/// How a command ends that got no answer, or not the one it wanted.
pub fn refused(error: &ClientError) -> Failure {
    let failure = Failure::because(error);
    let exit = match error {
        ClientError::Refused { status, .. } => exit_of(*status),
        _ => Exit::Failed,
    };
    Failure { exit, ..failure }
}

/// How a command ends that was refused with this status.
pub fn exit_of(status: StatusCode) -> Exit {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Exit::Missing,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::NotAllowed,
        _ => Exit::Failed,
    }
}
