//! What does not go into a package, and how that is told.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::bench::{Bench, Package};
use super::tools::every_tool_reads;
use crate::support::project::slow_text;

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
    let report: Vec<_> = told_secrets(&package).iter().map(|(path, _, _)| *path).collect();
    assert_eq!(report, [".env.production", ".npmrc", "apps/api/.env", "cert.pem", "deploy/id_ed25519"]);
    assert!(secrets.iter().all(|secret| excluded[secret] == "secret"), "{excluded:?}");
    assert_eq!(excluded["node_modules/"], "dependency");
    assert_eq!(excluded["target/"], "build_output");
    assert_eq!(excluded[".git/"], "version_control");

    let full =
        bench.pack_into("full.zip", &project.path, &["--full", "--include", ".env", "--include", "**"]);
    assert!(full.names().contains(&".git/HEAD") && full.names().contains(&"target/debug/x"));
    assert!(!full.names().iter().any(|name| secrets.contains(name)), "no option brings a secret in");
}

/// The report of secrets: paths, rules, lines.
fn told_secrets(package: &Package) -> Vec<(&str, &str, Option<u64>)> {
    let list = package.manifest["secrets"].as_array().expect("a report").iter();
    list.map(|one| {
        (one["path"].as_str().expect("a path"), one["rule"].as_str().expect("a rule"), one["line"].as_u64())
    })
    .collect()
}

/// A private key as OpenSSL writes it, which opens nothing.
fn private_key() -> String {
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .output();
    String::from_utf8(made.expect("openssl is there").stdout).expect("PEM")
}

/// A private key as OpenSSH writes it.
fn ssh_key(folder: &Path, kind: &str, passphrase: &str) -> String {
    let file = folder.join(format!("{kind}{passphrase}"));
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", passphrase, "-f"]).arg(&file).status();
    assert!(made.expect("ssh-keygen is there").success());
    fs::read_to_string(file).expect("a key")
}

#[test]
fn whatever_begins_as_an_environment_is_one() {
    let bench = Bench::new();
    let names = [
        ".env",
        ".env-prod",
        ".env.local",
        ".env_local",
        ".env2",
        ".envrc",
        ".envrc.local",
        ".env ",
        "x/.env~",
    ];
    let mut project = bench.project("env").file("environment.ts", "x").file("x/env.rs", "x");
    project = project.file("x/.exportignore", "!*~\n!.env*\n");
    for name in names {
        project = project.file(name, "PASSWORD=hunter2");
    }
    let package = bench.pack(&project.path);
    assert_eq!(package.names(), ["environment.ts", "x/.exportignore", "x/env.rs"]);
    assert_eq!(told_secrets(&package).len(), names.len());
}

#[test]
fn a_wish_that_nothing_meets_is_told() {
    let bench = Bench::new();
    let folder = bench.project("shop").file("a.txt", "x").path;
    let package = bench.pack_into("out.zip", &folder, &["--include", "src/**"]);
    assert_eq!(package.names(), [""; 0]);
    assert_eq!(package.warnings()[""], "NOTHING_SELECTED");
    assert!(bench.pack(&folder).warnings().is_empty());
}

#[test]
fn a_key_of_openssh_stays_at_home_of_whatever_kind_and_however_it_is_written() {
    let (bench, keys) = (Bench::new(), tempfile::tempdir().expect("a folder"));
    let about_keys = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA...\n-----END";
    let mut project = bench.project("keys").file("about.md", about_keys);
    for (kind, passphrase) in [("ed25519", ""), ("ed25519", "secret"), ("ecdsa", ""), ("rsa", "")] {
        let key = ssh_key(keys.path(), kind, passphrase);
        let indented = key.replace('\n', "\n    ");
        let (name, wrapped) = (format!("{kind}{passphrase}"), key.replace('\n', ""));
        project = project
            .file(&format!("plain-{name}"), &key)
            .file(&format!("notes-{name}.yaml"), format!("key: |\n    {indented}\nother: 1\n"))
            .file(&format!("one-line-{name}"), wrapped)
            .file(&format!("code-{name}.js"), format!("const key = \"{}\";", key.replace('\n', "\\n")));
    }
    let package = bench.pack(&project.path);
    assert_eq!(package.names(), ["about.md"]);
    assert_eq!(told_secrets(&package).len(), 16);
}

