//! Accepting, serving, draining.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::address::Peer;
use crate::http::kit::{SLOW, Service, answer, boxed};

use super::{Lively, Quiet};

/// The largest head of a request, in bytes; beyond it hyper answers 431.
const LONGEST_HEAD: usize = 32 << 10;
/// Requests that one HTTP/2 connection may have under way.
const STREAMS: u32 = 128;
/// How long nothing is accepted after the system could not give a socket: trying at once would
/// only burn the processor that closes others.
const BREATHER: Duration = Duration::from_millis(200);

/// How long those at the other end may take, counted without progress.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a head to arrive.
    pub head: Duration,
    /// For anything to move on a connection: a client that stops reading is cut after this.
    pub stalled: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: SLOW, stalled: Duration::from_secs(300) }
    }
}

/// A listener that is being served. Dropping it cuts its connections.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stop: CancellationToken,
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Serves `service` to whoever connects.
    ///
    /// # Errors
    /// When the listener has no address, which is to say never.
    pub fn start(listener: TcpListener, service: Service, patience: Patience) -> io::Result<Self> {
        let listening = Self {
            address: listener.local_addr()?,
            stop: CancellationToken::new(),
            cut: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let stop = listening.stop.clone();
        let entrance = Entrance {
            connections: protocols(patience),
            service,
            patience,
            graceful: GracefulShutdown::new(),
            cut: listening.cut.clone(),
            tasks: listening.tasks.clone(),
        };
        listening.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = entrance.accept(listener) => {}
            }
            entrance.graceful.shutdown().await;
        });
        Ok(listening)
    }

    /// Where it listens; tells the port when that was to be any.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, lets requests under way finish, and cuts what is left after
    /// `grace`.
    pub async fn drain(&self, grace: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            // One of the tasks is the listener's own.
            let connections = self.tasks.len().saturating_sub(1);
            tracing::warn!(connections, "still sending when the time for it was up; cut");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.cancel();
        self.cut.cancel();
    }
}

/// Where connections come in.
struct Entrance {
    connections: auto::Builder<TokioExecutor>,
    service: Service,
    patience: Patience,
    graceful: GracefulShutdown,
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl Entrance {
    async fn accept(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => self.open(socket, peer),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections; trying again");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
    }

    fn open(&self, socket: TcpStream, peer: SocketAddr) {
        // Without it a small reply may wait for the other side's delayed acknowledgement.
        let _only_slower = socket.set_nodelay(true);
        let quiet = Quiet::default();
        let lively = Lively::new(socket, self.patience.head, self.patience.stalled);
        let io = TokioIo::new(lively.excused_by(quiet.clone()));
        let service = self.service.clone();
        let answers = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(boxed);
            request.extensions_mut().insert(Peer(peer.ip()));
            request.extensions_mut().insert(quiet.clone());
            answer(service.clone(), request).map(Ok::<_, Infallible>)
        });
        let connection = self.connections.serve_connection(io, answers).into_owned();
        let (watcher, cut): (Watcher, _) = (self.graceful.watcher(), self.cut.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                served = watcher.watch(connection) => {
                    if let Err(error) = served {
                        tracing::debug!(error = &*error, "connection ended early");
                    }
                }
            }
        });
    }
}

/// HTTP/1 and HTTP/2, told apart by their first bytes.
fn protocols(patience: Patience) -> auto::Builder<TokioExecutor> {
    let mut connections = auto::Builder::new(TokioExecutor::new());
    // Without a timer hyper has no timeouts.
    let mut http1 = connections.http1();
    http1.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(LONGEST_HEAD);
    let mut http2 = connections.http2();
    http2.timer(TokioTimer::new()).max_header_list_size(LONGEST_HEAD as u32).max_concurrent_streams(STREAMS);
    connections
}

