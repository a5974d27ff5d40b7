//! Tokens and signed requests that are right, and the form in which the fuzzers are handed them.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use crate::domain::{Role, Timestamp};
use crate::security::signature::samples::{BODY, Sample};
use crate::security::{Claims, Secret, sign};

/// What the tokens of this server are signed with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// When tokens are looked at.
pub const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);
/// An Ed25519 key of a provider, in PKCS #8 (RFC 8410 §10.3): known to all, and good for nothing.
const PROVIDER: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

/// The token that this server's secret has signed; no other may be believed.
pub fn own_token() -> String {
    let end = Timestamp::from_millis(NOW.millis() + 3_600_000);
    let claims = Claims::new("ana".parse().expect("a user"), Role::User, end);
    sign(&Secret::new(SECRET), &claims).expect("a token")
}

/// A provider's token and its set of keys.
pub fn provided() -> (String, String) {
    let key = EncodingKey::from_ed_pem(PROVIDER.as_bytes()).expect("a key");
    let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let claims = serde_json::json!({"sub": "ana", "exp": NOW.millis() / 1000 + 3600});
    let token = encode(&header, &claims, &key).expect("a token");
    let jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).expect("a key");
    let mut jwk = serde_json::to_value(jwk).expect("JSON");
    jwk["kid"] = serde_json::json!("a");
    (token, serde_json::json!({"keys": [jwk]}).to_string())
}

/// A request as text: method, target, lines of the head, an empty line, the body.
pub fn written(sample: &Sample) -> Vec<u8> {
    let mut text = format!("{}\n{}\n", sample.method, sample.target).into_bytes();
    for (name, value) in &sample.headers {
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(if sample.method == "POST" { BODY } else { b"" });
    text
}

/// The request that `text` is, and its body.
pub fn read(text: &[u8]) -> Option<(Sample, &[u8])> {
    let mut rest = text;
    let mut line = || {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = &rest[..end];
        rest = &rest[end + 1..];
        Some(line)
    };
    let word = |line: &[u8]| String::from_utf8(line.to_vec()).ok();
    let (method, target) = (word(line()?)?, word(line()?)?);
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            return Some((Sample { method, target, headers }, rest));
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        headers.push((word(&line[..colon])?.to_ascii_lowercase(), line[colon + 1..].to_vec()));
    }
}
