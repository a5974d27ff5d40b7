//! Firefox, over Marionette: JSON on a socket, each message led by its length.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Processes;

use crate::support::api::eventually;

const GO: &str = r#"
    const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();
    const { gBrowser } = Services.wm.getMostRecentWindow("navigator:browser");
    gBrowser.selectedBrowser.loadURI(Services.io.newURI(arguments[0]), { triggeringPrincipal });
"#;

/// What becomes of the only download, as the browser itself has it.
const DOWNLOAD: &str = r#"
    const { Downloads } = ChromeUtils.importESModule("resource://gre/modules/Downloads.sys.mjs");
    return (async () => {
        const [download] = await (await Downloads.getList(Downloads.ALL)).getAll();
        if (!download) { return null; }
        const { succeeded, stopped, hasPartialData, currentBytes } = download;
        return { succeeded, stopped, hasPartialData, currentBytes, error: String(download.error) };
    })();
"#;

/// The button that a person would press.
const RESUME: &str = r#"
    const { Downloads } = ChromeUtils.importESModule("resource://gre/modules/Downloads.sys.mjs");
    return (async () => {
        const [download] = await (await Downloads.getList(Downloads.ALL)).getAll();
        download.start().catch(() => {});
    })();
"#;

/// A browser without a window.
pub struct Firefox {
    _processes: Processes,
    line: BufReader<TcpStream>,
    sent: u64,
    _profile: TempDir,
}

impl Firefox {
    /// One with a fresh profile, that puts downloads into `downloads`.
    pub fn open(downloads: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        std::fs::write(profile.path().join("user.js"), preferences(downloads)).expect("written");
        let mut command = Command::new("firefox-esr");
        command.args([
            "--headless",
            "--no-remote",
            "--marionette",
            "--remote-allow-system-access",
            "--profile",
        ]);
        command.arg(profile.path()).env("HOME", profile.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut processes = Processes::start(&mut command);
        let port_file = profile.path().join("MarionetteActivePort");
        let line = eventually("firefox listens", || {
            assert!(!processes.is_gone(), "firefox is gone");
            let port = std::fs::read_to_string(&port_file).ok()?.trim().parse().ok()?;
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        line.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        let mut browser =
            Self { _processes: processes, line: BufReader::new(line), sent: 0, _profile: profile };
        browser.receive();
        browser.call("WebDriver:NewSession", json!({}));
        browser.call("Marionette:SetContext", json!({"value": "chrome"}));
        browser
    }

    /// Goes to this address, as if it had been typed. Marionette's own way would wait for a page.
    pub fn go(&mut self, url: &str) {
        self.run(GO, json!([url]));
    }

    /// What is known of the download, once there is one.
    pub fn download(&mut self) -> Option<Value> {
        let told = self.run(DOWNLOAD, json!([]));
        Some(told).filter(|told| !told.is_null())
    }

    /// Goes on with it.
    pub fn resume(&mut self) {
        self.run(RESUME, json!([]));
    }

    fn run(&mut self, script: &str, arguments: Value) -> Value {
        self.call("WebDriver:ExecuteScript", json!({"script": script, "args": arguments}))["value"].clone()
    }

    fn call(&mut self, name: &str, parameters: Value) -> Value {
        self.sent += 1;
        let command = json!([0, self.sent, name, parameters]).to_string();
        write!(self.line.get_mut(), "{}:{command}", command.len()).expect("firefox listens");
        let answer = self.receive();
        assert_eq!((&answer[1], &answer[2]), (&self.sent.into(), &Value::Null), "{name}: {answer}");
        answer[3].clone()
    }

    fn receive(&mut self) -> Value {
        let mut length = Vec::new();
        self.line.read_until(b':', &mut length).expect("firefox speaks");
        let length = String::from_utf8(length).expect("a number");
        let mut message = vec![0; length.trim_end_matches(':').parse().expect("a number")];
        self.line.read_exact(&mut message).expect("firefox speaks");
        serde_json::from_slice(&message).expect("JSON")
    }
}

/// Nothing is asked, nobody outside is called, and what is downloaded is kept.
fn preferences(downloads: &Path) -> String {
    let settings = [
        ("marionette.port", json!(0)),
        ("browser.download.folderList", json!(2)),
        ("browser.download.dir", json!(downloads)),
        ("browser.download.useDownloadDir", json!(true)),
        ("browser.download.always_ask_before_handling_new_types", json!(false)),
        ("browser.download.alwaysOpenPanel", json!(false)),
        ("browser.helperApps.neverAsk.saveToDisk", json!("application/zip")),
        ("browser.safebrowsing.downloads.enabled", json!(false)),
        ("browser.shell.checkDefaultBrowser", json!(false)),
        ("browser.startup.page", json!(0)),
        ("app.update.enabled", json!(false)),
        ("app.normandy.enabled", json!(false)),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
    ];
    settings.map(|(name, value)| format!("user_pref(\"{name}\", {value});\n")).concat()
}
