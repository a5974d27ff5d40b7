//! A house that is used as people use one: well, badly, and by those who should not.

use std::net::SocketAddr;
use std::time::Duration;

use exportd::app::Mode;
use serde_json::{Value, json};

use super::prometheus::free;
use crate::support::api::{Api, ExportHandle, wanted};
use crate::support::forum;
use crate::support::house::House;
use crate::support::nginx::Nginx;
use crate::support::raw;

/// A data set that never keeps what it promises.
const LYING: &str = r#"
[[datasets]]
name = "lying"
title = "Lying"
source = "forum"

[[datasets.queries]]
name = "rows"
title = "Rows"
sql = "SELECT id FROM posts WHERE member = :user_id ORDER BY id"
count = "SELECT 300 WHERE :user_id IS NOT NULL"
columns = [ { name = "id", type = "integer" } ]
"#;

/// A house behind nginx, both of which tell of themselves.
pub struct Busy {
    pub house: House,
    nginx: Nginx,
    /// Where nginx tells of itself.
    pub status: SocketAddr,
    round: usize,
}

impl Busy {
    pub fn open() -> Self {
        let house = House::with(|settings| {
            settings.download.mode = Mode::Accel;
            settings.jobs.attempts = 2;
            settings.storage.reserve = 1;
            forum::declared_with(settings, LYING);
        });
        let status = free();
        let nginx = Nginx::before(&house.told(), &["--status", &status.to_string()]);
        Self { house, nginx, status, round: 0 }
    }

    /// Where metrics are.
    pub fn ops(&self) -> SocketAddr {
        self.house.ops().address()
    }

    fn ada(&self) -> Api {
        self.house.user("ada").at(self.nginx.address())
    }

    /// One more of everything.
    pub fn round(&mut self) {
        self.round += 1;
        let archive = self.exports();
        self.failing();
        self.cancelled();
        self.downloads(&archive);
        self.strangers(&archive);
        archive.api.delete(&archive.path("")).expect_one_of(&[200, 204]);
        self.house.sweep();
    }

    /// Archives of a project that changes a little, and documents of all kinds; gives an archive.
    fn exports(&self) -> ExportHandle {
        let (ada, read) = (self.ada(), ["markdown", "html", "pdf"][self.round % 3]);
        let source = format!("fn main() {{ println!(\"{}\") }}", self.round);
        let project = self.house.project("ada", "shop").file("src/main.rs", source).file(".env", "K=1");
        project.sources(50).noise("noise.bin", 6_000_000);
        let asked: Vec<_> = ["zip", "tar.gz", "tar.zst"]
            .map(|format| json!({"kind": "project", "format": format, "selector": {"projectId": "shop"}}))
            .into_iter()
            .chain([
                json!({"kind": "user_data", "format": "json"}),
                json!({"kind": "conversation", "format": read}),
                json!({"kind": "custom", "format": "csv", "selector": {"dataset": "scores", "parameters": {"least": self.round}}}),
                json!({"kind": "analytics", "format": "csv", "selector": {"report": "usage", "granularity": "month", "dateRange": {"start": "2026-01-01"}}}),
            ])
            .map(|wanted| asked(&ada, &wanted))
            .collect();
        asked.iter().for_each(|export| drop(export.completed()));
        asked[0].clone()
    }

    fn failing(&self) {
        let wanted = json!({"kind": "custom", "format": "csv", "selector": {"dataset": "lying"}});
        assert_eq!(asked(&self.ada(), &wanted).ended()["status"], "failed");
    }

    fn cancelled(&self) {
        let mut later = wanted("shop");
        later["runAt"] = json!(self.house.clock().now().plus(Duration::from_secs(3600)).to_string());
        let export = asked(&self.ada(), &later);
        export.api.act(&export.path("/cancel")).expect(202);
    }

    /// Whole, in parts, broken off, by link; from nginx and past it.
    fn downloads(&self, archive: &ExportHandle) {
        let past_nginx = self.house.user("ada").export(&archive.id);
        for export in [archive, &past_nginx] {
            let tag = export.download(&[]).expect(200).header("etag");
            export.download(&[("range", "bytes=0-999999"), ("if-range", &tag)]).expect(206);
            export.download(&[("range", "bytes=0-9,100-199")]).expect(206);
            export.download(&[("range", "bytes=900000000-")]).expect(416);
            export.download(&[("if-none-match", &tag)]).expect(304);
            broken_off(export);
        }
        archive.api.get(&archive.path("/entries/src%2Fmain.rs")).expect(200);
        archive.api.get(&archive.path("/entries/src%2Fmain.rs")).expect(200);
        let link = archive.api.post(&archive.path("/links"), &json!({})).expect(201).text("/url");
        let path = &link[link.find("/d/").expect("a link")..];
        archive.api.anonymous().get(path).expect(200);
    }

    fn strangers(&self, archive: &ExportHandle) {
        let nobody = archive.api.anonymous();
        nobody.get("/api/v1/exports").expect(401);
        nobody.get_with("/api/v1/exports", &[("authorization", "Bearer a.b.c")]).expect_one_of(&[401, 429]);
        nobody.get(&format!("/d/{}", "A".repeat(43))).expect_one_of(&[404, 429]);
        let eve = self.house.user("eve").at(self.nginx.address());
        eve.get(&archive.path("")).expect(403);
        eve.get("/nowhere").expect(404);
        eve.get("/api/v1/exports").expect(200);
    }
}

fn asked(caller: &Api, wanted: &Value) -> ExportHandle {
    let answer = caller.post("/api/v1/exports", wanted).expect_one_of(&[200, 202]);
    caller.export(&answer.text("/id"))
}

/// Reads a little of it, and hangs up.
fn broken_off(export: &ExportHandle) {
    let mut socket = raw::connect(export.api.address());
    let (path, token) = (export.path("/download"), export.api.token());
    raw::send(
        &mut socket,
        &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"),
    );
    assert!(raw::read_some(&mut socket).starts_with("HTTP/1.1 200"));
}
