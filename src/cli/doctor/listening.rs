//! Whether the server's addresses are free, or held by a server that answers.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use hyper::{Method, Uri};
use serde_json::Value;

use super::storage;
use crate::cli::client::Client;
use crate::cli::finding::Finding;
use crate::config::Settings;

/// How long a server has to say that it is well.
const PATIENCE: Duration = Duration::from_secs(5);

/// The addresses, and the one that the world is told.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let is_held = storage::is_held(&settings.storage.root);
    let mut findings = vec![api(&settings.server.listen, is_held)];
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
fn api(listen: &str, is_held: bool) -> Finding {
    let (finding, holder) = address("server.listen", listen);
    match (holder, is_held) {
        (Holder::Nobody, true) if !listen.ends_with(":0") => Finding::wrong(
            format!("another server has the store of `storage.root`, and nobody answers at {listen}"),
            "stop the other one (`fuser -v exportd.lock` in the store tells which), or give this one a store of its own",
        ),
        (Holder::Exportd, false) => Finding::wrong(
            format!("an exportd answers at {listen}, and has another store than `storage.root`"),
            "run this with the settings of that server (--config), or choose another `server.listen`",
        ),
        _ => finding,
    }
}

fn address(setting: &str, listen: &str) -> (Finding, Holder) {
    match TcpListener::bind(listen) {
        Ok(_) => (Finding::ok(format!("{setting} {listen} is free: no server runs")), Holder::Nobody),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => held(setting, listen),
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

fn held(setting: &str, listen: &str) -> (Finding, Holder) {
    match health(listen) {
        Ok(health) if health == "ok" => {
            (Finding::ok(format!("an exportd answers at {setting} {listen}, and is ready")), Holder::Exportd)
        }
        Ok(health) => {
            let next = "look at `parts` of /readyz, and at its log";
            (Finding::wrong(format!("the exportd at {setting} {listen} is {health}"), next), Holder::Exportd)
        }
        Err(why) => {
            let port = listen.rsplit(':').next().unwrap_or_default();
            let next =
                format!("`ss -ltnp 'sport = :{port}'` tells which; stop it, or choose another address");
            (Finding::wrong(format!("another program has {setting} {listen} ({why})"), next), Holder::Another)
        }
    }
}

/// What whoever listens there says of itself, if it is an exportd.
fn health(listen: &str) -> Result<String, String> {
    let mut address: SocketAddr =
        listen.to_socket_addrs().ok().and_then(|mut all| all.next()).ok_or("it has no address")?;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime of this thread alone").block_on(async {
        let client = Client::at(address, "").with_patience(PATIENCE).map_err(|error| error.to_string())?;
        let asked = client.json(Method::GET, "/readyz", Value::Null).await;
        let ready = match asked {
            Ok(ready) => ready,
            Err(crate::cli::client::ClientError::Refused { status, body, .. }) if status.as_u16() == 503 => {
                body
            }
            Err(error) => return Err(error.to_string()),
        };
        match (ready["status"].as_str(), ready["parts"].is_array()) {
            (Some(status), true) => Ok(crate::cli::plain::plain(status).into_owned()),
            _ => Err("what it says is none of exportd's".to_owned()),
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
