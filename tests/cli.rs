//! The program as a script meets it: words, streams and exit codes.

use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a run of the program came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// A working directory of its own, and no settings but those a test gives.
struct Shell {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Shell {
    fn open() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), variables: Vec::new() }
    }

    fn env(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(name), text).expect("written");
        self
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
        command.args(words).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        let output = self.command(words).output().expect("the program starts");
        Ran {
            code: output.status.code().expect("it exits by itself"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

const SECRET: &str = "a secret of more than thirty-two bytes";

#[test]
fn wrong_use_exits_2_and_says_nothing_on_standard_output() {
    let shell = Shell::open();
    for words in [
        &["fly"][..],
        &[],
        &["token"],
        &["token", "--user", "ada", "--ttl", "0s"],
        &["config", "show", "--set", "jobs.lease"],
    ] {
        let ran = shell.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(!ran.err.is_empty(), "{words:?}");
    }
    assert_eq!(shell.run(&["--version"]).out, format!("exportd {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn config_show_tells_each_value_and_where_it_was_set() {
    let shell = Shell::open()
        .file("exportd.toml", "[jobs]\nper_user = 5\n")
        .env("EXPORTD__PACKING__LEVEL", "9")
        .env("EXPORTD__AUTH__JWT__SECRET", SECRET);
    let ran = shell.run(&["config", "show", "--set", "log.level=debug"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let line = |key: &str| {
        let line = ran.out.lines().find(|line| line.starts_with(key)).expect("every setting is told");
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("jobs.per_user"), "5 exportd.toml:2");
    assert_eq!(line("packing.level"), "9 EXPORTD__PACKING__LEVEL");
    assert_eq!(line("log.level"), "debug --set");
    assert_eq!(line("jobs.lease"), "1m default");
    assert_eq!(line("auth.jwt.secret "), "*** EXPORTD__AUTH__JWT__SECRET");

    let told: serde_json::Value =
        serde_json::from_str(&shell.run(&["config", "show", "--json"]).out).expect("JSON");
    let level = told.as_array().expect("a list").iter().find(|one| one["key"] == "packing.level");
    assert_eq!(level.expect("told")["value"], "9");
    assert!(!told.to_string().contains(SECRET));
}

#[test]
fn config_check_exits_0_or_2_with_every_fault() {
    let right = Shell::open().env("EXPORTD__AUTH__JWT__SECRET", SECRET);
    assert_eq!(right.run(&["config", "check"]).code, 0);

    let kept = right.env("EXPORTD__LIMITS__EXPORTS_PER_HOUR", "3").run(&["config", "check"]);
    assert_eq!((kept.code, kept.err.contains("warning")), (0, false), "{}", kept.err);

    let wrong = Shell::open().file("other.toml", "[jobs]\nlease = 1\n[x]\n");
    let ran = wrong.run(&["config", "check", "--config", "other.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    for part in ["3 faults", "other.toml:2: jobs.lease: ", "other.toml:3: x: ", "auth.jwt: no key"] {
        assert!(ran.err.contains(part), "{part:?} is missing:\n{}", ran.err);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = Shell::open().command(&["config", "show"]).stdout(writer).status();
    assert!(status.expect("the program starts").success());
}

#[test]
fn a_token_stands_alone_on_standard_output() {
    let shell = Shell::open().file("exportd.toml", "[auth.jwt]\nsecret_file = \"key\"\n").file("key", SECRET);
    let ran = shell.run(&["token", "--user", "ada", "--ttl", "8h"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out.lines().count(), 1);
    assert_eq!(ran.out.matches('.').count(), 2, "a JWT has three parts");

    let without = Shell::open().run(&["token", "--user", "ada"]);
    assert_eq!((without.code, without.out.as_str()), (2, ""));
    assert!(without.err.contains("auth.jwt.secret"), "{}", without.err);
}

#[test]
fn to_look_at_a_schema_or_to_take_it_back_makes_no_database() {
    let shell = Shell::open();
    for words in [&["migrate", "status"][..], &["migrate", "status", "--json"], &["migrate", "down"]] {
        let ran = shell.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{words:?}");
        assert!(ran.err.contains("there is no database at exportd.db"), "{}", ran.err);
    }
    assert_eq!(std::fs::read_dir(shell.folder.path()).expect("a folder").count(), 0, "nothing was made");
    assert_eq!(shell.run(&["migrate", "up"]).code, 0);
    let told = shell.run(&["migrate", "status"]);
    assert!(told.code == 0 && told.out.contains("applied") && !told.out.contains("missing"), "{}", told.out);
}
