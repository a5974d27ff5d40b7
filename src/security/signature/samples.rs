//! Signed requests for tests and fuzzers: made by hand, by nothing that checks them.

use std::path::Path;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::domain::Timestamp;

use super::{Message, Signatures, Target};

/// When the samples were signed.
pub const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);
/// The same, as signatures say it.
pub const CREATED: i64 = 1_763_683_200;
/// What the key `ci` signs with.
pub const SECRET: &str = "a secret of machines, of thirty-two bytes or more";
/// `sha-256` of [`BODY`].
pub const DIGEST: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
/// A body to be signed.
pub const BODY: &[u8] = b"{\"hello\": \"world\"}";

/// A request, as far as it can be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The method.
    pub method: String,
    /// The address.
    pub target: String,
    /// The head.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Sample {
    /// An unsigned request with this head.
    pub fn new(method: &str, target: &str, headers: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        Self { method: method.into(), target: target.into(), headers: headers.iter().map(own).collect() }
    }

    /// This request signed as `label`: `lines` are those of the signature base but the last, of
    /// which `input` is the value.
    #[must_use]
    pub fn signed(mut self, label: &str, lines: &[&str], input: &str) -> Self {
        let mut base = lines.join("\n");
        if !lines.is_empty() {
            base.push('\n');
        }
        base.push_str("\"@signature-params\": ");
        base.push_str(input);
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let signature = BASE64.encode(hmac::sign(&key, base.as_bytes()));
        self.headers.push(("signature-input".into(), format!("{label}={input}").into_bytes()));
        self.headers.push(("signature".into(), format!("{label}=:{signature}:").into_bytes()));
        self
    }

    /// The same as those who check see it; `None` when its target is no address.
    pub fn message(&self) -> Option<Message<'_>> {
        Some(Message {
            method: &self.method,
            target: Target::parse(&self.target)?,
            request_target: "/api/v1/exports?limit=5",
            headers: self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect(),
        })
    }

    /// Requests that are signed rightly: one that reads, one that has a body, one that acts for a
    /// user and covers whatever can be covered.
    pub fn signed_rightly() -> Vec<Self> {
        let target = "https://exports.example/api/v1/exports?limit=5";
        let line = format!("\"@target-uri\": {target}");
        let get = format!("(\"@method\" \"@target-uri\");created={CREATED};nonce=\"n1\";keyid=\"ci\"");
        let post = format!(
            "(\"@method\" \"@target-uri\" \"content-digest\");created={CREATED};keyid=\"ci\";\
             nonce=\"n2\";alg=\"hmac-sha256\""
        );
        let acting = format!(
            "(\"x-on-behalf-of\" \"@method\" \"@target-uri\" \"@authority\" \"@scheme\" \"@path\" \"@query\" \
             \"@request-target\" \"accept\");created={CREATED};expires={};nonce=\"n3\";keyid=\"ci\";tag=\"x\"",
            CREATED + 60
        );
        let acting_lines = [
            "\"x-on-behalf-of\": ana",
            "\"@method\": GET",
            &line,
            "\"@authority\": exports.example",
            "\"@scheme\": https",
            "\"@path\": /api/v1/exports",
            "\"@query\": ?limit=5",
            "\"@request-target\": /api/v1/exports?limit=5",
            "\"accept\": a/b, c/d",
        ];
        vec![
            Self::new("GET", target, &[]).signed("sig1", &["\"@method\": GET", &line], &get),
            Self::new("POST", target, &[("content-digest", DIGEST)]).signed(
                "any",
                &["\"@method\": POST", &line, &format!("\"content-digest\": {DIGEST}")],
                &post,
            ),
            Self::new("GET", target, &[("x-on-behalf-of", " ana "), ("accept", "a/b"), ("accept", "c/d")])
                .signed("sig1", &acting_lines, &acting),
        ]
    }
}

/// What checks the samples: the key `ci`, which may act for `ana`.
///
/// # Panics
/// When no file can be written in `folder`.
pub fn signatures(folder: &Path) -> Signatures {
    let path = folder.join("keys.toml");
    let text =
        format!("[[key]]\nid = \"ci\"\nsecret = \"{SECRET}\"\nuser = \"ci\"\nmay_act_for = [\"ana\"]\n");
    std::fs::write(&path, text).expect("a file");
    Signatures::open(&path).expect("keys")
}
