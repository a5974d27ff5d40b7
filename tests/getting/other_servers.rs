//! Servers that are not ours: without ranges, without digests, behind TLS.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Getter, is_the_package, packed};
use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::project::noise;
use crate::support::proxy::Proxy;

/// A server that goes with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        // nginx' workers would outlive a kill.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

/// Python's own file server: no ranges, no tags, no digests.
fn python(folder: &Path) -> (Serving, SocketAddr) {
    let serve = "import http.server as s, sys
server = s.ThreadingHTTPServer(('127.0.0.1', 0), s.SimpleHTTPRequestHandler)
print(server.server_port, flush=True); server.serve_forever()";
    let mut command = Command::new("python3");
    command.args(["-c", serve]).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut serving = Serving(command.spawn().expect("python3 is there"));
    let mut port = String::new();
    let mut out = BufReader::new(serving.0.stdout.take().expect("a pipe"));
    out.read_line(&mut port).expect("a line");
    let address = format!("127.0.0.1:{}", port.trim()).parse().expect("an address");
    (serving, address)
}

/// nginx with this `server` block's content, and everything of its own in `folder`. It knows a zone
/// `one` for limits on connections.
fn nginx(folder: &Path, server: &str) -> (Serving, SocketAddr) {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let own = folder.display();
    let text = format!(
        "daemon off; master_process off; pid {own}/pid; error_log {own}/log;\nevents {{}}\n\
         http {{ access_log off; client_body_temp_path {own}/1; proxy_temp_path {own}/2;\n\
         limit_conn_zone $binary_remote_addr zone=one:1m; limit_conn_status 503;\n\
         fastcgi_temp_path {own}/3; uwsgi_temp_path {own}/4; scgi_temp_path {own}/5;\n\
         server {{ {} }} }}\n",
        server.replace("ADDRESS", &address.to_string())
    );
    fs::write(folder.join("nginx.conf"), text).expect("a file");
    let mut command = Command::new("nginx");
    command.arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg(folder.join("log")).stdin(Stdio::null());
    let serving = Serving(command.spawn().expect("nginx is installed"));
    eventually("nginx listens", || TcpStream::connect(address).ok());
    (serving, address)
}

#[test]
fn a_server_without_ranges_sends_the_whole_and_after_a_break_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = noise(3_000_000);
    fs::write(folder.path().join("files"), &bytes).expect("written");
    fs::write(folder.path().join("empty"), "").expect("written");
    let (_serving, address) = python(folder.path());
    let proxy = Proxy::to(address).cutting(1, 1_000_000);
    proxy.lead("/shop.zip", "/files");
    let getter = Getter::stranger();
    let got = getter.get(&[&proxy.url("/shop.zip"), "--json"]).expect(0).says("trying again").json();
    assert_eq!((&got["verified"], &got["path"]), (&false.into(), &"shop.zip".into()), "{got}");
    assert!(getter.read("shop.zip") == bytes);

    let streamed = getter.get(&[&proxy.url("/shop.zip"), "-o", "-"]).expect(0);
    assert!(streamed.out == bytes);
    let again = proxy.cutting(1, 1_000_000);
    assert!(
        getter.get(&[&again.url("/shop.zip"), "-o", "-"]).expect(0).out == bytes,
        "cut, and from where it was"
    );

    getter.get(&[&format!("http://{address}/empty"), "-o", "empty"]).expect(0);
    assert_eq!(getter.read("empty"), b"");
    assert_eq!(getter.files(), ["empty", "shop.zip"]);
    getter.get(&[&format!("http://{address}/nothing")]).expect(3);
}

#[test]
fn a_server_with_ranges_and_no_digest_is_believed_by_its_tags() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = noise(12_000_000);
    fs::create_dir(folder.path().join("root")).expect("a folder");
    fs::write(folder.path().join("root/shop.zip"), &bytes).expect("written");
    fs::write(folder.path().join("root/empty.zip"), "").expect("written");
    let root = format!("listen ADDRESS; root {}/root;", folder.path().display());
    let (_serving, address) = nginx(folder.path(), &root);
    let proxy = Proxy::to(address).cutting(2, 700_000);
    proxy.lead("/a", "/shop.zip");
    let getter = Getter::stranger();
    let got = getter.get(&[&proxy.url("/a"), "--connections", "8", "--json"]).expect(0).json();
    assert_eq!(got["verified"], false);
    assert!(getter.read("a") == bytes);
    getter.get(&[&format!("http://{address}/empty.zip")]).expect(0);
    assert_eq!(getter.read("empty.zip"), b"");
}

#[test]
fn a_server_that_does_not_want_so_many_connections_gets_fewer() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = noise(6_000_000);
    fs::create_dir(folder.path().join("root")).expect("a folder");
    fs::write(folder.path().join("root/shop.zip"), &bytes).expect("written");
    let root =
        format!("listen ADDRESS; root {}/root; limit_conn one 2; limit_rate 1m;", folder.path().display());
    let (_serving, address) = nginx(folder.path(), &root);
    let getter = Getter::stranger();
    let words = [&format!("http://{address}/shop.zip"), "--connections", "8", "--retries", "2"];
    getter.get(&words).expect(0).says("503");
    assert!(getter.read("shop.zip") == bytes);
}

#[test]
fn https_is_spoken_to_whom_the_system_trusts_and_to_nobody_else() {
    let house = House::open();
    let export = packed(&house, "shop", 3_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost"])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=CA:FALSE",
        ])
        .current_dir(folder.path())
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let own = folder.path().display();
    let tls = format!(
        "listen ADDRESS ssl; ssl_certificate {own}/cert.pem; ssl_certificate_key {own}/key.pem;\n\
         location / {{ proxy_pass http://{}; proxy_set_header Host $http_host; }}",
        export.api.address()
    );
    let (_serving, address) = nginx(folder.path(), &tls);
    let server = format!("https://localhost:{}", address.port());
    let getter = Getter { server, ..Getter::of(&export) };

    let words = [export.id.as_str(), "-o", "a.zip", "--retries", "1"];
    let mut trusting = getter.command(&words);
    trusting.env("SSL_CERT_FILE", folder.path().join("cert.pem"));
    super::ran(trusting).expect(0);
    is_the_package(&getter.read("a.zip"), &export);

    let mut verifying = Command::new(env!("CARGO_BIN_EXE_exportd"));
    verifying.args(["verify", &export.id]).env_clear().env("EXPORTD_SERVER", &getter.server);
    verifying.env("EXPORTD_TOKEN", &getter.token).env("SSL_CERT_FILE", folder.path().join("cert.pem"));
    super::ran(verifying).expect(0);

    let stranger = Getter { server: getter.server.clone(), ..Getter::of(&export) };
    stranger.get(&words).expect(1).says("not trusted");
}
