//! Which server a command asks, and as whom.

use std::net::{SocketAddr, ToSocketAddrs};

use clap::Args;
use hyper::StatusCode;

use super::client::{Client, ClientError};
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
    /// When it is not an `http://` address that somebody has.
    pub fn client(&self) -> Result<Client, Failure> {
        let wrong = |why: &str| Failure::new(Exit::WrongUse, format!("{} {why}", self.server));
        let authority = self.server.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.ok_or_else(|| wrong("is not reached: write it as http://HOST:PORT"))?;
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let with_port = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        let found: Option<SocketAddr> = with_port.to_socket_addrs().ok().and_then(|mut found| found.next());
        let is_header = self.token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_header {
            return Err(Failure::new(
                Exit::WrongUse,
                "the token is none: it has spaces or other such characters",
            ));
        }
        found
            .map(|address| Client::new(address, self.token.clone()))
            .ok_or_else(|| wrong("is nobody's address"))
    }
}

/// How a command ends that got no answer, or not the one it wanted.
pub fn refused(error: &ClientError) -> Failure {
    let failure = Failure::because(error);
    let exit = match error {
        ClientError::Refused { status, .. } => match *status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Exit::Missing,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::NotAllowed,
            _ => Exit::Failed,
        },
        _ => Exit::Failed,
    };
    Failure { exit, ..failure }
}
