//! What a front has to be told: from the settings, and from flags.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::Mode;
use crate::cli::outcome::{Exit, Failure};
use crate::config::Settings;

/// What the settings do not know.
#[derive(Debug, Clone, Default, Args)]
pub struct FrontArgs {
    /// Where nginx listens, as nginx has it; may be repeated [default: 443, or 80 with --plain]
    #[arg(long, value_name = "ADDRESS", value_parser = word)]
    pub listen: Vec<String>,
    /// The host names it answers to [default: all]
    #[arg(long, value_name = "NAME", value_parser = word)]
    pub server_name: Vec<String>,
    /// The certificate, with its chain [default: the one of Debian's ssl-cert, which nobody trusts]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's key
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Without TLS: for tests, or where another proxy in front of nginx has it
    #[arg(long, conflicts_with_all = ["tls_certificate", "tls_key"])]
    pub plain: bool,
    /// Requests per second of one address, beyond a burst of 2000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_second: Option<u32>,
    /// Connections of one address at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..65536))]
    pub connections: Option<u32>,
    /// Where requests are logged; without the tokens of links
    #[arg(long, value_name = "FILE")]
    pub access_log: Option<PathBuf>,
    /// Where nginx tells of itself, for Prometheus [default: nowhere]
    #[arg(long, value_name = "ADDRESS", value_parser = word)]
    pub status: Option<String>,
    /// All of nginx.conf, for an nginx of its own that keeps everything it writes in DIR
    #[arg(long, value_name = "DIR")]
    pub complete: Option<PathBuf>,
    /// The user that nginx's workers run as, if it is started by root
    #[arg(long, value_name = "USER", value_parser = word)]
    pub user: Option<String>,
}

/// A word of nginx's configuration that needs no quotes.
fn word(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_graphic() && !"\"'\\;{}$#".contains(c);
    if text.is_empty() || !text.chars().all(is_plain) {
        return Err("not a word that nginx takes".to_owned());
    }
    Ok(text.to_owned())
}

/// One front, ready to be written down.
#[derive(Debug, Clone)]
pub struct Front {
    /// Where exportd is.
    pub upstream: SocketAddr,
    /// Who sends packages.
    pub mode: Mode,
    /// The folder of the packages, absolute.
    pub packages: PathBuf,
    /// The location that stands for it.
    pub prefix: String,
    /// nginx's report of what it sent, absolute.
    pub accel_log: PathBuf,
    /// Certificate and key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// HTTP/2 is a directive and not a word of `listen`.
    pub is_modern: bool,
    /// What the settings do not know.
    pub args: FrontArgs,
}

impl FrontArgs {
    /// The front of a house with these settings.
    ///
    /// # Errors
    /// When something of them cannot be written down for nginx, as wrong use.
    pub fn of(&self, settings: &Settings, is_modern: bool) -> Result<Front, Failure> {
        let packages = absolute(&settings.storage.root)?;
        let accel_log = match &settings.download.accel_log {
            Some(told) => absolute(told)?,
            None => packages.join("accel.log"),
        };
        let front = Front {
            upstream: upstream(&settings.server.listen)?,
            mode: settings.download.mode,
            packages,
            prefix: settings.download.accel_prefix.clone(),
            accel_log,
            tls: self.tls()?,
            is_modern,
            args: Self {
                complete: self.complete.as_deref().map(absolute).transpose()?,
                access_log: self.access_log.as_deref().map(absolute).transpose()?,
                ..self.clone()
            },
        };
        front.paths().into_iter().try_for_each(writable)?;
        Ok(front)
    }

    fn tls(&self) -> Result<Option<(PathBuf, PathBuf)>, Failure> {
        const SNAKEOIL: [&str; 2] =
            ["/etc/ssl/certs/ssl-cert-snakeoil.pem", "/etc/ssl/private/ssl-cert-snakeoil.key"];
        if self.plain {
            return Ok(None);
        }
        let [certificate, key] = SNAKEOIL.map(Path::new);
        let certificate = self.tls_certificate.as_deref().unwrap_or(certificate);
        Ok(Some((absolute(certificate)?, absolute(self.tls_key.as_deref().unwrap_or(key))?)))
    }
}

impl Front {
    fn paths(&self) -> Vec<&Path> {
        let tls = self.tls.iter().flat_map(|(certificate, key)| [certificate, key]);
        let others = [&self.args.complete, &self.args.access_log].into_iter().flatten();
        [&self.packages, &self.accel_log].into_iter().chain(tls).chain(others).map(PathBuf::as_path).collect()
    }
}

/// Where nginx reaches what listens at `listen`.
fn upstream(listen: &str) -> Result<SocketAddr, Failure> {
    let wrong = |why: &str| Failure::new(Exit::WrongUse, format!("server.listen: {why}"));
    let mut address: SocketAddr = listen.parse().map_err(|_| wrong("not an address with a port"))?;
    if address.port() == 0 {
        return Err(wrong(
            "port 0 is another one at every start; nginx has to know it. Write 127.0.0.1:8080",
        ));
    }
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(address)
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path)?;
    // `./packages` would keep its dot.
    Ok(absolute.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect())
}

/// nginx takes `$` for the beginning of a variable wherever it stands, and has no way to write it.
fn writable(path: &Path) -> Result<(), Failure> {
    match path.to_str() {
        Some(text) if !text.contains(['$', '\n', '\r', '\0']) => Ok(()),
        _ => Err(Failure::new(
            Exit::WrongUse,
            format!("nginx has no way to write `{}`; choose a path without `$`", path.display()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nginx_is_led_to_where_exportd_listens() {
        for (listen, reached) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:8080", "[::1]:8080"),
            ("10.0.0.5:8080", "10.0.0.5:8080"),
        ] {
            assert_eq!(upstream(listen).expect("an address").to_string(), reached, "{listen}");
        }
        assert_eq!(upstream("127.0.0.1:0").expect_err("any port").exit, Exit::WrongUse);
    }

    #[test]
    fn what_nginx_would_read_as_more_than_a_word_is_refused() {
        for wrong in ["", "a b", "a;b", "a{", "$host", "\"a\"", "a#"] {
            assert!(word(wrong).is_err(), "{wrong}");
        }
        for right in ["443", "[::]:443", "*.example.com", "unix:/run/front.sock"] {
            assert!(word(right).is_ok(), "{right}");
        }
        assert!(writable(Path::new("/srv/a b;c")).is_ok());
        assert!(writable(Path::new("/srv/$HOME")).is_err());
    }
}
