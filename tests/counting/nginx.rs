//! A real nginx tells what it has sent, and it is what its clients got.

use std::fmt::Write as _;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::reported::{behind_nginx, ticket};
use super::{LARGE, bytes, downloads};
use crate::support::api::{ExportHandle, eventually};
use crate::support::raw;

/// nginx that sends the packages below a folder. Whoever asks it brings the ticket, which exportd
/// would send along.
struct Nginx {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Nginx {
    fn start(packages: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ports = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
        let [address, behind] = ports.each_ref().map(|port| port.local_addr().expect("an address"));
        drop(ports);
        let (here, packages) = (folder.path().display(), packages.display());
        let mut conf = format!(
            "daemon off; user root; worker_processes 2; pid {here}/pid; error_log {here}/error.log;
            events {{}}
            http {{
                log_format told escape=json
                    '{{\"ticket\":\"$upstream_http_x_exportd_ticket\",\"sent\":$body_bytes_sent,\"done\":\"$request_completion\"}}';
                access_log off;
                large_client_header_buffers 4 16k;
                server {{
                    listen {address};
                    location / {{ proxy_pass http://{behind}; proxy_buffer_size 16k; proxy_buffers 8 16k; }}
                    location /_packages/ {{ internal; sendfile on; alias {packages}/; access_log {packages}/accel.log told; }}
                }}
                server {{
                    listen {behind};
                    location / {{
                        add_header X-Exportd-Ticket $arg_ticket;
                        add_header X-Accel-Redirect /_packages$uri;
                        return 200;
                    }}
                }}"
        );
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            write!(conf, "\n{kind}_temp_path {here}/{kind};").expect("a String takes every text");
        }
        conf.push('}');
        std::fs::write(folder.path().join("nginx.conf"), conf).expect("written");
        let mut command = Command::new("nginx");
        command
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .arg("-e")
            .arg(folder.path().join("error.log"));
        let child = command.stdin(Stdio::null()).spawn().expect("nginx is installed");
        eventually("nginx listens", || std::net::TcpStream::connect(address).ok());
        Self { child, address, _folder: folder }
    }

    /// A request for the package at `path`, with what exportd would have said to it.
    fn ask(
        &self,
        path: &str,
        export: &ExportHandle,
        range: Option<(u64, u64)>,
        size: u64,
    ) -> std::net::TcpStream {
        let (start, end) = range.unwrap_or((0, size));
        let ticket = ticket(export, start..end);
        let range = range.map(|(start, end)| format!("range: bytes={start}-{}\r\n", end - 1));
        let mut socket = raw::connect(self.address);
        let head = format!(
            "GET /{path}?ticket={ticket} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}\r\n",
            range.unwrap_or_default()
        );
        raw::send(&mut socket, &head);
        socket
    }

    fn reopen_logs(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::USR1).expect("it runs");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers go with it when it is asked to, and not when it is killed.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// All of the answer's body.
fn body(mut socket: std::net::TcpStream) -> u64 {
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("it ends");
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    (answer.len() - head) as u64
}

#[test]
fn what_nginx_sends_is_what_is_counted_even_when_its_log_is_rotated_under_it() {
    let (house, export, size) = behind_nginx(LARGE);
    let root = house.settings().storage.root.clone();
    let files = house.stored_files();
    let package = files.iter().find(|file| file.extension().is_some_and(|e| e == "zip")).expect("a package");
    let path = package.strip_prefix(&root).expect("below it").to_str().expect("text").to_owned();
    let nginx = Nginx::start(&root);
    let half = size / 2;

    assert_eq!(body(nginx.ask(&path, &export, Some((0, half)), size)), half);
    assert_eq!(body(nginx.ask(&path, &export, Some((half, size)), size)), size - half);
    let counted = eventually("two halves are counted", || {
        downloads(&export).pop().filter(|download| bytes(download) == size)
    });
    assert_eq!((&counted["complete"], &counted["mode"]), (&true.into(), &"accel".into()));

    // One is under way while the log is rotated, and is told of in the old file or the new one.
    let mut under_way = nginx.ask(&path, &export, None, size);
    under_way.read_exact(&mut [0; 1_000]).expect("it begins");
    std::fs::rename(root.join("accel.log"), root.join("accel.log.1")).expect("rotated");
    nginx.reopen_logs();
    drop(under_way);
    eventually("nginx goes on with a new log", || root.join("accel.log").exists().then_some(()));
    for _ in 0..10 {
        assert_eq!(body(nginx.ask(&path, &export, None, size)), size);
    }
    let ended = |outcome: &str| {
        let sample = format!("exportd_downloads_total{{mode=\"accel\",outcome=\"{outcome}\"}}");
        house.metric(&sample)
    };
    eventually("all are counted", || (ended("complete") + ended("broken") >= 13.0).then_some(()));
    assert_eq!((ended("complete"), ended("broken")), (12.0, 1.0));
    let all = downloads(&export);
    let total: u64 = all.iter().map(bytes).sum();
    assert!(total > size * 11 && total < size * 12, "{total}: {all:#?}");
    assert_eq!(all.iter().filter(|download| download["complete"] == true).count(), 11);
    assert_eq!(export.show()["downloadCount"].as_u64(), Some(all.len() as u64));
}
