//! Whether the server's addresses are free, or held by a server that answers.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use hyper::{Method, Uri};
use serde_json::Value;

use super::storage::{self, Held};
use crate::cli::client::{Client, ClientError};
use crate::cli::finding::{Finding, Verdict};
use crate::config::Settings;

/// A server that is well answers at once; one that has to look for its database takes this long.
const PATIENCE: Duration = Duration::from_secs(15);

/// The addresses, and the one that the world is told.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let held = storage::held(&settings.storage.root);
    let mut findings = vec![api(&settings.server.listen, held)];
    if let Some(listen) = settings.server.ops_listen.address() {
        findings.push(address("server.ops_listen", listen).0);
        findings.extend(open_metrics(listen));
    }
    findings.extend(public_url(settings));
    findings
}

/// What holds an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Nobody,
    Exportd,
    Another,
}

/// A server that has the store and one that answers have to be the same.
fn api(listen: &str, held: Held) -> Finding {
    let (finding, holder) = address("server.listen", listen);
    match (holder, held) {
        (Holder::Nobody, Held::Yes) if !listen.ends_with(":0") => Finding::wrong(
            format!("another server has the store of `storage.root`, and nobody answers at {listen}"),
            "stop the other one (`fuser -v exportd.lock` in the store tells which), or give this one a store of its own",
        ),
        (Holder::Exportd, Held::No) => Finding::wrong(
            format!("an exportd answers at {listen}, and has another store than `storage.root`"),
            "run this with the settings of that server (--config), or choose another `server.listen`",
        ),
        (Holder::Exportd, Held::Unseen) if finding.verdict == Verdict::Ok => Finding::note(
            format!(
                "an exportd answers at {listen}, and is ready; nobody here may see whether `storage.root` is its store"
            ),
            "run this as the user that exportd runs as",
        ),
        _ => finding,
    }
}

fn address(setting: &str, listen: &str) -> (Finding, Holder) {
    match TcpListener::bind(listen) {
        Ok(_) => (Finding::ok(format!("{setting} {listen} is free: no server runs")), Holder::Nobody),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            asked(setting, health(listen, PATIENCE), listen)
        }
        Err(error) => {
            let next = match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    "ports below 1024 are root's: give the unit AmbientCapabilities=CAP_NET_BIND_SERVICE, or choose 8080 and put nginx in front"
                }
                io::ErrorKind::AddrNotAvailable => {
                    "this machine has no such address: `ip addr` lists those it has"
                }
                _ => "choose another",
            };
            (Finding::wrong(format!("{setting} {listen} cannot be had: {error}"), next), Holder::Nobody)
        }
    }
}

/// What is said of an address that somebody has, by what they say.
fn asked(setting: &str, health: Result<String, Unwell>, listen: &str) -> (Finding, Holder) {
    let port = listen.rsplit(':').next().unwrap_or_default();
    let which = format!("`ss -ltnp 'sport = :{port}'` tells which");
    match health {
        Ok(health) if health == "ok" => {
            (Finding::ok(format!("an exportd answers at {setting} {listen}, and is ready")), Holder::Exportd)
        }
        Ok(health) => {
            let next = "look at `parts` of /readyz, and at its log";
            (Finding::wrong(format!("the exportd at {setting} {listen} is {health}"), next), Holder::Exportd)
        }
        Err(Unwell::Silent(why)) => {
            let next = format!("{which}; an exportd whose database is away may be so slow: look at its log");
            let what = format!("whoever has {setting} {listen} does not answer in time ({why})");
            (Finding::wrong(what, next), Holder::Another)
        }
        Err(Unwell::Foreign(why)) => {
            let next = format!("{which}; stop it, or choose another address");
            (Finding::wrong(format!("another program has {setting} {listen} ({why})"), next), Holder::Another)
        }
    }
}

/// Why somebody does not say how an exportd is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unwell {
    /// Nothing came: it may be one.
    Silent(String),
    /// It is none.
    Foreign(String),
}

impl From<ClientError> for Unwell {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Silent(_) => Self::Silent(error.to_string()),
            error => Self::Foreign(error.to_string()),
        }
    }
}

/// What whoever listens there says of itself within `patience`, if it is an exportd.
fn health(listen: &str, patience: Duration) -> Result<String, Unwell> {
    let foreign = |why: &str| Unwell::Foreign(why.to_owned());
    let address = listen.to_socket_addrs().ok().and_then(|mut all| all.next());
    let mut address: SocketAddr = address.ok_or_else(|| foreign("it has no address"))?;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime of this thread alone").block_on(async {
        let client = Client::at(address, "").with_patience(patience)?;
        let asked = client.json(Method::GET, "/readyz", Value::Null).await;
        let ready = match asked {
            Ok(ready) => ready,
            Err(ClientError::Refused { status, body, .. }) if status.as_u16() == 503 => body,
            Err(error) => return Err(error.into()),
        };
        match (ready["status"].as_str(), ready["parts"].is_array()) {
            (Some(status), true) => Ok(crate::cli::plain::plain(status).into_owned()),
            _ => Err(foreign("what it says is none of exportd's")),
        }
    })
}

/// Metrics tell nothing of users, and are nobody's business all the same.
fn open_metrics(listen: &str) -> Option<Finding> {
    let is_local = listen.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    let next = "right if a firewall lets only Prometheus in; else write 127.0.0.1:9464";
    (!is_local)
        .then(|| Finding::note(format!("server.ops_listen {listen} can be asked from elsewhere"), next))
}

fn public_url(settings: &Settings) -> Option<Finding> {
    let url = settings.server.public_url.as_deref()?;
    let Some(host) = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(ToOwned::to_owned)) else {
        return Some(Finding::wrong(
            format!("server.public_url {url} names no host"),
            "write https://exports.example",
        ));
    };
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    let listens_here =
        settings.server.listen.parse::<SocketAddr>().is_ok_and(|listen| listen.ip().is_loopback());
    if is_here && !listens_here {
        let next = "write the address by which others reach it";
        return Some(Finding::note(
            format!("server.public_url {url} leads others to their own machine"),
            next,
        ));
    }
    if !is_here && url.starts_with("http://") {
        let next = "put TLS in front (`exportd nginx print`), and write https://";
        return Some(Finding::note(
            format!("server.public_url {url} is not encrypted: tokens can be read on the way"),
            next,
        ));
    }
    match (host.trim_matches(['[', ']']), 443).to_socket_addrs() {
        Ok(_) => Some(Finding::ok(format!("server.public_url {url} has an address"))),
        Err(_) => {
            let next = "check its spelling, and DNS; other machines may know it though this one does not";
            Some(Finding::note(format!("nobody here knows the host of server.public_url {url}"), next))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_silent_is_not_called_another_program() {
        // The system takes connections for it, and nobody ever reads them.
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = silent.local_addr().expect("an address").to_string();
        let health = health(&listen, Duration::from_millis(50));
        assert!(matches!(health, Err(Unwell::Silent(_))), "{health:?}");
        let (finding, _) = asked("server.listen", health, &listen);
        assert!(finding.what.contains("does not answer in time"), "{}", finding.what);
        assert!(finding.next.is_some_and(|next| next.contains("database is away")));
    }
}
