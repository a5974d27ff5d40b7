//! nginx as a peer: one folder, sendfile, nothing else.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running nginx.
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Nginx {
    /// Serves the files of `root`, working in `folder`.
    pub fn serve(root: &Path, folder: &Path) -> Self {
        let address = free_address();
        let configuration = folder.join("nginx.conf");
        let text = format!(
            "daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n\
             client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;\n\
             uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
             server {{ listen {address}; root {root}; }} }}\n",
            workers = processors(),
            folder = folder.display(),
            root = root.display(),
        );
        // Its workers run as another user, who has to get to the files.
        let text = if rustix::process::geteuid().is_root() { format!("user root;\n{text}") } else { text };
        std::fs::write(&configuration, text).expect("a file");
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&configuration).arg("-e").arg(folder.join("nginx.log")).stdin(Stdio::null());
        let child = command.spawn().expect("nginx is installed (Debian: apt install nginx-light)");
        while TcpStream::connect(address).is_err() {
            std::thread::yield_now();
        }
        Self { child, address }
    }

    /// Its processes that do the work; it listens before they are there.
    pub fn workers(&self) -> Vec<u32> {
        let id = self.child.id();
        let children = format!("/proc/{id}/task/{id}/children");
        loop {
            let listed = std::fs::read_to_string(&children).expect("it runs");
            let workers: Vec<u32> =
                listed.split_whitespace().map(|id| id.parse().expect("a number")).collect();
            if workers.len() == processors() {
                return workers;
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        // Its workers would outlive a kill.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// One for each processor, as `worker_processes auto` has it.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}
