//! What does not go into a package, and how that is told.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::bench::Bench;
use super::tools::every_tool_reads;

#[test]
fn secrets_stay_at_home_and_their_namesakes_come_along() {
    let bench = Bench::new();
    let mut project = bench.project("shop");
    let secrets = ["apps/api/.env", ".env.production", "deploy/id_ed25519", "cert.pem", ".npmrc"];
    let kept =
        ["apps/api/main.rs", "design-tokens.json", "environment.ts", "src/secretary.ts", "src/tokenizer.rs"];
    for path in secrets.iter().chain(&kept).chain(&["node_modules/x/index.js", "target/debug/x", ".git/HEAD"])
    {
        project = project.file(path, "x");
    }
    let package = bench.pack(&project.path);
    assert_eq!(package.names(), kept);
    let excluded = package.excluded();
    assert!(secrets.iter().all(|secret| excluded[secret] == "secret"), "{excluded:?}");
    assert_eq!(excluded["node_modules/"], "dependency");
    assert_eq!(excluded["target/"], "build_output");
    assert_eq!(excluded[".git/"], "version_control");

    let full =
        bench.pack_into("full.zip", &project.path, &["--full", "--include", ".env", "--include", "**"]);
    assert!(full.names().contains(&".git/HEAD") && full.names().contains(&"target/debug/x"));
    assert!(!full.names().iter().any(|name| secrets.contains(name)), "no option brings a secret in");
}

#[test]
fn links_sockets_pipes_and_devices_are_left_out_and_listed() {
    let bench = Bench::new();
    let folder = bench.project("odd").file("kept", "x").path;
    fs::write(bench.place("outside"), "not for the package").expect("a file");
    symlink(bench.place("outside"), folder.join("to a file outside")).expect("a link");
    symlink("/", folder.join("to a folder outside")).expect("a link");
    symlink("kept", folder.join("to a file inside")).expect("a link");
    symlink(".", folder.join("to itself")).expect("a link");
    symlink("nowhere", folder.join("to nothing")).expect("a link");
    let _socket = UnixListener::bind(folder.join("socket")).expect("a socket");
    mknodat(CWD, folder.join("pipe"), FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
    let mut specials = vec!["pipe", "socket"];
    // Only root makes devices.
    let zero = rustix::fs::makedev(1, 5);
    if mknodat(CWD, folder.join("device"), FileType::CharacterDevice, Mode::RUSR, zero).is_ok() {
        specials.push("device");
    }
    let package = bench.pack(&folder);

    assert_eq!(package.names(), ["kept"]);
    let (excluded, warned) = (package.excluded(), package.warnings());
    for special in &specials {
        assert_eq!(
            (excluded[special], warned[special]),
            ("special_file", "SPECIAL_FILE_SKIPPED"),
            "{special}"
        );
    }
    let links = ["to a file inside", "to a file outside", "to a folder outside", "to itself", "to nothing"];
    for link in links {
        assert_eq!((excluded[link], warned[link]), ("symlink", "SYMLINK_SKIPPED"), "{link}");
    }
    assert_eq!(excluded.len(), links.len() + specials.len());
    every_tool_reads(&bench, &package.path, 1);
}

/// `command` as somebody whom permissions bind: root may read everything.
fn bound_by_permissions(command: &Command) -> Command {
    if !rustix::process::geteuid().is_root() {
        let mut same = Command::new(command.get_program());
        same.args(command.get_args()).current_dir(command.get_current_dir().expect("a folder"));
        return same;
    }
    let mut bound = Command::new("setpriv");
    bound.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    bound.arg(command.get_program()).args(command.get_args());
    bound.current_dir(command.get_current_dir().expect("a folder"));
    bound
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn what_may_not_be_read_is_left_out_and_the_rest_comes() {
    let bench = Bench::new();
    let project = bench.project("guarded").file("open/file", "x").file("closed/file", "y");
    let folder =
        project.file("listed only/file", "y").file("mine alone", "z").noise("large alone", 3 << 20).path;
    set_mode(&bench.place("."), 0o777);
    set_mode(&folder.join("closed"), 0o000);
    set_mode(&folder.join("listed only"), 0o444);
    set_mode(&folder.join("mine alone"), 0o000);
    set_mode(&folder.join("large alone"), 0o000);
    let packer = bench.packer(&folder, "out.zip", &[]);
    let package = bench.packed("out.zip", &bound_by_permissions(&packer).output().expect("setpriv is there"));
    set_mode(&folder.join("closed"), 0o755);
    set_mode(&folder.join("listed only"), 0o755);

    assert_eq!(package.names(), ["open/file"]);
    let (excluded, warned) = (package.excluded(), package.warnings());
    for path in ["closed/", "large alone", "listed only/file", "mine alone"] {
        let told = (excluded.get(path), warned.get(path));
        assert_eq!(told, (Some(&"unreadable"), Some(&"UNREADABLE")), "{path} of {excluded:?}");
    }
    assert_eq!(package.told["files"], 1);
    every_tool_reads(&bench, &package.path, 1);
}

#[test]
fn a_project_that_may_not_be_read_at_all_fails_and_leaves_nothing() {
    let bench = Bench::new();
    let folder = bench.project("closed").file("file", "x").path;
    set_mode(&bench.place("."), 0o777);
    set_mode(&folder, 0o000);
    let packer = bench.packer(&folder, "out.zip", &[]);
    let ended = bound_by_permissions(&packer).output().expect("setpriv is there");
    set_mode(&folder, 0o755);
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("cannot be"), "{ended:?}");
    assert!(!bench.place("out.zip").exists() && !bench.place("out.zip.part").exists());
}
