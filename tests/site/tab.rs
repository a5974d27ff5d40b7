//! A tab of a browser, as somebody sits before it: what is read, what is pressed, what is typed.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::browsers::Chromium;

/// Put before every page: what goes wrong in it is kept, wherever nobody looks.
const WITNESS: &str = r#"
    window.faults = [];
    const fault = (text) => window.faults.push(text);
    addEventListener("error", ({ message }) => fault(`error: ${message}`));
    addEventListener("unhandledrejection", ({ reason }) => fault(`unhandled: ${reason}`));
    document.addEventListener("securitypolicyviolation", (found) => fault(`policy: ${found.violatedDirective} ${found.blockedURI}`));
    for (const level of ["error", "warn"]) console[level] = (...said) => fault(`console.${level}: ${said.join(" ")}`);
"#;

/// How somebody finds a thing on the page: by its words. What is open over the page comes first.
const FINDER: &str = r#"
    window.finder = {
        root: () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document,
        words: (element) => (element.getAttribute("aria-label") ?? element.textContent).trim(),
        button(words) {
            const all = [...this.root().querySelectorAll("button, a, summary, label.kind")].filter((one) => one.checkVisibility());
            return all.find((one) => this.words(one) === words) ?? all.find((one) => this.words(one).startsWith(words));
        },
        field(words) {
            const label = [...this.root().querySelectorAll("label")].find((one) => one.checkVisibility() && one.textContent.trim().startsWith(words));
            return label && (document.getElementById(label.htmlFor) ?? label.querySelector("input, select, textarea"));
        },
    };
"#;

const AXE: &str = include_str!("axe.min.js");

/// A browser that several tabs belong to.
#[derive(Clone)]
pub struct Browser(Rc<RefCell<Chromium>>);

/// What one looks through: its size, and whether it is a telephone's.
#[derive(Clone, Copy)]
pub struct Screen {
    /// What pictures through it are called.
    pub name: &'static str,
    width: u32,
    height: u32,
    is_dark: bool,
}

impl Screen {
    pub const DESK: Self = Self { name: "desk", width: 1280, height: 800, is_dark: false };
    pub const DESK_AT_NIGHT: Self = Self { name: "desk-dark", is_dark: true, ..Self::DESK };
    pub const PHONE: Self = Self { name: "phone", width: 390, height: 844, is_dark: false };
    pub const SMALLEST: Self = Self { name: "smallest", width: 360, height: 640, is_dark: false };
}

impl Browser {
    pub fn new(chromium: Chromium) -> Self {
        Self(Rc::new(RefCell::new(chromium)))
    }

    /// A tab at this address, beside those that are there: of the same person.
    pub fn tab(&self, url: &str) -> Tab {
        self.tab_of(json!({"url": "about:blank"}), url, true)
    }

    /// A tab of somebody else: nothing of what the others have is there.
    pub fn stranger(&self, url: &str) -> Tab {
        let context = self.call("Target.createBrowserContext", json!({}))["browserContextId"].clone();
        self.tab_of(json!({"url": "about:blank", "browserContextId": context}), url, true)
    }

    /// A tab of the same person that runs no script.
    pub fn tab_without_scripts(&self, url: &str) -> Tab {
        self.tab_of(json!({"url": "about:blank"}), url, false)
    }

    fn tab_of(&self, target: Value, url: &str, runs_scripts: bool) -> Tab {
        let context = target["browserContextId"].clone();
        let target = self.call("Target.createTarget", target)["targetId"].clone();
        let attached = self.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        let page = attached["sessionId"].as_str().expect("a session").to_owned();
        let tab = Tab { browser: self.clone(), page, target, context };
        tab.send("Page.enable", json!({}));
        tab.send("Page.addScriptToEvaluateOnNewDocument", json!({"source": format!("{WITNESS}{FINDER}")}));
        tab.send("Emulation.setScriptExecutionDisabled", json!({"value": !runs_scripts}));
        // A page behind another would not ask for news.
        tab.send("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        tab.look_through(Screen::DESK);
        tab.go(url);
        tab
    }

    pub fn call(&self, method: &str, params: Value) -> Value {
        self.0.borrow_mut().call(method, params)
    }

    /// Has what `tab`'s person downloads put into `folder`.
    pub fn downloads_of(&self, tab: &Tab, folder: &Path) {
        let settings = json!({"behavior": "allow", "downloadPath": folder, "eventsEnabled": true, "browserContextId": tab.context});
        self.call("Browser.setDownloadBehavior", settings);
    }

    /// The last that was told of the download that ends next.
    pub fn download_ended(&self) -> Value {
        self.0.borrow_mut().download_ended()
    }
}

/// A tab; closed when nobody needs it any more.
pub struct Tab {
    browser: Browser,
    page: String,
    target: Value,
    context: Value,
}

impl Tab {
    pub fn send(&self, method: &str, params: Value) -> Value {
        let command = json!({"sessionId": self.page, "method": method, "params": params});
        self.browser.0.borrow_mut().send(command)
    }

