//! A database that is locked for a while: requests wait or are told, and no row is lost.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::support::api::{eventually, wanted};
use crate::support::postgres::psql;
use crate::support::process::Site;

/// Keeps everybody else from writing until dropped, from a process of its own.
struct Locked(std::process::Child);

impl Locked {
    fn hold(site: &Site) -> Self {
        let (mut shell, lock) = match site.database() {
            None => (Command::new("sqlite3"), "PRAGMA busy_timeout=10000;\nBEGIN IMMEDIATE;"),
            Some(_) => (Command::new("psql"), "BEGIN;\nLOCK TABLE exports IN EXCLUSIVE MODE;"),
        };
        match site.database() {
            None => shell.arg(site.path().join("exportd.db")),
            Some(database) => shell.args(["--no-psqlrc", "--quiet", &database.url]),
        };
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it is installed");
        let input = child.stdin.as_mut().expect("a pipe");
        writeln!(input, "{lock}\nSELECT 'locked';").expect("it reads");
        let mut out = BufReader::new(child.stdout.as_mut().expect("a pipe"));
        let mut line = String::new();
        while !line.contains("locked") {
            line.clear();
            assert_ne!(out.read_line(&mut line).expect("it answers"), 0, "it could not lock");
        }
        Self(child)
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_locked_database_delays_or_refuses_but_loses_nothing() {
    let site = Site::new(&[]);
    for i in 0..4 {
        site.project("ada", &format!("p{i}")).sources(30);
    }
    let server = site.serve();
    let ada = server.user("ada");
    let running: Vec<_> = (0..2).map(|i| ada.request(&format!("p{i}"))).collect();
    let lock = Locked::hold(&site);
    let refused = ada.post("/api/v1/exports", &wanted("p2"));
    assert_eq!(refused.expect(503).code(), "UNAVAILABLE");
    ada.get("/api/v1/exports").expect(200);
    drop(lock);

    for export in running {
        let export = export.completed();
        assert_eq!(export["attempt"], 1, "{export}");
    }
    ada.request("p2").completed();
    ada.request("p3").completed();
}

#[test]
fn a_database_that_is_locked_for_a_moment_is_waited_for() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let ada = server.user("ada");
    let lock = Locked::hold(&site);
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| ada.post("/api/v1/exports", &wanted("shop")));
        // Reading goes on meanwhile.
        ada.get("/api/v1/exports").expect(200);
        drop(lock);
        asked.join().expect("an answer").expect(202);
    });
}

/// As when the server restarts. A SQLite file has no connections that anybody could cut.
#[test]
fn connections_that_are_cut_are_made_again() {
    let site = Site::new(&[]);
    let Some(database) = site.database() else { return };
    site.project("ada", "shop").file("a", "a");
    site.project("ada", "blog").file("a", "a");
    let server = site.serve();
    let ada = server.user("ada");
    ada.request("shop").completed();
    let others = "pid <> pg_backend_pid() AND datname = current_database()";
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}");
    assert!(psql(&database.url, &cut).contains('t'), "there was something to cut");
    ada.request("blog").completed();
    let listens = format!("SELECT count(*) FROM pg_stat_activity WHERE {others} AND query ILIKE 'listen%'");
    eventually("it listens again", || (psql(&database.url, &listens).trim() == "1").then_some(()));
}
