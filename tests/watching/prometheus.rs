//! The real Prometheus, and the exporter that reads what nginx tells, each with a folder and a
//! port of its own.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tempfile::TempDir;

use super::dashboards;
use crate::support::api::{Api, eventually};

/// A program that listens. Dropping it stops it.
#[derive(Debug)]
pub struct Listener {
    child: Child,
    /// Where.
    pub address: SocketAddr,
}

impl Listener {
    /// What `command` makes for an address, once `path` is answered there. A port that somebody
    /// else was quicker to take is given up for another.
    fn start(path: &str, command: impl Fn(SocketAddr) -> Command) -> Self {
        loop {
            let address = free();
            let child = command(address).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
            let child = RefCell::new(child.expect("it is installed"));
            let answers = eventually("it listens", || {
                if child.borrow_mut().try_wait().expect("its state").is_some() {
                    return Some(false);
                }
                let connected = std::net::TcpStream::connect(address).is_ok();
                (connected && Api::new(address, None).get(path).status == 200).then_some(true)
            });
            let listener = Self { child: child.into_inner(), address };
            if answers {
                return listener;
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address at which nobody listens.
pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port")
}

/// A program that ends with the test's thread at the latest.
fn bound(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// `prometheus-nginx-exporter` before the nginx that tells of itself at `status`.
pub fn nginx_exporter(status: SocketAddr) -> Listener {
    Listener::start("/metrics", |address| {
        let mut command = bound("prometheus-nginx-exporter");
        command.arg("-web.listen-address").arg(address.to_string());
        command.arg("-nginx.scrape-uri").arg(format!("http://{status}/nginx_status"));
        command.stderr(Stdio::null());
        command
    })
}

/// A running Prometheus.
pub struct Prometheus {
    listener: Listener,
    _folder: TempDir,
}

impl Prometheus {
    /// Prometheus with `dashboards/prometheus.yml`, but with these servers in place of the usual
    /// ones, at which it looks every second.
    pub fn of(exportd: SocketAddr, nginx: SocketAddr) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shipped = std::fs::read_to_string(dashboards("prometheus.yml")).expect("a file");
        let rules = dashboards("rules").display().to_string();
        let listener = Listener::start("/-/ready", |address| {
            let config = shipped
                .replace("interval: 15s", "interval: 1s")
                .replace("- rules/", &format!("- {rules}/"))
                .replace("127.0.0.1:9464", &exportd.to_string())
                .replace("127.0.0.1:9113", &nginx.to_string())
                .replace("127.0.0.1:9090", &address.to_string());
            let file = folder.path().join("prometheus.yml");
            std::fs::write(&file, config).expect("written");
            let mut command = bound("prometheus");
            command.arg(format!("--config.file={}", file.display()));
            command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
            command.arg(format!("--web.listen-address={address}")).arg("--log.level=error");
            command
        });
        Self { listener, _folder: folder }
    }

    /// Its address for other programs.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.address)
    }

    /// What it answers at `path`, with this query behind it.
    pub fn asks(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let pairs = query
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        let path = format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"));
        let answer = Api::new(self.listener.address, None).get(&path);
        let told = answer.json();
        assert_eq!(told["status"], "success", "{query:?}: {told}");
        told["data"].clone()
    }

    /// The values of `expr` now, one of each series.
    pub fn values(&self, expr: &str) -> Vec<f64> {
        let found = self.asks("/api/v1/query", &[("query", expr)]);
        let series = found["result"].as_array().expect("a list");
        let value = |one: &Value| one["value"][1].as_str().expect("a value").parse().expect("a number");
        series.iter().map(value).collect()
    }

    /// Waits until it has seen `expr` be `value`.
    pub fn sees(&self, expr: &str, value: f64) {
        eventually(expr, || (self.values(expr) == [value]).then_some(()));
    }
}
