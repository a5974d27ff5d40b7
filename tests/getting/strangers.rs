//! Somebody else answers where an exportd should be.

use std::net::TcpListener;

use super::Getter;
use crate::support::proxy::Proxy;

const ID: &str = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";

/// What a proxy that wants everybody to sign in answers to everything.
fn page(kind: &str) -> String {
    let body = "<!doctype html><title>Please sign in</title>";
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nETag: \"5f3a-2c\"\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_page_that_answers_everything_is_not_taken_for_a_package() {
    let page = page("text/html; charset=utf-8");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let proxy = Proxy::to(nobody.local_addr().expect("it has one")).answering(&[page.as_str(); 4]);
    let getter = Getter { server: proxy.url(""), ..Getter::stranger() };
    let address = proxy.url(&format!("/api/v1/exports/{ID}/download"));
    for words in [&[ID][..], &[ID, "-o", "a.zip"], &[ID, "-o", "-"], &[&address]] {
        let told = getter
            .get(&[words, &["--retries", "0"]].concat())
            .expect(1)
            .says("answered 200 with text/html; charset=utf-8, which no exportd");
        assert!(told.err.contains(&proxy.url("")) && told.out.is_empty(), "{}", told.err);
        assert!(getter.files().is_empty(), "{:?}", getter.files());
    }
}

#[test]
fn a_page_at_an_address_of_another_server_is_what_was_asked_for() {
    let page = page("text/html");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let proxy = Proxy::to(nobody.local_addr().expect("it has one")).answering(&[page.as_str(); 2]);
    let getter = Getter::stranger();
    getter.get(&[&proxy.url("/about.html"), "--retries", "0"]).expect(0);
    assert_eq!(getter.files(), ["about.html"]);
}

#[test]
fn a_users_own_password_in_an_address_is_never_shown() {
    for server in
        ["http://ada:sesame@127.0.0.1:1", "http://ada:ses/sesame@h", "ada:sesame@h", "http://a:sesame@"]
    {
        let getter = Getter { server: server.to_owned(), ..Getter::stranger() };
        for words in [&[ID][..], &[server], &["--help"]] {
            let ran = getter.get(words);
            let told = ran.err + &String::from_utf8_lossy(&ran.out);
            assert!(!told.contains("sesame"), "{told}");
        }
    }
}

#[test]
fn a_name_of_a_file_is_shown_and_not_obeyed() {
    let getter = Getter::stranger();
    let name = "a\u{1b}[2J\nexportd: all is well\u{202e}.zip";
    std::fs::write(getter.path(name), "no package").expect("written");
    std::fs::create_dir(getter.path("tree")).expect("a folder");
    std::fs::write(getter.path("tree").join(name), "{}").expect("written");
    let link = getter.path("tree/z\u{1b}[2J");
    std::os::unix::fs::symlink("/nowhere", link).expect("a link");
    for words in [
        &["get", "http://127.0.0.1:1/x", "-o", name, "--retries", "0"][..],
        &["get", "http://127.0.0.1:1/x", "--password-file", "no\u{1b}[2J"],
        &["verify", name],
        &["verify", "no\u{1b}[2J"],
        &["pack", "no\u{1b}[2J", "-o", "x.zip"],
        &["pack", "tree", "-o", "x\u{1b}[2J.rar"],
        &["pack", "tree", "-o", "tree.zip"],
        &["convert", "no\u{1b}[2J.csv", "-o", "x.json"],
        &["convert", name, "-o", "x.json"],
        &["convert", "--check", "--from", "json", name],
        &["export", "list", "--token-file", "no\u{1b}[2J"],
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_exportd"));
        command.args(words).current_dir(getter.folder.path()).env_clear();
        let ran = super::ran(command);
        let told = ran.err + &String::from_utf8_lossy(&ran.out);
        let is_safe = told.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}'));
        assert!(is_safe && !told.contains("\nexportd: all"), "{words:?}: {told:?}");
    }
}
