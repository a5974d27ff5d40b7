//! Pages of other sites in a real browser, which is who keeps answers from them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use super::packed;
use crate::browsers::Chromium;
use crate::support::house::House;

/// Another site: one page, which tells it what became of its attempt.
struct Site {
    listener: TcpListener,
}

impl Site {
    fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").expect("a port") }
    }

    fn origin(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// Serves `page` until the test is over, and tells what it is told.
    fn open(self, page: String) -> Receiver<String> {
        let (tell, told) = channel();
        thread::spawn(move || {
            for visitor in self.listener.incoming().flatten() {
                if answer(visitor, &page, &tell).is_none() {
                    break;
                }
            }
        });
        told
    }
}

/// Nothing when nobody listens any more.
fn answer(visitor: TcpStream, page: &str, tell: &Sender<String>) -> Option<()> {
    let mut lines = BufReader::new(&visitor).lines().map_while(Result::ok);
    let asked = lines.next().unwrap_or_default();
    lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
    let path = asked.split(' ').nth(1).unwrap_or_default();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}", page.len());
    let _gone = write!(&visitor, "{head}\r\nconnection: close\r\n\r\n{page}");
    match path.strip_prefix("/told/") {
        Some(told) => tell.send(told.to_owned()).ok(),
        None => Some(()),
    }
}

/// A page that asks for `url` with a token, and tells what it could read.
fn page(url: &str, token: &str, name: &str) -> String {
    format!(
        "<script>
        fetch('{url}', {{headers: {{authorization: 'Bearer {token}', range: 'bytes=0-9'}}}})
            .then(answer => answer.arrayBuffer().then(bytes =>
                ['{name}', answer.status, bytes.byteLength, answer.headers.get('content-range')].join('/')))
            .catch(() => '{name}/kept-from-it')
            .then(told => fetch('/told/' + told))
        </script>"
    )
}

#[test]
fn a_browser_lets_pages_of_known_origins_read_a_package_and_no_others() {
    let (known, stranger) = (Site::new(), Site::new());
    let house = House::with(|settings| {
        settings.server.cors_origins = vec![known.origin().parse().expect("an origin")];
    });
    let (ada, download) = packed(&house);
    let addresses = [known.origin(), stranger.origin()];
    let told = [(known, "known"), (stranger, "stranger")]
        .map(|(site, name)| site.open(page(&ada.url(&download), ada.token(), name)));
    let folder = tempfile::tempdir().expect("a folder");
    let mut browser = Chromium::open(folder.path());
    addresses.iter().for_each(|address| browser.go(address));
    let told: HashMap<String, String> = told
        .iter()
        .map(|told| told.recv_timeout(Duration::from_secs(60)).expect("the page tells"))
        .filter_map(|told| told.split_once('/').map(|(name, rest)| (name.to_owned(), rest.to_owned())))
        .collect();
    assert!(told["known"].starts_with("206/10/bytes%200-9/"), "{told:?}");
    assert_eq!(told["stranger"], "kept-from-it");
}
