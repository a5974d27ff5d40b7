//! Clients that mean no good, by the hundreds, while others are served.

use std::process::{Child, Command, Stdio};

use super::packed;
use crate::support::api::{Api, eventually};
use crate::support::front::{Front, through_both_fronts};
use crate::support::house::House;
use crate::support::house::settings_in;
use crate::support::nginx::{Nginx, told};
use crate::support::process::Site;
use crate::support::raw;

through_both_fronts! {
    a_range_of_ten_thousand_parts_costs_nothing,
    slow_heads_keep_nobody_waiting,
    slow_bodies_keep_nobody_waiting,
    slow_readers_keep_nobody_waiting,
}

fn a_range_of_ten_thousand_parts_costs_nothing(front: Front) {
    let house = front.house();
    let export = packed(&house, 100_000);
    let parts: Vec<_> = (0..10_000).map(|part| format!("{part}-{part}")).collect();
    // Its head is longer than any head may be; half of it is not.
    let all = format!("bytes={}", parts.join(","));
    assert!(all.len() > 64 << 10);
    export.download(&[("range", &all)]).expect(431);
    let few: Vec<_> = (0..7_000).map(|part| if part % 2 == 0 { "0-0" } else { "-1" }).collect();
    let touching = export.download(&[("range", &format!("bytes={}", few.join(",")))]).expect(206);
    assert!(touching.body.len() < 1_000, "{} bytes for two", touching.body.len());
    let far: Vec<_> = (0..2_400).map(|part| format!("{}-{}", part * 30, part * 30)).collect();
    let joined = export.download(&[("range", &format!("bytes={}", far.join(",")))]).expect(206);
    assert!(joined.body.len() <= 72_000, "overlaps and gaps are joined: {} bytes", joined.body.len());
    export.download(&[]).expect(200);
}

/// exportd as a process of its own, alone or behind an nginx of its own.
struct Stand {
    server: crate::support::process::Server,
    nginx: Option<Nginx>,
    _site: Site,
}

impl Stand {
    fn behind(front: Front) -> Self {
        let site = Site::new(&[("DOWNLOAD__MODE", "accel")]);
        site.project("ada", "shop").file("noise.bin", crate::support::project::noise(300_000));
        let server = site.serve();
        let mut settings = settings_in(site.path().to_owned());
        settings.storage.root = site.path().join("packages");
        let nginx = match front {
            Front::Direct => None,
            Front::Nginx => Some(Nginx::before(&told(&settings, server.user("ada").address()), &[])),
        };
        Self { server, nginx, _site: site }
    }

    fn ada(&self) -> Api {
        let ada = self.server.user("ada");
        self.nginx.as_ref().map_or(ada.clone(), |nginx| ada.at(nginx.address()))
    }

    fn open_files(&self) -> usize {
        self.server.open_files() + self.nginx.as_ref().map_or(0, Nginx::open_files)
    }

    /// Is attacked with `flags` for some seconds by hundreds of connections, while somebody asks
    /// for an export and downloads it; and is as before when they are gone.
    fn withstands(&self, flags: &[&str]) {
        let ada = self.ada();
        ada.get("/api/v1/exports").expect(200);
        let before = self.open_files();
        let attack = attack(&ada, flags);
        eventually("they are here", || (self.open_files() >= before + 200).then_some(()));
        let export = ada.request("shop");
        export.completed();
        let package = export.download(&[]).expect(200);
        assert_eq!(crate::support::sha256(&package.body), export.show()["checksum"]);
        let told = attack.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("slow"), "{told}");
        // A package that was downloaded stays open for seconds, and so do kept connections.
        eventually("all they had is given back", || (self.open_files() <= before + 8).then_some(()));
        ada.get("/api/v1/exports").expect(200);
    }
}

fn attack(target: &Api, flags: &[&str]) -> Child {
    let mut attack = Command::new("slowhttptest");
    attack.args(["-c", "300", "-r", "300", "-l", "6", "-p", "3", "-i", "2", "-v", "1"]).args(flags);
    attack.args(["-u", &target.url("/api/openapi.json")]);
    attack.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("slowhttptest is installed")
}

fn slow_heads_keep_nobody_waiting(front: Front) {
    Stand::behind(front).withstands(&["-H", "-x", "24"]);
}

fn slow_bodies_keep_nobody_waiting(front: Front) {
    Stand::behind(front).withstands(&["-B", "-s", "8192", "-x", "10"]);
}

fn slow_readers_keep_nobody_waiting(front: Front) {
    Stand::behind(front).withstands(&["-X", "-w", "8", "-y", "16", "-n", "2", "-z", "8", "-k", "3"]);
}

#[test]
fn a_client_that_stops_reading_is_nginx_s_to_wait_for() {
    let stand = Stand::behind(Front::Nginx);
    let export = stand.ada().request("shop");
    export.completed();
    export.download(&[]).expect(200);
    let before = stand.server.open_files();
    let waiting: Vec<_> = (0..200).map(|_| super::restarts::begun(&export)).collect();
    // A kept connection for each that asked at once, and not one more for those who wait.
    eventually("exportd has given them all away", || (stand.server.open_files() <= before + 8).then_some(()));
    drop(waiting);
    let nginx = stand.nginx.as_ref().expect("it is there");
    eventually("nginx has closed their files", || (nginx.open_files() < 100).then_some(()));
    raw::connect(nginx.address());
}

#[test]
fn an_aborted_download_leaves_no_file_open_in_nginx() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 8_000_000);
    export.download(&[("range", "bytes=0-0")]).expect(206);
    let before = house.nginx().open_files();
    let begun: Vec<_> = (0..50).map(|_| super::restarts::begun(&export)).collect();
    assert!(house.nginx().open_files() >= before + 50);
    drop(begun);
    eventually("the files are closed", || (house.nginx().open_files() <= before).then_some(()));
}
