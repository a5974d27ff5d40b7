//! A machine that signs its requests, by RFC 9421 alone: it shares nothing with what checks them.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use exportd::config::Settings;
use sha2::{Digest, Sha256, Sha512};
use tempfile::TempDir;
use ureq::http::Method;

use crate::support::api::{Answer, Api};
use crate::support::house::House;

/// What every machine of these tests signs with.
pub const SECRET: &str = "a secret of machines, of thirty-two bytes or more";

/// The file of keys of a house: `ci`, which may act for ana and bob; `robot`, an admin who may act
/// for anybody; `reader`, which may only look.
pub struct KeyFile(TempDir);

impl KeyFile {
    /// The usual keys.
    pub fn new() -> Self {
        let file = Self(tempfile::tempdir().expect("a folder"));
        file.write(&format!(
            "[[key]]\nid = \"ci\"\nsecret = \"{SECRET}\"\nuser = \"ci\"\nmay_act_for = [\"ana\", \"bob\"]\n\
             [[key]]\nid = \"robot\"\nsecret = \"{SECRET}\"\nuser = \"robot\"\nrole = \"admin\"\nmay_act_for = [\"*\"]\n\
             [[key]]\nid = \"reader\"\nsecret = \"{SECRET}\"\nuser = \"ci\"\nscope = \"exports:read\"\n"
        ));
        file
    }

    /// Replaces what is in it.
    pub fn write(&self, text: &str) {
        let new = self.0.path().join("keys.new");
        std::fs::write(&new, text).expect("a file");
        std::fs::rename(new, self.path()).expect("one folder");
    }

    /// Where it is.
    pub fn path(&self) -> std::path::PathBuf {
        self.0.path().join("keys.toml")
    }

    /// A house that knows these keys, with some settings changed.
    pub fn house(&self, change: impl FnOnce(&mut Settings)) -> House {
        House::with(|settings| {
            settings.auth.signing_keys_file = Some(self.path());
            change(settings);
        })
    }
}

/// A request on its way to be signed, and afterwards.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path and the query.
    pub path: String,
    /// The head.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What its signature covers, with the values that are signed.
    pub covered: Vec<(String, String)>,
    /// What its signature says of itself.
    pub parameters: Vec<(&'static str, String)>,
}

impl Request {
    /// A request of `house` for `path`, to be signed by the key `key` at the house's time.
    pub fn new(house: &House, key: &str, method: Method, path: &str) -> Self {
        let target = format!("http://{}{path}", house.address());
        let created = house.clock().now().millis() / 1000;
        let covered = vec![("@method".into(), method.to_string()), ("@target-uri".into(), target)];
        let parameters =
            vec![("created", created.to_string()), ("nonce", quoted(&nonce())), ("keyid", quoted(key))];
        Self { method, path: path.into(), headers: Vec::new(), body: Vec::new(), covered, parameters }
    }

    /// GET.
    pub fn get(house: &House, key: &str, path: &str) -> Self {
        Self::new(house, key, Method::GET, path)
    }

    /// With a header that the signature covers.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.covering(name, value).bare(name, value)
    }

    /// With a header that it does not cover.
    #[must_use]
    pub fn bare(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Covering a component of this value.
    #[must_use]
    pub fn covering(mut self, name: &str, value: &str) -> Self {
        self.covered.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another value of a component.
    #[must_use]
    pub fn saying(mut self, name: &str, value: &str) -> Self {
        self.covered.iter_mut().filter(|(own, _)| own == name).for_each(|(_, own)| value.clone_into(own));
        self
    }

    /// With this JSON and its digest.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into_bytes();
        let digest = digest(&self.body);
        self.bare("content-type", "application/json").with("content-digest", &digest)
    }

    /// With this JSON and nothing said of it.
    #[must_use]
    pub fn holding(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into_bytes();
        self
    }

    /// The host that its target URI names.
    pub fn host(&self) -> &str {
        let target = self.covered.iter().find(|(name, _)| name == "@target-uri");
        let (_, target) = target.expect("every request of these tests covers it");
        target.trim_start_matches("http://").split('/').next().unwrap_or_default()
    }

    /// With a parameter more, or another value of it.
    #[must_use]
    pub fn parameter(mut self, name: &'static str, value: &str) -> Self {
        match self.parameters.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => value.clone_into(own),
            None => self.parameters.push((name, value.to_owned())),
        }
        self
    }

    /// The same with its signature; from now on it can be sent as often as one likes.
    #[must_use]
    pub fn signed(self) -> Self {
        self.signed_with(SECRET)
    }

    /// The same, signed with another secret.
    #[must_use]
    pub fn signed_with(self, secret: &str) -> Self {
        let names: Vec<String> = self.covered.iter().map(|(name, _)| quoted(name)).collect();
        let parameters: String =
            self.parameters.iter().map(|(name, value)| format!(";{name}={value}")).collect();
        let input = format!("({}){parameters}", names.join(" "));
        let lines = self.covered.iter().map(|(name, value)| format!("\"{name}\": {value}\n"));
        let base = format!("{}\"@signature-params\": {input}", lines.collect::<String>());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = BASE64.encode(hmac::sign(&key, base.as_bytes()));
        self.bare("signature-input", &format!("sig={input}")).bare("signature", &format!("sig=:{signature}:"))
    }

    /// Sends it, as often as one likes.
    pub fn send(&self, house: &House) -> Answer {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = (!self.body.is_empty()).then(|| self.body.clone());
        Api::new(house.address(), None).send(self.method.clone(), &self.path, &headers, body)
    }
}

/// A nonce that was never there before.
fn nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("n-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// `Content-Digest` of `body`.
pub fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(Sha256::digest(body)))
}

/// The same by the other algorithm.
pub fn digest_512(body: &[u8]) -> String {
    format!("sha-512=:{}:", BASE64.encode(Sha512::digest(body)))
}
