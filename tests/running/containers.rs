//! Containers, where no engine is: what the files say is held against what there is, and the same
//! commands are run without one.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use exportd::daemon::LONGEST_CLOSE;
use serde_json::Value;

use crate::support::api::eventually;
use crate::support::nginx::{certificate_in, program};
use crate::support::postgres::OwnDatabase;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The instructions of the Containerfile, each on a line of its own, without remarks.
fn instructions() -> Vec<String> {
    let file = std::fs::read_to_string(root().join("deploy/Containerfile")).expect("the Containerfile");
    let lines: Vec<_> = file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    lines.join("\n").replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// What follows each `word` of the last stage.
fn last_stage(word: &str) -> Vec<String> {
    let all = instructions();
    let start = all.iter().rposition(|line| line.starts_with("FROM ")).expect("a stage");
    let of = |line: &String| line.strip_prefix(word)?.strip_prefix(' ').map(|rest| rest.trim().to_owned());
    all[start..].iter().filter_map(of).collect()
}

/// A command in its exec form: there is no shell for any other.
fn words(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|_| panic!("not in exec form: {json}"))
}

/// The variables that the image sets.
fn image_environment() -> BTreeMap<String, String> {
    let pairs = last_stage("ENV").join(" ");
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    pairs.split_whitespace().filter_map(pair).collect()
}

/// compose.yaml, its anchors put in, as JSON.
fn composed() -> Value {
    let python = std::env::var_os("EXPORTD_TEST_PYTHON").unwrap_or("python3".into());
    let read = Command::new(python)
        .args(["-c", "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"])
        .arg(root().join("deploy/compose.yaml"))
        .output()
        .expect("a Python with PyYAML; ./scripts/test makes it");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).expect("JSON")
}

fn services(composed: &Value) -> impl Iterator<Item = (&String, &Value)> {
    composed["services"].as_object().expect("services").iter()
}

/// The texts of a list; empty where there is none.
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn exportd(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
    command.args(arguments).env_clear();
    command
}

#[test]
fn the_image_is_made_of_what_is_there_and_runs_as_nobody() {
    let all = instructions();
    let copies: Vec<_> = all.iter().filter_map(|line| line.strip_prefix("COPY ")).collect();
    let sources = copies.iter().filter(|copy| !copy.starts_with("--")).flat_map(|copy| {
        let mut words: Vec<_> = copy.split_whitespace().collect();
        words.pop();
        words
    });
    let sources: Vec<PathBuf> = sources.map(|source| root().join(source)).collect();
    for source in &sources {
        assert!(source.exists(), "{source:?}");
    }
    for file in included(&root().join("src")) {
        assert!(sources.iter().any(|source| file.starts_with(source)), "{file:?} is not copied");
    }
    assert_eq!(last_stage("USER"), ["65532:65532"]);
    let of_rust = format!("rust:{}-", env!("CARGO_PKG_RUST_VERSION"));
    assert!(all[0].contains(&of_rust), "{} is not {of_rust}", all[0]);
    for command in [last_stage("ENTRYPOINT"), last_stage("CMD")].concat() {
        assert!(!words(&command).is_empty());
    }
    let health = last_stage("HEALTHCHECK").pop().expect("a health check");
    let health = words(health.split_once(" CMD ").expect("a command").1);
    let known = exportd(&[&health[1], "--help"]).output().expect("it ends");
    assert!(health[0] == "/usr/bin/exportd" && known.status.success(), "{health:?}");
}

