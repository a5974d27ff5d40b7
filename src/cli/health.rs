//! `exportd health`: whether a running server is well, for whoever watches over it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, StatusCode};
use serde_json::Value;

use super::client::{Base, BaseError, ClientError, Wire};
use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::config::{Purpose, Settings};

/// A server that is well answers at once; one that has to look for its database takes this long.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Ask a running server whether it is well
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd health --config /etc/exportd/exportd.toml
Exits 0 when requests can be served, else 1: a health check for containers, which need no shell for it.")]
pub struct Health {
    /// The server [default: where server.ops_listen says, or server.listen]
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// Tell the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Health {
    /// Asks `/readyz`, and shows the answer part by part.
    ///
    /// # Errors
    /// When nobody answers, or somebody else.
    pub fn run(self) -> Result<Exit, Failure> {
        let base = self.base()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let asked = runtime.block_on(ask(&base));
        let (status, ready) = asked.map_err(|error| {
            let failure = Failure::because(&error);
            Failure {
                message: format!("{}; does it run? `systemctl status exportd`", failure.message),
                ..failure
            }
        })?;
        let Some(ready) = ready.filter(|ready| ready["parts"].is_array()) else {
            let asked = base.address("/readyz");
            let words = format!("{asked} answers {status}, and not as an exportd does; is the URL right?");
            return Err(Failure::new(Exit::Failed, words));
        };
        if self.json {
            output::json(&ready)?;
        } else {
            output::result(parts(&ready))?;
        }
        Ok(if status == StatusCode::OK { Exit::Done } else { Exit::Failed })
    }

    fn base(&self) -> Result<Base, Failure> {
        let url = match &self.url {
            Some(url) => url.clone(),
            None => from_here(&self.settings.settings(Purpose::Tool)?)?,
        };
        url.parse().map_err(|error: BaseError| Failure::new(Exit::WrongUse, format!("{url} {error}")))
    }
}

/// Where this machine reaches the server that has these settings.
fn from_here(settings: &Settings) -> Result<String, Failure> {
    let listen = settings.server.ops_listen.address().unwrap_or(&settings.server.listen);
    let Ok(address) = listen.parse::<SocketAddr>() else { return Ok(format!("http://{listen}")) };
    if address.port() == 0 {
        let words = format!("{listen} is any free port; tell the URL");
        return Err(Failure::new(Exit::WrongUse, words));
    }
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    Ok(format!("http://{}", SocketAddr::new(ip, address.port())))
}

/// The answer to `/readyz`; without a body where that is no JSON.
async fn ask(base: &Base) -> Result<(StatusCode, Option<Value>), ClientError> {
    let wire = Wire::to(base.origin(), PATIENCE)?;
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = base.address("/readyz");
    let answer = wire.ask(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| ClientError::Broken(error.to_string()))?;
    Ok((status, serde_json::from_slice(&body.to_bytes()).ok()))
}

/// One line for each part of the server.
fn parts(ready: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |part: &Value| {
        let state = if part["ok"] == true { "ok" } else { "failing" };
        [word(&part["name"]), state.to_owned(), word(&part["detail"])]
    };
    let rows: Vec<_> = ready["parts"].as_array().into_iter().flatten().map(row).collect();
    output::table(["PART", "STATE", "DETAIL"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        let reached = |listen: &str, ops: &str| {
            let mut settings = Settings::default();
            settings.server.listen = listen.to_owned();
            settings.server.ops_listen = ops.to_owned().into();
            from_here(&settings).map_err(|failure| failure.exit)
        };
        assert_eq!(reached("127.0.0.1:8080", "0.0.0.0:9464").as_deref(), Ok("http://127.0.0.1:9464"));
        assert_eq!(reached("127.0.0.1:8080", "[::]:9464").as_deref(), Ok("http://[::1]:9464"));
        assert_eq!(reached("10.0.0.7:8080", "off").as_deref(), Ok("http://10.0.0.7:8080"));
        assert_eq!(reached("127.0.0.1:0", "off"), Err(Exit::WrongUse));
    }
}
