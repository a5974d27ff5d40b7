//! Chromium, over its DevTools protocol: JSON messages on two pipes, each ended by a NUL.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Processes;
use crate::support::api::eventually;

/// It reads commands from file 3 and writes answers to file 4; the shell puts our pipes there.
const START: &str = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A browser without a window.
pub struct Chromium {
    _processes: Processes,
    to: ChildStdin,
    from: Receiver<Value>,
    sent: u64,
    _profile: TempDir,
}

impl Chromium {
    /// One with a fresh profile, that puts downloads into `downloads`.
    pub fn open(downloads: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("sh");
        command.args(["-c", START, "chromium", "--headless", "--remote-debugging-pipe"]);
        command.args(["--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"]);
        command.args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-crash-reporter",
        ]);
        // It runs nothing here but our own pages, and root cannot have its sandbox.
        command.arg("--no-sandbox").arg(format!("--user-data-dir={}", profile.path().display()));
        command.env("HOME", profile.path()).arg("about:blank");
        let mut processes = Processes::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let to = processes.0.stdin.take().expect("a pipe");
        let from = messages(processes.0.stdout.take().expect("a pipe"));
        let mut browser = Self { _processes: processes, to, from, sent: 0, _profile: profile };
        let folder = json!({"behavior": "allow", "downloadPath": downloads, "eventsEnabled": true});
        browser.call("Browser.setDownloadBehavior", folder);
        browser
    }

    /// Opens a tab with this address.
    pub fn go(&mut self, url: &str) {
        self.call("Target.createTarget", json!({"url": url}));
    }

    /// Waits for the end of a download, and gives the last that was told of it.
    pub fn download_ended(&mut self) -> Value {
        loop {
            let message = self.receive();
            let told = &message["params"];
            if message["method"] == "Browser.downloadProgress" && told["state"] != "inProgress" {
                return told.clone();
            }
        }
    }

    /// Opens a tab with this address, and gives what to call it once it is there. Scripts may do there
    /// what those of a page could: the answer that stands in for one has a policy that allows nothing.
    pub fn page(&mut self, url: &str) -> String {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = self.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        let page = attached["sessionId"].as_str().expect("a session").to_owned();
        let mut there = |method: &str, params: Value| {
            self.send(json!({"sessionId": page, "method": method, "params": params}))
        };
        there("Page.setBypassCSP", json!({"enabled": true}));
        there("Page.navigate", json!({"url": url}));
        let is_there = format!("location.href === {} && document.readyState === 'complete'", json!(url));
        eventually("the page", || (self.run(&page, &is_there) == true).then_some(()));
        page
    }

    /// The same, where the page's own policy stays in force; what it forbids is listed in
    /// `window.violations`.
    pub fn page_under_its_policy(&mut self, url: &str) -> String {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = self.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        let page = attached["sessionId"].as_str().expect("a session").to_owned();
        let mut there = |method: &str, params: Value| {
            self.send(json!({"sessionId": page, "method": method, "params": params}))
        };
        there("Page.enable", json!({}));
        let listening = "window.violations = [];
            addEventListener('securitypolicyviolation',
                (event) => violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));";
        there("Page.addScriptToEvaluateOnNewDocument", json!({"source": listening}));
        there("Page.navigate", json!({"url": url}));
        let is_there = format!("location.href === {} && document.readyState === 'complete'", json!(url));
        eventually("the page", || (self.run(&page, &is_there) == true).then_some(()));
        page
    }

    /// That page as it looks, as PNG.
    pub fn picture(&mut self, page: &str) -> Vec<u8> {
        let params = json!({"format": "png", "captureBeyondViewport": true});
        let taken =
            self.send(json!({"sessionId": page, "method": "Page.captureScreenshot", "params": params}));
        let text = taken["data"].as_str().expect("a picture");
        base64::prelude::Engine::decode(&base64::prelude::BASE64_STANDARD, text).expect("base64")
    }

    /// What `script` comes to as a script of that page.
    pub fn run(&mut self, page: &str, script: &str) -> Value {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let ran = self.send(json!({"sessionId": page, "method": "Runtime.evaluate", "params": params}));
        assert!(ran["exceptionDetails"].is_null(), "{script}: {ran}");
        ran["result"]["value"].clone()
    }

    /// What it answers to a command that is for no page.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.send(json!({"method": method, "params": params}))
    }

    /// What it answers to a command.
    pub fn send(&mut self, mut command: Value) -> Value {
        self.sent += 1;
        command["id"] = self.sent.into();
        write!(self.to, "{command}\0").expect("chromium listens");
        loop {
            let message = self.receive();
            if message["id"] == self.sent {
                assert!(message["error"].is_null(), "{command}: {message}");
                return message["result"].clone();
            }
        }
    }

    /// What it answers to a command for a page that may be on its way to another: then there is a refusal,
    /// or no answer at all, and `None`.
    pub fn tried(&mut self, mut command: Value) -> Option<Value> {
        self.sent += 1;
        command["id"] = self.sent.into();
        write!(self.to, "{command}\0").expect("chromium listens");
        loop {
            let message = self.from.recv_timeout(Duration::from_secs(5)).ok()?;
            if message["id"] == self.sent {
                return message["error"].is_null().then(|| message["result"].clone());
            }
        }
    }

    fn receive(&mut self) -> Value {
        self.from.recv_timeout(Duration::from_secs(120)).expect("chromium speaks (is it installed?)")
    }
}

/// What it says, read beside us, so that its silence does not hold up a test for ever.
fn messages(from: ChildStdout) -> Receiver<Value> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let messages = BufReader::new(from).split(0).map_while(Result::ok);
        for message in messages.filter_map(|message| serde_json::from_slice(&message).ok()) {
            if tell.send(message).is_err() {
                break;
            }
        }
    });
    told
}