/// Whether `accept` failed for a reason of the one who was to be accepted (accept(2), "Errors").
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as E;
    matches!(error.kind(), E::ConnectionAborted | E::ConnectionReset | E::ConnectionRefused | E::Interrupted)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::http::kit::{Reply, empty, full};

    const SHORT: Patience = Patience { head: Duration::from_millis(50), stalled: Duration::from_millis(200) };

    /// Answers with as many bytes as the path says, and `/0` never.
    async fn house(patience: Patience) -> Listening {
        let service = tower::service_fn(|request: Request<crate::http::kit::RequestBody>| async move {
            let size = request.uri().path()[1..].parse::<usize>().unwrap_or(1);
            if size == 0 {
                std::future::pending::<()>().await;
            }
            let _all = request.into_body().collect().await;
            Ok::<_, Infallible>(Reply::new(if size == 1 { empty() } else { full(vec![b'x'; size]) }))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Listening::start(listener, Service::new(service), patience).expect("an address")
    }

    async fn connect(house: &Listening) -> TcpStream {
        TcpStream::connect(house.address()).await.expect("a connection")
    }

    async fn say(house: &Listening, text: &str) -> String {
        let mut socket = connect(house).await;
        socket.write_all(text.as_bytes()).await.expect("room to write");
        heard(&mut socket).await
    }

    async fn heard(socket: &mut TcpStream) -> String {
        let mut all = Vec::new();
        let _even_if_reset = socket.read_to_end(&mut all).await;
        String::from_utf8_lossy(&all).into_owned()
    }

    #[tokio::test]
    async fn a_head_of_more_than_32_kib_is_431_and_one_of_less_is_read() {
        let house = house(Patience::default()).await;
        let head = |size| {
            format!("GET /1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: {}\r\n\r\n", "x".repeat(size))
        };
        assert!(say(&house, &head(31 << 10)).await.starts_with("HTTP/1.1 200"));
        assert!(say(&house, &head(33 << 10)).await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test]
    async fn a_head_that_never_ends_or_never_begins_is_not_waited_for() {
        let house = house(SHORT).await;
        for beginning in ["", "PRI", "GET /1 HTTP/1.1\r\nhost: a\r\n", "GET /1 HTTP/1.1\r\nhost: a\r\n\r\n"] {
            let told = say(&house, beginning).await; // returns because the connection is closed
            assert_eq!(told.contains("200"), beginning.ends_with("\r\n\r\n"), "{beginning}");
        }
    }

    #[tokio::test]
    async fn a_client_that_stops_reading_is_cut() {
        let house = house(Patience { head: Duration::from_secs(60), ..SHORT }).await;
        let mut socket = connect(&house).await;
        let request = b"GET /500000000 HTTP/1.1\r\nhost: a\r\n\r\n";
        socket.write_all(request).await.expect("room to write");
        socket.read_u8().await.expect("an answer"); // and nothing more
        while house.tasks.len() > 1 {
            tokio::task::yield_now().await;
        }
        assert!(heard(&mut socket).await.len() < 500_000_000);
    }

    #[tokio::test]
    async fn draining_closes_idle_connections_and_lets_the_others_finish() {
        let house = house(Patience::default()).await;
        let mut idle = connect(&house).await;
        idle.write_all(b"GET /1 HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("room to write");
        idle.read_u8().await.expect("an answer");
        let mut busy = connect(&house).await;
        let head = b"POST /2 HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
        busy.write_all(head).await.expect("room to write");
        busy.read_u8().await.expect("a go-ahead, so it is under way");

        let finish = async {
            heard(&mut idle).await;
            busy.write_all(b"ab").await.expect("room to write");
            heard(&mut busy).await
        };
        let ((), told) = tokio::join!(house.drain(Duration::from_secs(60)), finish);
        assert!(told.ends_with("\r\n\r\nxx"), "{told}");
        assert!(TcpStream::connect(house.address()).await.is_err(), "nobody is let in any more");
    }

    #[tokio::test]
    async fn who_does_not_finish_in_time_is_cut() {
        let house = house(Patience::default()).await;
        let mut endless = connect(&house).await;
        endless.write_all(b"GET /0 HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("room to write");
        while house.tasks.len() < 2 {
            tokio::task::yield_now().await;
        }
        house.drain(Duration::from_millis(1)).await;
        assert_eq!(heard(&mut endless).await, "");
    }
}