    /// What a script comes to, if the page stays for so long.
    fn tried(&self, script: &str) -> Option<Value> {
        let params = json!({"expression": script, "returnByValue": true, "userGesture": true});
        let command = json!({"sessionId": self.page, "method": "Runtime.evaluate", "params": params});
        self.browser.0.borrow_mut().tried(command)
    }

    /// Goes to this address.
    pub fn go(&self, url: &str) {
        self.send("Page.navigate", json!({"url": url}));
        self.until("the document", "document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// Waits until the page without scripts has come that reads so. Where no script runs, nothing of ours is
    /// put before a page either.
    #[track_caller]
    pub fn turns_to(&self, words: &str) {
        self.reads(words);
        self.run(FINDER);
    }

    /// What `script` comes to, as a script of the page.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        let params =
            json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let ran = self.send("Runtime.evaluate", params);
        assert!(ran["exceptionDetails"].is_null(), "{script}: {ran}\n{}", self.text());
        ran["result"]["value"].clone()
    }

    /// Waits until `script` comes to something true.
    #[track_caller]
    pub fn until(&self, what: &str, script: &str) {
        let given_up = std::time::Instant::now() + std::time::Duration::from_secs(40);
        // A page on its way to another has no answer.
        let asked = format!("(() => {{ try {{ return Boolean({script}); }} catch {{ return false; }} }})()");
        loop {
            if self.tried(&asked).is_some_and(|told| told["result"]["value"] == true) {
                return;
            }
            assert!(std::time::Instant::now() < given_up, "never seen: {what}\n{}", self.text());
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    }

    /// Everything that can be read.
    pub fn text(&self) -> String {
        let read = json!({"expression": "document.body?.innerText ?? ''", "returnByValue": true});
        self.send("Runtime.evaluate", read)["result"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until this can be read.
    #[track_caller]
    pub fn reads(&self, words: &str) {
        self.until(words, &format!("document.body.innerText.includes({})", json!(words)));
    }

    /// Waits until there is such a button or link, and presses it.
    #[track_caller]
    pub fn press(&self, words: &str) {
        let button = format!("finder.button({})", json!(words));
        self.until(words, &format!("{button} && !{button}.disabled"));
        // What is pressed may lead to another page at once.
        let pressed = self.tried(&format!("{button}.click()"));
        assert!(pressed.is_none_or(|told| told["exceptionDetails"].is_null()), "{words}\n{}", self.text());
    }

    /// Types into the field of this name, or chooses in it.
    #[track_caller]
    pub fn fill(&self, words: &str, value: &str) {
        let field = format!("finder.field({})", json!(words));
        self.until(words, &field);
        self.run(&format!(
            "{{ const field = {field}; field.focus(); field.value = {}; \
             for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {{ bubbles: true }})); }}",
            json!(value)
        ));
    }

    /// Presses a key, as a hand does.
    pub fn key(&self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            " " => 32,
            "ArrowDown" => 40,
            _ => panic!("no number is known for {key}"),
        };
        let text = match key {
            "Enter" => json!("\r"),
            " " => json!(" "),
            _ => Value::Null,
        };
        let mut press = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if !text.is_null() {
            press["text"] = text;
        }
        self.send("Input.dispatchKeyEvent", press);
        self.send(
            "Input.dispatchKeyEvent",
            json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}),
        );
    }

    /// Has the tab shown through another screen.
    pub fn look_through(&self, screen: Screen) {
        let Screen { width, height, is_dark, .. } = screen;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.send("Emulation.setDeviceMetricsOverride", size);
        let scheme = if is_dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}]});
        self.send("Emulation.setEmulatedMedia", media);
    }

    /// Cuts the tab off, or lets it through again.
    pub fn cut_off(&self, is_cut: bool) {
        let how = json!({"offline": is_cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.send("Network.enable", json!({}));
        self.send("Network.emulateNetworkConditions", how);
    }

    /// Keeps a picture of it.
    pub fn picture(&self, name: &str) {
        let picture =
            self.send("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true}));
        let data = picture["data"].as_str().expect("a picture");
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).expect("base64");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture");
    }

    /// What axe finds wrong with what is shown, by rule and place: WCAG 2.2, A and AA, and good practice.
    pub fn obstacles(&self) -> Vec<String> {
        self.run(&format!("{{ if (!window.axe) {{ {AXE} }} }}"));
        let tags = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
        let found = self
            .run(&format!("axe.run(document, {{ runOnly: {tags} }}).then(({{ violations }}) => violations)"));
        let told = |rule: &Value| {
            let places = rule["nodes"]
                .as_array()
                .expect("nodes")
                .iter()
                .map(|node| format!("{} {}", node["target"], node["failureSummary"]));
            format!("{}: {}", rule["id"], places.collect::<Vec<_>>().join("; "))
        };
        found.as_array().expect("a list").iter().map(told).collect()
    }

    /// What went wrong in the page.
    pub fn faults(&self) -> Vec<String> {
        let faults = self.run("window.faults ?? []");
        faults
            .as_array()
            .expect("a list")
            .iter()
            .map(|fault| fault.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let faults = self.faults();
            assert!(faults.is_empty(), "the page complains: {faults:#?}");
            self.browser.call("Target.closeTarget", json!({"targetId": self.target}));
        }
    }
}
