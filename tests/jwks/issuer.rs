//! An identity provider as a process of its own, with keys made by openssl.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A key of the provider.
#[derive(Clone)]
pub struct IssuerKey {
    kid: String,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl IssuerKey {
    /// A new key called `kid`.
    pub fn new(kid: &str, algorithm: Algorithm) -> Self {
        let arguments: &[&str] = match algorithm {
            Algorithm::RS256 => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Algorithm::ES256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            _ => &["-algorithm", "ED25519"],
        };
        let made = Command::new("openssl").arg("genpkey").args(arguments).output().expect("openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let private = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(&made.stdout),
            Algorithm::ES256 => EncodingKey::from_ec_pem(&made.stdout),
            _ => EncodingKey::from_ed_pem(&made.stdout),
        };
        Self { kid: kid.to_owned(), algorithm, private: private.expect("a key") }
    }

    /// Its public half, as the provider publishes it.
    pub fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).expect("a key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token for `user`, that does not expire while a test runs.
    pub fn token(&self, user: &str) -> String {
        self.token_called(user, Some(&self.kid))
    }

    /// The same, signed by this key and naming another, or none.
    pub fn token_called(&self, user: &str, kid: Option<&str>) -> String {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm) };
        encode(&header, &json!({"sub": user, "exp": 4_102_444_800_i64}), &self.private).expect("a token")
    }
}

/// A provider, up or down.
pub struct Issuer {
    folder: TempDir,
    running: Option<Child>,
    port: u16,
    secure: bool,
}

impl Issuer {
    /// A provider that publishes `keys`.
    pub fn start(keys: &[&IssuerKey]) -> Self {
        Self::new(keys, false)
    }

    /// The same behind TLS, with a certificate that nobody has vouched for.
    pub fn start_untrusted(keys: &[&IssuerKey]) -> Self {
        Self::new(keys, true)
    }

    fn new(keys: &[&IssuerKey], secure: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        if secure {
            let made = Command::new("openssl")
                .args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=127.0.0.1"])
                .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "tls.pem", "-out", "cert.pem"])
                .current_dir(folder.path())
                .output()
                .expect("openssl");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        let mut issuer = Self { folder, running: None, port: 0, secure };
        issuer.publish(keys);
        issuer.up();
        issuer
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, keys: &[&IssuerKey]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        // Renamed into place: nobody reads half of it.
        self.write("jwks.json.new", &json!({"keys": keys}).to_string());
        let folder = self.folder.path();
        std::fs::rename(folder.join("jwks.json.new"), folder.join("jwks.json")).expect("one folder");
    }

    /// How it answers from now on: `good`, `broken`, `garbage`, `huge`, `slow`, `redirect`.
    pub fn becomes(&self, mode: &str) {
        self.write("mode", mode);
    }

    /// What it says of how long its keys are fresh.
    pub fn says_of_caches(&self, directive: &str) {
        self.write("cache-control", directive);
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}/keys", if self.secure { "https" } else { "http" }, self.port)
    }

    /// The file that it publishes.
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("jwks.json")
    }

    /// What it was asked for so far.
    pub fn asked(&self) -> Vec<String> {
        let asked = std::fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    /// Ends its process.
    pub fn down(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().expect("it ran");
            child.wait().expect("it is gone");
        }
    }

    /// Starts its process again, where it was before.
    pub fn up(&mut self) {
        let mut child = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jwks/issuer.py"))
            .arg(self.folder.path())
            .args([self.port.to_string().as_str(), if self.secure { "tls" } else { "plain" }])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says where");
        self.running = Some(child);
        self.port = line.trim().parse().expect("a port");
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.running {
            // Gone already is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
