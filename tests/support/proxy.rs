//! A line between a client and a server that a test can listen in on, and cut.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// The head of a request, as the client sent it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// GET or HEAD, mostly.
    pub method: String,
    /// The path, and the query.
    pub path: String,
    headers: Vec<(String, String)>,
}

impl Asked {
    /// The value of a header, empty when it is not there. The name in lower case.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The first byte of its only range, if it has one.
    pub fn first_byte(&self) -> Option<u64> {
        self.header("range").strip_prefix("bytes=")?.split_once('-')?.0.parse().ok()
    }
}

/// A running proxy. It goes with its test.
pub struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
}

/// What all connections share.
struct Line {
    target: Mutex<SocketAddr>,
    /// Paths of the client, and what the server gets instead.
    paths: Mutex<HashMap<String, String>>,
    /// A line that is added to each request's head.
    added: Mutex<String>,
    /// How many answers are still cut, and after how many bytes.
    cuts: AtomicUsize,
    after: AtomicUsize,
    /// Answers that are given here, instead of asking the server.
    answers: Mutex<Vec<String>>,
    /// How many bytes of answers pass before everything is held.
    gate: Mutex<usize>,
    moved: Condvar,
    closed: AtomicBool,
    asked: Mutex<Vec<Asked>>,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A line to `target` that does nothing but listen.
    pub fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let line = Arc::new(Line {
            target: Mutex::new(target),
            paths: Mutex::default(),
            added: Mutex::default(),
            cuts: AtomicUsize::new(0),
            after: AtomicUsize::new(usize::MAX),
            answers: Mutex::default(),
            gate: Mutex::new(usize::MAX),
            moved: Condvar::new(),
            closed: AtomicBool::new(false),
            asked: Mutex::default(),
            sockets: Mutex::default(),
        });
        let shared = Arc::clone(&line);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.closed.load(Ordering::Relaxed) {
                    break;
                }
                let line = Arc::clone(&shared);
                thread::spawn(move || line.carry(client));
            }
        });
        Self { address, line }
    }

    /// Breaks off the first `times` answers that are longer than `after` bytes.
    pub fn cutting(self, times: usize, after: usize) -> Self {
        self.line.after.store(after, Ordering::Relaxed);
        self.line.cuts.store(times, Ordering::Relaxed);
        self
    }

    /// Adds a line to the head of each request, in the place of the client's own of that name.
    pub fn adding(self, header: String) -> Self {
        *self.line.added.lock().expect("nobody panics with it") = format!("{header}\r\n");
        self
    }

    /// Lets so many bytes of answers pass and holds the rest back, until [`Proxy::release`].
    pub fn holding_after(self, bytes: usize) -> Self {
        *self.line.gate() = bytes;
        self
    }

    /// Gives these answers to the first requests; each is sent as it is, and the connection closed.
    pub fn answering(self, answers: &[&str]) -> Self {
        let answers = answers.iter().rev().map(|answer| (*answer).to_owned()).collect();
        *self.line.answers.lock().expect("nobody panics with it") = answers;
        self
    }

    /// From now on, whoever asks for `path` gets `other`.
    pub fn lead(&self, path: &str, other: &str) {
        let mut paths = self.line.paths.lock().expect("nobody panics with it");
        paths.insert(path.to_owned(), other.to_owned());
    }

    /// The whole address of `path`, through here.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every request so far, as the client sent it.
    pub fn asked(&self) -> Vec<Asked> {
        self.line.asked.lock().expect("nobody panics with it").clone()
    }

    /// Every request for bytes so far.
    pub fn gets(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.method == "GET").collect()
    }

    /// Waits until no more bytes may pass.
    pub fn held(&self) {
        let mut gate = self.line.gate();
        while *gate > 0 {
            gate = self.line.moved.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Breaks every connection that is open.
    pub fn hang_up(&self) {
        for socket in self.line.sockets.lock().expect("nobody panics with it").drain(..) {
            // It may be gone already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// Lets everything pass.
    pub fn release(&self) {
        *self.line.gate() = usize::MAX;
        self.line.moved.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.line.closed.store(true, Ordering::Relaxed);
        self.release();
        for socket in self.line.sockets.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // It may be gone already.
            let _ = socket.shutdown(Shutdown::Both);
        }
        // The listener wakes up, and sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

/// One connection: both its ends, and how many more bytes of the answer pass.
struct Ends {
    client: TcpStream,
    server: TcpStream,
    left: AtomicUsize,
}

impl Line {
    fn gate(&self) -> std::sync::MutexGuard<'_, usize> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry(&self, client: TcpStream) {
        let target = *self.target.lock().expect("nobody panics with it");
        // A server that is down breaks the line, as a real one does.
        let Ok(server) = TcpStream::connect(target) else { return };
        {
            let mut sockets = self.sockets.lock().expect("nobody panics with it");
            sockets.extend([client.try_clone().expect("a socket"), server.try_clone().expect("a socket")]);
        }
        let ends = Ends { client, server, left: AtomicUsize::new(usize::MAX) };
        thread::scope(|both| {
            both.spawn(|| {
                self.requests(&ends);
                // The client has nothing more to say; an answer may still be on its way.
                let _ = ends.server.shutdown(Shutdown::Write);
            });
            self.answers(&ends);
            // Whatever both make of it: this is how lines break.
            let _ = ends.client.shutdown(Shutdown::Both);
            let _ = ends.server.shutdown(Shutdown::Both);
        });
    }

    /// Request after request, with bodies of a told length, until the client is gone.
    fn requests(&self, ends: &Ends) {
        let mut from_client = BufReader::new(&ends.client);
        while let Some(lines) = head(&mut from_client) {
            let asked = parsed(&lines);
            self.asked.lock().expect("nobody panics with it").push(asked.clone());
            let mut body = vec![0; asked.header("content-length").parse().unwrap_or(0)];
            if from_client.read_exact(&mut body).is_err() {
                return;
            }
            if let Some(answer) = self.answers.lock().expect("nobody panics with it").pop() {
                let _ = (&ends.client).write_all(answer.as_bytes());
                let _ = ends.client.shutdown(Shutdown::Both);
                return;
            }
            // Only what may be long: a browser also asks for an icon.
            if asked.method == "GET" && self.is_known(&asked.path) && take_one(&self.cuts) {
                ends.left.store(self.after.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            let whole = [self.rewritten(&asked, &lines).as_bytes(), &body].concat();
            if (&ends.server).write_all(&whole).is_err() {
                return;
            }
        }
    }

    fn is_known(&self, path: &str) -> bool {
        let paths = self.paths.lock().expect("nobody panics with it");
        paths.contains_key(path) || path.contains("/download") || path.contains("/d/")
    }

    fn rewritten(&self, asked: &Asked, lines: &[String]) -> String {
        let paths = self.paths.lock().expect("nobody panics with it");
        let path = paths.get(&asked.path).unwrap_or(&asked.path);
        let added = self.added.lock().expect("nobody panics with it");
        let name = added.split_inclusive(':').next().unwrap_or_default();
        let own = lines[1..].iter().filter(|line| name.is_empty() || !starts_with(line, name));
        let own: Vec<&str> = own.map(String::as_str).collect();
        format!("{} {path} HTTP/1.1\r\n{added}{}\r\n\r\n", asked.method, own.join("\r\n"))
    }

    fn answers(&self, ends: &Ends) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(read @ 1..) = (&ends.server).read(&mut bytes) {
            let left = ends.left.load(Ordering::Relaxed);
            let mut rest = &bytes[..read.min(left)];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(self.pass(rest.len()));
                if (&ends.client).write_all(now).is_err() {
                    return;
                }
                rest = later;
            }
            if read >= left {
                return;
            }
            if left != usize::MAX {
                ends.left.store(left - read, Ordering::Relaxed);
            }
        }
    }

    /// How many of `wanted` bytes may pass, as soon as some may.
    fn pass(&self, wanted: usize) -> usize {
        let mut gate = self.gate();
        while *gate == 0 {
            gate = self.moved.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        let passed = wanted.min(*gate);
        if *gate != usize::MAX {
            *gate -= passed;
        }
        self.moved.notify_all();
        passed
    }
}

fn starts_with(line: &str, name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// Whether there was one left to take.
fn take_one(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
}

/// The lines of a head, without the empty one; nothing when the client has gone.
fn head(from: &mut impl BufRead) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let read = from.read_line(&mut line).unwrap_or(0);
        match line.trim_end() {
            _ if read == 0 => return None,
            "" if lines.is_empty() => {}
            "" => return Some(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

fn parsed(lines: &[String]) -> Asked {
    let mut words = lines[0].split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let headers = lines[1..].iter().filter_map(|line| line.split_once(':'));
    Asked {
        method: word(),
        path: word(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect(),
    }
}