/// Files outside of the sources that the program has inside.
fn included(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of = |path: PathBuf| {
        if path.is_dir() {
            return included(&path);
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let calls = text.split("include_").skip(1).filter_map(|call| call.split('"').nth(1));
        let climbing = calls.filter(|name| name.starts_with("../"));
        let beside = path.parent().expect("a folder").to_owned();
        climbing.filter_map(|name| beside.join(name).canonicalize().ok()).collect()
    };
    entries.flat_map(of).collect()
}

#[test]
fn every_container_is_bound_and_only_the_house_is_seen_from_outside() {
    let composed = composed();
    for (name, service) in services(&composed) {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        assert!(service["privileged"].is_null(), "{name}");
        let is_house = name == "house";
        assert_eq!(service["ports"].is_array(), is_house, "{name}");
        assert_eq!(service["network_mode"] == "service:house", !is_house, "{name}");
        let image = service["image"].as_str().expect("an image");
        assert!(image.contains(':') || service["build"].is_object(), "{name}: {image} is any version");
        assert!(!image.ends_with(":latest"), "{name}");
    }
    let grace = composed["services"]["exportd"]["stop_grace_period"].as_str().expect("a duration");
    assert!(humantime::parse_duration(grace).expect("a duration") > LONGEST_CLOSE);
}

#[test]
fn whatever_a_container_names_is_there() {
    let composed = composed();
    for (name, service) in services(&composed) {
        for volume in texts(&service["volumes"]) {
            let from = volume.split(':').next().expect("a source");
            match from.strip_prefix('.') {
                Some(_) => assert!(root().join("deploy").join(from).exists(), "{name}: {from}"),
                None if from.starts_with("${") => {}
                None => {
                    assert!(composed["volumes"].as_object().expect("volumes").contains_key(from), "{from}");
                }
            }
        }
        for secret in service["secrets"].as_array().into_iter().flatten() {
            let secret = secret.as_str().or(secret["source"].as_str()).expect("a name");
            assert!(composed["secrets"][secret]["file"].is_string(), "{name}: {secret}");
        }
        for (other, condition) in service["depends_on"].as_object().into_iter().flatten() {
            assert_eq!(condition["condition"], "service_healthy");
            let tells = composed["services"][other]["healthcheck"].is_object() || other == "exportd";
            assert!(tells, "{name} waits for {other}, which never says that it is well");
        }
    }
    let build = &composed["services"]["exportd"]["build"];
    let context = root().join("deploy").join(build["context"].as_str().expect("a folder"));
    assert!(context.join(build["dockerfile"].as_str().expect("a file")).exists());
}

#[test]
fn exportd_starts_with_what_its_container_is_given_and_says_that_it_is_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = |name: &str| folder.path().join(name).display().to_string();
    let database = OwnDatabase::create();
    std::fs::write(here("database-url"), &database.url).expect("written");
    std::fs::write(here("jwt-secret"), "a secret of thirty-two bytes or more").expect("written");
    let composed = composed();
    let mut environment = image_environment();
    for (name, value) in composed["services"]["exportd"]["environment"].as_object().expect("variables") {
        environment.insert(name.clone(), value.as_str().expect("text").to_owned());
    }
    let elsewhere = |value: &str| {
        let value = value.replace("/run/secrets", &here("")).replace("/var/lib/exportd", &here(""));
        value.replace("127.0.0.1:8080", "127.0.0.1:0")
    };
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    let ops = free.to_string();
    let command = words(&last_stage("CMD")[0]);
    let mut server = exportd(&command.iter().map(String::as_str).collect::<Vec<_>>())
        .envs(environment.iter().map(|(name, value)| (name, elsewhere(value))))
        .env("EXPORTD__SERVER__OPS_LISTEN", &ops)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(here("log")).expect("a file"))
        .spawn()
        .expect("it starts");
    let well = std::panic::catch_unwind(|| {
        eventually("it is well", || {
            let health =
                exportd(&["health"]).env("EXPORTD__SERVER__OPS_LISTEN", &ops).current_dir("/").output();
            health.expect("it ends").status.success().then_some(())
        });
    });
    server.kill().expect("it runs");
    server.wait().expect("it is gone");
    assert!(well.is_ok(), "{}", std::fs::read_to_string(here("log")).unwrap_or_default());
}

#[test]
fn the_nginx_of_the_containers_takes_its_files_without_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().display().to_string();
    let (certificate, key) = certificate_in(folder.path());
    let moved = |text: String| {
        // That one first: the test's own folder may lie there.
        text.replace("/tmp/", &format!("{here}/"))
            .replace("/var/log/nginx", &here)
            .replace("/var/lib/exportd/packages", &here)
            .replace("/etc/ssl/certs/ssl-cert-snakeoil.pem", &certificate)
            .replace("/etc/ssl/private/ssl-cert-snakeoil.key", &key)
            .replace("listen 443 ", &format!("listen unix:{here}/socket "))
    };
    let composed = composed();
    for volume in texts(&composed["services"]["nginx"]["volumes"]) {
        let mut parts = volume.split(':');
        let (from, to) = (parts.next().expect("a source"), parts.next().expect("a place"));
        let Some(to) = to.strip_prefix("/etc/nginx/") else { continue };
        let from = root().join("deploy").join(from);
        let files = if from.is_dir() {
            let files =
                std::fs::read_dir(&from).expect("a folder").map(|entry| entry.expect("an entry").path());
            files
                .map(|file| (format!("{to}/{}", file.file_name().expect("a name").display()), file))
                .collect()
        } else {
            vec![(to.to_owned(), from)]
        };
        for (to, from) in files {
            let to = folder.path().join(to);
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("room");
            std::fs::write(to, moved(std::fs::read_to_string(from).expect("text"))).expect("written");
        }
    }
    // Every nginx comes with that one.
    std::fs::write(folder.path().join("mime.types"), "types {}").expect("written");
    let tried = Command::new(program())
        .args(["-t", "-e", "stderr", "-p", &here, "-c", &format!("{here}/nginx.conf")])
        .output()
        .expect("nginx is installed");
    let said = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert!(tried.status.success() && !said.contains("warn") && !said.contains("alert"), "{said}");
}