#[test]
fn a_secret_inside_a_file_keeps_it_at_home_whatever_its_name_and_is_never_told() {
    let bench = Bench::new();
    let key = private_key();
    let about_keys = "a key begins with `-----BEGIN PRIVATE KEY-----` and ends like that";
    let noise = slow_text(3);
    // Across the place where two chunks of a large file meet.
    let large = [&noise[..(1 << 20) - 60], b"\n", key.as_bytes(), &noise[..2 << 20]].concat();
    let folder = bench
        .project("leaky")
        .file("docs/keys.md", about_keys)
        .file("src/main.rs", format!("fn main() {{}}\n\nconst KEY: &str = \"{key}\";\n"))
        .file("data/large.txt", &large)
        .file("data/innocent.txt", slow_text(3))
        .file("deploy/prod.env", "PASSWORD=x")
        .path;
    for arguments in [&["--format", "zip"][..], &["--full", "--include", "**"]] {
        let package = bench.pack_into("out.zip", &folder, arguments);
        assert_eq!(package.names(), ["data/innocent.txt", "docs/keys.md"]);
        assert_eq!(
            told_secrets(&package),
            [
                ("data/large.txt", "private-key", Some(2)),
                ("deploy/prod.env", "*.env", None),
                ("src/main.rs", "private-key", Some(3)),
            ]
        );
        let (excluded, warned) = (package.excluded(), package.warnings());
        for path in ["data/large.txt", "src/main.rs"] {
            assert_eq!((excluded[path], warned[path]), ("secret", "SECRET_WITHHELD"), "{path}");
        }
        let told = format!("{} {}", package.told, package.manifest);
        assert!(
            key.lines()
                .filter(|line| line.len() > 20)
                .all(|line| !told.contains(line) || line.contains("---"))
        );
        every_tool_reads(&bench, &package.path, 2);
    }
}

#[test]
fn a_project_says_itself_what_is_left_out_and_what_is_brought_back() {
    let bench = Bench::new();
    let folder = bench
        .project("own")
        .file(".exportignore", "# ours\n*.log\n!dist/\n!.env\n")
        .file("dist/app.js", "x")
        .file("build/app.o", "x")
        .file(".env", "x")
        .file("a.log", "x")
        .file("docs/.exportignore", "!*.log\n/draft*\n")
        .file("docs/kept.log", "x")
        .file("docs/drafts/one.md", "x")
        .file("old/.sheenexportignore", "*\n!.sheenexportignore\n")
        .file("old/code.c", "x")
        .path;
    let package = bench.pack(&folder);
    assert_eq!(
        package.names(),
        [".exportignore", "dist/app.js", "docs/.exportignore", "docs/kept.log", "old/.sheenexportignore"]
    );
    let (excluded, rules) = (package.excluded(), package.rules());
    for (path, reason, rule) in [
        ("a.log", "ignored", ".exportignore:2 *.log"),
        ("docs/drafts/", "ignored", "docs/.exportignore:2 /draft*"),
        ("old/code.c", "ignored", "old/.sheenexportignore:1 *"),
        ("build/", "build_output", "build/"),
        (".env", "secret", ".env*"),
    ] {
        assert_eq!((excluded[path], rules[path]), (reason, rule), "{path}");
    }
    assert_eq!(excluded.len(), 5);
    assert!(package.warnings().is_empty());

    let asked = bench.pack_into("asked.zip", &folder, &["--include", "/d*/**", "--exclude", "*.js"]);
    assert_eq!(asked.names(), ["docs/.exportignore", "docs/kept.log"]);
    assert_eq!((asked.excluded()["dist/app.js"], asked.rules()["dist/app.js"]), ("requested", "*.js"));
}

