//! The service as systemd is told of it.

use std::process::Command;
use std::time::Duration;

use exportd::daemon::LONGEST_CLOSE;

use crate::support::process::Site;

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/systemd/exportd.service");
const SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/etc/exportd.toml");

/// The values of `key`, in their order.
fn told(key: &str) -> Vec<String> {
    let unit = std::fs::read_to_string(UNIT).expect("the unit");
    let value = |line: &str| line.strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
    unit.lines().filter_map(value).collect()
}

#[test]
fn the_service_may_do_no_more_than_the_guide_says() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let looked = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", UNIT])
        .output()
        .expect("systemd is installed");
    let found = String::from_utf8_lossy(&looked.stdout);
    let score =
        found.rsplit_once("exportd.service: ").expect("a score").1.split(' ').next().expect("a score");
    assert!(guide.contains(&format!("exposure of {score}")), "the guide does not say {score}");
    assert!(score.parse::<f64>().expect("a number") <= 1.2, "{found}");
}

#[test]
fn systemd_waits_for_longer_than_closing_takes() {
    let [seconds]: [String; 1] = told("TimeoutStopSec").try_into().expect("one value");
    let waits = humantime::parse_duration(&seconds).expect("a duration");
    assert!(waits >= LONGEST_CLOSE + Duration::from_secs(10), "{waits:?} against {LONGEST_CLOSE:?}");
}

#[test]
fn the_settings_that_come_with_it_are_right() {
    let site = Site::new(&[]);
    std::fs::write(site.path().join("jwt-secret"), "a secret of thirty-two bytes or more").expect("written");
    // systemd hands over the secret at another place than the file names, and says so in the same way.
    let [given]: [String; 1] = told("Environment").try_into().expect("one variable");
    assert_eq!(given, "EXPORTD__AUTH__JWT__SECRET_FILE=%d/jwt-secret");
    let bare = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
        command.args(words).args(["--config", SETTINGS]).env_clear().current_dir(site.path());
        command.env("EXPORTD__AUTH__JWT__SECRET_FILE", "jwt-secret");
        command.output().expect("it ends")
    };
    let checked = bare(&["config", "check"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let shown: serde_json::Value =
        serde_json::from_slice(&bare(&["config", "show", "--json"]).stdout).expect("JSON");
    let of = |key: &str| {
        let line = shown.as_array().expect("lines").iter().find(|line| line["key"] == key);
        line.and_then(|line| line["value"].as_str()).expect("a value").to_owned()
    };
    // What the service may write is all that it has to: one folder, the same for unit and settings.
    assert_eq!(told("StateDirectory"), ["exportd exportd/packages"]);
    assert_eq!(of("storage.root"), "/var/lib/exportd/packages");
    assert!(of("database.url").contains("/var/lib/exportd/exportd.db"));
}
