//! Clients of earlier systems: on their paths, in their words, as they were written.

mod behind_nginx;
mod broken;
mod paths;
mod seed_000;
mod seed_003;
mod seed_004;

use std::process::Command;

use serde_json::{Value, json};

use crate::support::api::{Answer, Api, eventually};
use crate::support::house::House;

/// Asks for an export of `project` as clients of export jobs do, and gives its id.
fn ask(api: &Api, project: &str) -> String {
    let wanted = json!({"exportType": "source_code"});
    let answer = api.post(&format!("/v1/projects/{project}/export"), &wanted).expect(202);
    answer.text("/jobId")
}

/// Where a job stands, as they are told.
fn status(api: &Api, job: &str) -> Value {
    api.get(&format!("/v1/export-jobs/{job}/status")).expect(200).json()
}

/// Asks again and again, as they do, until the job has ended.
fn ended(api: &Api, job: &str) -> Value {
    eventually("the job has ended", || {
        let told = status(api, job);
        let is_over = ["completed", "failed", "expired"].iter().any(|end| told["status"] == *end);
        is_over.then_some(told)
    })
}

/// A completed export of `project`, asked for and followed as they do.
fn completed(api: &Api, project: &str) -> String {
    let job = ask(api, project);
    let told = ended(api, &job);
    assert_eq!(told["status"], "completed", "{told}");
    job
}

/// A completed package of `project` as a tool's archive is: tar.gz.
fn tool_package(api: &Api, project: &str) -> String {
    let wanted = json!({"kind": "project", "format": "tar.gz", "selector": {"projectId": project}});
    let id = api.post("/api/v1/exports", &wanted).expect_one_of(&[200, 202]).text("/id");
    api.export(&id).completed();
    id
}

/// Where the package of a tool's `job` is.
fn tool_path(job: &str) -> String {
    format!("/api/tool-registry/export-jobs/{job}/download")
}

/// Downloads as clients of export jobs do.
fn download(api: &Api, job: &str, headers: &[(&str, &str)]) -> Answer {
    api.get_with(&format!("/v1/export-jobs/{job}/download"), headers)
}

/// Downloads as clients of the tool registry do.
fn tool_download(api: &Api, job: &str, headers: &[(&str, &str)]) -> Answer {
    api.get_with(&tool_path(job), headers)
}

/// The names of the files in a zip archive, sorted, as Python reads them.
fn names_in(zip: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("package.zip");
    std::fs::write(&path, zip).expect("written");
    let read =
        "import sys, zipfile, json; print(json.dumps(sorted(zipfile.ZipFile(sys.argv[1]).namelist())))";
    let told = Command::new("python3").args(["-c", read]).arg(&path).output().expect("python3 is there");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).expect("a list")
}

/// How often a package was downloaded, by its owner's word.
fn count(api: &Api, job: &str) -> u64 {
    let told = api.get(&format!("/api/exports/{job}/status")).expect(200).json();
    told["export"]["downloadCount"].as_u64().expect("a number")
}

/// A house with one project of ada's.
fn house_with(project: &str, size: usize) -> House {
    let house = House::open();
    house.project("ada", project).noise("noise.bin", size).file("src/main.rs", "fn main() {}");
    house
}
