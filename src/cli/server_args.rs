//! Which server a command asks, and as whom.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use hyper::StatusCode;

use super::client::{Base, BaseError, Client, ClientError, shown_address};
use super::outcome::{Exit, Failure};
use super::output;
use super::plain::plain_path;

const TOKEN: &str = "EXPORTD_TOKEN";
const TOKEN_FILE: &str = "EXPORTD_TOKEN_FILE";

/// A server and a credential for it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// The server
    #[arg(
        long,
        value_name = "URL",
        env = "EXPORTD_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080"
    )]
    server: String,
    // Not clap's `env`: it would make what is set for all weigh as much as what is said for this once.
    /// Who asks; see `exportd token`. Other users of this machine see arguments: rather set EXPORTD_TOKEN
    /// [env: EXPORTD_TOKEN]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// A file with the token on its first line [env: EXPORTD_TOKEN_FILE]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl ServerArgs {
    /// A client of that server.
    ///
    /// # Errors
    /// When it is no server's address, or the token no token.
    pub fn client(&self) -> Result<Client, Failure> {
        Client::new(self.base()?, self.token()?).map_err(|error| Failure::because(&error))
    }

    /// Where the server is.
    ///
    /// # Errors
    /// When it is not written as an `http://` or `https://` address.
    pub fn base(&self) -> Result<Base, Failure> {
        let wrong = |error: BaseError| {
            Failure::new(Exit::WrongUse, format!("{} {error}", shown_address(&self.server)))
        };
        self.server.parse().map_err(wrong)
    }

    /// The credential, if there is one.
    ///
    /// # Errors
    /// When its file cannot be read, or it could not be sent in a header.
    pub fn token(&self) -> Result<Option<String>, Failure> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let token = match (&self.token, &self.token_file) {
            // What is said for this once wins over what is set for all.
            (Some(token), _) => token.clone(),
            (None, Some(file)) => first_line(file)?,
            (None, None) => match (set(TOKEN), set(TOKEN_FILE)) {
                (Some(token), _) => token.to_string_lossy().into_owned(),
                (None, Some(file)) => first_line(Path::new(&file))?,
                (None, None) => String::new(),
            },
        };
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let words = "the token is none: it has spaces or other such characters";
            return Err(Failure::new(Exit::WrongUse, words));
        }
        Ok(Some(token).filter(|token| !token.is_empty()))
    }
}

fn first_line(file: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::WrongUse, format!("the token in {} cannot be read: {error}", plain_path(file)))
    };
    let mode = fs::metadata(file).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        output::note(format_args!("{0} can be read by others: chmod 600 {0}", plain_path(file)));
    }
    let text = fs::read_to_string(file).map_err(unreadable)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// How a command ends that got no answer, or not the one it wanted; and what to do next.
pub fn refused(error: &ClientError) -> Failure {
    let failure = Failure::because(error);
    let exit = match error {
        ClientError::Refused { status, .. } => exit_of(*status),
        _ => Exit::Failed,
    };
    Failure { exit, message: failure.message + &next_step(error) }
}

/// What a person can do about it; empty, or on lines of its own.
fn next_step(error: &ClientError) -> String {
    match error {
        ClientError::Unreachable { .. } => {
            "\n  is it running there? `exportd serve` starts one; --server or \
             EXPORTD_SERVER says where it is"
                .to_owned()
        }
        ClientError::Stranger { .. } => {
            "\n  is that where exportd is? --server or EXPORTD_SERVER says so".to_owned()
        }
        ClientError::Untrusted { .. } => "\n  if the certificate is your own, name it: \
             SSL_CERT_FILE=/path/to/ca.pem"
            .to_owned(),
        ClientError::Refused { status: StatusCode::UNAUTHORIZED, .. } => {
            "\n  set EXPORTD_TOKEN (or --token-file), or make one where the server's settings are: \
             EXPORTD_TOKEN=$(exportd token --user YOU)"
                .to_owned()
        }
        ClientError::Refused { after: Some(after), .. } => {
            format!("\n  come again in {}", humantime::format_duration(*after))
        }
        ClientError::Silent(_)
        | ClientError::Broken(_)
        | ClientError::Refused { .. }
        | ClientError::Unintelligible(_)
        | ClientError::Output(_)
        | ClientError::NoAuthorities(_) => String::new(),
    }
}

/// How a command ends that was refused with this status.
pub fn exit_of(status: StatusCode) -> Exit {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Exit::Missing,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::NotAllowed,
        // What the server does not understand is what it was told on the command line.
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Exit::WrongUse,
        _ => Exit::Failed,
    }
}
