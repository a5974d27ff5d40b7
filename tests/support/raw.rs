//! Bytes on a socket, for what no well-behaved client sends.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection whose kernel takes little ahead of its reader: left to itself it may take tens of
/// megabytes, and what a test means to be under way would have been sent.
pub fn connect(address: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let connected = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(64 * 1024).expect("a smaller buffer");
        socket.connect(address).await.expect("somebody listens").into_std()
    });
    let socket = connected.expect("it is a socket");
    socket.set_nonblocking(false).expect("a socket that waits");
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    socket
}

/// Sends text as it is.
pub fn send(socket: &mut TcpStream, text: &str) {
    socket.write_all(text.as_bytes()).expect("the server reads");
}

/// Reads once.
pub fn read_some(socket: &mut TcpStream) -> String {
    let mut bytes = [0; 16 * 1024];
    loop {
        match socket.read(&mut bytes) {
            // A process that was held for a moment is told so.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return String::from_utf8_lossy(&bytes[..read.expect("an answer")]).into_owned(),
        }
    }
}

/// Sends `request` on a connection of its own and reads the answer to the end of the connection.
pub fn exchange(address: SocketAddr, request: &str) -> String {
    let mut socket = connect(address);
    send(&mut socket, request);
    let mut answer = Vec::new();
    // A server that has answered may reset what it does not want to read.
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
