//! File servers from crates.io as peers, where somebody has installed them.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running server of one folder.
pub struct Peer {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Peer {
    /// static-web-server, with what costs time and is not asked of a download server left out.
    pub fn static_web_server(root: &Path) -> Option<Self> {
        Self::start("static-web-server", |command, address| {
            command.args(["--host", "127.0.0.1", "--port", &address.port().to_string(), "--root"]);
            // By the environment, since not every build of it has all of these.
            command.arg(root).env("SERVER_COMPRESSION", "false").env("SERVER_CACHE_CONTROL_HEADERS", "false");
        })
    }

    /// miniserve.
    pub fn miniserve(root: &Path) -> Option<Self> {
        Self::start("miniserve", |command, address| {
            command.args(["--interfaces", "127.0.0.1", "--port", &address.port().to_string(), "--quiet"]);
            command.arg(root);
        })
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn start(program: &str, arguments: impl FnOnce(&mut Command, SocketAddr)) -> Option<Self> {
        let Some(path) = found(program) else {
            eprintln!("{program} is not installed; with `cargo install {program}` it is compared too");
            return None;
        };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let mut command = Command::new(path);
        arguments(&mut command, address);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = quiet.spawn().expect("it starts");
        while TcpStream::connect(address).is_err() {
            let ended = child.try_wait().expect("it is ours");
            assert!(ended.is_none(), "{program} does not start");
            std::thread::yield_now();
        }
        Some(Self { child, address })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
