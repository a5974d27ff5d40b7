//! `exportd datasets` as an operator meets it.

use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::mariadb;
use crate::support::postgres;

fn exportd(folder: &TempDir, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
    command.args(words).current_dir(folder.path()).env_clear().stdin(Stdio::null());
    command.output().expect("the program starts")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

#[test]
fn an_operator_gets_tables_rows_and_a_file_that_fits_them() {
    let postgres = postgres::OwnDatabase::create();
    let mariadb = mariadb::OwnDatabase::create();
    for url in ["sqlite://app.db", &postgres.url, &mariadb.url] {
        let folder = tempfile::tempdir().expect("a folder");
        let made = exportd(&folder, &["datasets", "reference", "--url", url, "--seed-users", "3", "--json"]);
        assert!(made.status.success(), "{made:?}");
        let told: serde_json::Value = serde_json::from_str(out(&made)).expect("JSON");
        assert_eq!((&told["schema"], &told["seeded"]["users"]), (&"up".into(), &3.into()));
        assert_eq!(told["seeded"]["conversations"], 30);

        let example = exportd(&folder, &["datasets", "example", "--url", url]);
        let file = super::shipped::toml(out(&example));
        assert_eq!(file["sources"]["app"]["url"].as_str(), Some(url));

        let again = exportd(&folder, &["datasets", "reference", "--url", url, "--demo"]);
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&again.stderr).contains("3 users already"), "{again:?}");

        let gone = exportd(&folder, &["datasets", "reference", "--url", url, "--down"]);
        assert_eq!((gone.status.code(), out(&gone)), (Some(0), "the reference schema is gone\n"));
    }
}

#[test]
fn what_is_no_database_is_wrong_use_and_no_password_is_ever_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let away = "postgres://me:hunter2@127.0.0.1:1/app";
    for (words, code) in [
        (&["datasets", "reference", "--url", "oracle://me:hunter2@db/app"][..], 2),
        (&["datasets", "example", "--url", "app.db?password=hunter2"], 2),
        (&["datasets", "reference", "--url", "postgres://me:hunter2@127.0.0.1:99999/app"], 1),
        (&["datasets", "reference", "--url", "mysql://me:hunter2@127.0.0.1:1/app", "--json"], 1),
        (&["datasets", "reference", "--url", away], 1),
        (&["datasets", "reference", "--url", away, "--demo", "--down"], 2),
        (&["datasets", "reference", "--url", away, "--seed-users", "0"], 2),
        (&["datasets", "reference"], 2),
        (&["datasets", "example", "--url", away], 0),
    ] {
        let ran = exportd(&folder, words);
        assert_eq!(ran.status.code(), Some(code), "{words:?}: {ran:?}");
        let said = format!("{}{}", out(&ran), String::from_utf8_lossy(&ran.stderr));
        assert!(!said.contains("hunter2"), "{words:?}: {said}");
    }
}
