//! The SHA-256 that a server promises.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;

use crate::domain::Sha256;

/// The digest of the whole representation: `Repr-Digest: sha-256=:…:` (RFC 9530 §3), or the older
/// `Digest: SHA-256=…` (RFC 3230 §4.3.2). Others beside it are passed over.
pub fn promised(headers: &HeaderMap) -> Option<Sha256> {
    let newer = members(headers, "repr-digest")
        .find_map(|(name, value)| (name == "sha-256").then(|| value.strip_prefix(':')?.strip_suffix(':')));
    let older = || {
        members(headers, "digest")
            .find_map(|(name, value)| name.eq_ignore_ascii_case("sha-256").then_some(value))
    };
    let text = newer.flatten().or_else(older)?;
    BASE64.decode(text).ok()?.try_into().ok().map(Sha256)
}

/// `name=value` of every line, without the parameters that a structured field may have.
fn members<'a>(headers: &'a HeaderMap, field: &'static str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let lines = headers.get_all(field).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|member| {
        let (name, value) = member.split_once('=')?;
        Some((name.trim(), value.split(';').next().unwrap_or_default().trim()))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_digest_is_found_in_either_header_beside_others() {
        const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        const BASE: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        for (name, line, found) in [
            ("repr-digest", format!("sha-256=:{BASE}:"), true),
            ("repr-digest", format!("sha-512=:AAAA:, sha-256=:{BASE}:;q=1"), true),
            ("digest", format!("md5=AAAA,SHA-256={BASE}"), true),
            ("digest", format!("sha-256={BASE}"), true),
            ("repr-digest", format!("sha-256={BASE}"), false),
            ("repr-digest", "sha-256=:AAAA:".to_owned(), false),
            ("content-digest", format!("sha-256=:{BASE}:"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::try_from(&line).expect("a value"));
            let expected = found.then(|| HELLO.parse().expect("a digest"));
            assert_eq!(promised(&headers), expected, "{name}: {line}");
        }
    }
}