/// What git leaves out by a `.gitignore` is what we leave out by an `.exportignore` of the same words.
#[test]
fn an_ignore_file_means_what_git_takes_it_for() {
    let words = "*.log\n!keep.log\n/top\nfolder/\na/**/z\n**/deep\n\\#hash\n\\!bang\nx?y\n[a-c]1\n*.{t,u}\ntrail  \n\
        doc/*.txt\n!doc/b.txt\nq/**\n!q/keep\nmid/dle\n[!d]2\nCase\n";
    let files = [
        "a.log",
        "keep.log",
        "s/keep.log",
        "top",
        "s/top",
        "folder/in",
        "s/folder",
        "a/z",
        "a/b/c/z",
        "b/z",
        "s/deep/x",
        "deep",
        "#hash",
        "!bang",
        "xay",
        "xaay",
        "x/y",
        "b1",
        "d1",
        "f.t",
        "f.{t,u}",
        "trail",
        "doc/a.txt",
        "doc/b.txt",
        "doc/s/a.txt",
        "q/keep",
        "q/other",
        "mid/dle",
        "s/mid/dle",
        "d2",
        "e2",
        "case",
        "Case",
    ];
    let bench = Bench::new();
    let mut project = bench.project("words");
    for (number, file) in files.iter().enumerate() {
        project =
            project.file(&format!("{number}/{file}"), "x").file(&format!("{number}/.exportignore"), words);
    }
    let package = bench.pack(&project.path);
    let names = package.names();

    let repository = bench.place("repository");
    fs::create_dir(&repository).expect("a folder");
    let git = |arguments: &[&str]| {
        Command::new("git").arg("-C").arg(&repository).args(arguments).output().expect("git is there")
    };
    git(&["init", "-q"]);
    fs::write(repository.join(".gitignore"), words).expect("a file");
    for (number, file) in files.iter().enumerate() {
        let ignored = git(&["check-ignore", "-q", "--no-index", file]).status.success();
        let packed = names.contains(&format!("{number}/{file}").as_str());
        assert_eq!(packed, !ignored, "{file}");
    }
}

#[test]
fn an_ignore_file_of_a_megabyte_is_obeyed_as_far_as_it_is_read_and_that_is_told() {
    let bench = Bench::new();
    let huge: String = (0..60_000).map(|number| format!("**/a{number}*b*c[x-z]?\n")).collect();
    assert!(huge.len() > 1 << 20);
    let folder = bench
        .project("huge")
        .file(".exportignore", format!("first\n[z-a]\n{huge}last\n"))
        .file("first", "x")
        .file("last", "x")
        .sources(200)
        .path;
    fs::create_dir(folder.join("linked")).expect("a folder");
    symlink("../.exportignore", folder.join("linked/.exportignore")).expect("a link");
    let package = bench.pack(&folder);
    assert!(package.names().contains(&"last") && !package.names().contains(&"first"));
    let warnings = package.told["warnings"].as_array().expect("a list");
    let about = |word: &str| {
        let mut told = warnings.iter().filter(|one| one["code"] == "IGNORE_RULE");
        told.any(|one| one["message"].as_str().expect("words").contains(word))
    };
    assert!(about("64 KiB") && about("line 2 ") && about("line 1002 ") && about("no file"), "{warnings:?}");
}

/// Files that have more to say than their size: `/proc` tells 0 for all of them.
#[test]
fn a_file_that_tells_no_size_is_never_packed_as_empty() {
    let bench = Bench::new();
    let package = bench.pack_into(
        "proc.zip",
        Path::new("/proc/self"),
        &["--include", "/smaps", "--include", "/status"],
    );
    assert_eq!(package.names(), ["smaps", "status"]);
    let entries = package.manifest["entries"].as_array().expect("entries");
    assert!(entries.iter().all(|entry| entry["size"].as_u64() > Some(200)), "{entries:?}");
    assert!(entries[0]["size"].as_u64() > Some(4096), "all of it and not its first page: {entries:?}");
    assert_eq!(package.warnings()["status"], "FILE_CHANGED");
    every_tool_reads(&bench, &package.path, 2);
}

#[test]
fn a_file_of_nothing_but_holes_is_packed_as_what_it_reads_as_or_left_out_by_its_size() {
    let bench = Bench::new();
    let folder = bench.project("holes").path;
    let hole = |name: &str, size| {
        fs::File::create(folder.join(name)).and_then(|file| file.set_len(size)).expect("a file");
    };
    hole("small", 3 << 20);
    hole("terabyte", 1 << 40);
    let package = bench.pack(&folder);
    assert_eq!(package.names(), ["small"]);
    assert_eq!(package.manifest["entries"][0]["size"], 3 << 20);
    assert_eq!(
        (package.excluded()["terabyte"], package.warnings()["terabyte"]),
        ("too_large", "FILE_TOO_LARGE")
    );
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
