//! The programs people have, with nothing but a link and its password.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::sha256;

use super::{Given, packed};

const PASSWORD: &str = "open sesame";
const SIZE: usize = 6_000_000;

/// A package, a link to it that allows one download, and a folder to download it to.
struct Scene {
    _house: House,
    export: ExportHandle,
    link: Given,
    folder: tempfile::TempDir,
}

impl Scene {
    fn set() -> Self {
        let house = House::open();
        let export = packed(&house, SIZE);
        let link = Given::of(&export, &json!({"maxDownloads": 1, "password": PASSWORD}));
        Self { _house: house, export, link, folder: tempfile::tempdir().expect("a folder") }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("package.zip")
    }

    /// The first bytes of the package lie there already, as an earlier try left them.
    fn begin(&self, bytes: usize) {
        let whole = self.export.download(&[]).expect(200).body;
        std::fs::write(self.file(), &whole[..bytes]).expect("a file");
    }

    fn ends_well(&self) {
        assert_eq!(self.export.show()["checksum"], sha256(&std::fs::read(self.file()).expect("a file")));
        assert_eq!(self.link.shown(&self.export.api)["downloads"], Value::from(1));
    }
}

fn run(command: &mut Command) -> i32 {
    let output = command.output().expect("it is installed");
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.code().expect("it ends by itself")
}

fn curl(file: &Path, arguments: &[&str], url: &str) -> i32 {
    run(Command::new("curl")
        .args(["-sSf", "-u", &format!(":{PASSWORD}")])
        .args(arguments)
        .arg("-o")
        .arg(file)
        .arg(url))
}

#[test]
fn curl_resumes_by_link_and_password() {
    let scene = Scene::set();
    assert_eq!(curl(&scene.file(), &["-r", "0-1999999"], &scene.link.url), 0);
    assert_eq!(curl(&scene.file(), &["-C", "-"], &scene.link.url), 0);
    scene.ends_well();
    assert_eq!(
        curl(&scene.folder.path().join("again.zip"), &[], &scene.link.url),
        22,
        "once is all it allows"
    );
}

#[test]
fn wget_resumes_by_link_and_password() {
    let scene = Scene::set();
    scene.begin(2_000_000);
    let mut wget = Command::new("wget");
    wget.args(["-nv", "-c", "--tries=2", "--user=anyone", &format!("--password={PASSWORD}"), "-O"]);
    assert_eq!(run(wget.arg(scene.file()).arg(&scene.link.url)), 0);
    scene.ends_well();
}

#[test]
fn aria2_fetches_eight_pieces_by_link_and_password_as_one_download() {
    let scene = Scene::set();
    let mut aria2c = Command::new("aria2c");
    aria2c
        .args(["-x8", "-s8", "-k1M", "--max-tries=3", "--retry-wait=0", "--console-log-level=notice"])
        .args(["--http-user=anyone", &format!("--http-passwd={PASSWORD}"), "-o", "package.zip", "-d"])
        .arg(scene.folder.path())
        .arg(&scene.link.url);
    assert_eq!(run(&mut aria2c), 0);
    scene.ends_well();
}
