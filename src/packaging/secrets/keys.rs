//! Private keys, in the forms in which they are kept as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::chance::is_random;
use super::sight::{Sight, is_base64, is_hex, run};

/// The least a key takes in base64: Ed25519 in PKCS #8 is 64 characters, and one line.
const LEAST: usize = 60;
/// The least an OpenSSH key takes: a truncated one in a text about keys has less.
const OPENSSH_LEAST: usize = 240;
/// How much may stand between the marker and the key: headers (RFC 1421), quotes, comment signs.
const HEADERS: usize = 512;

/// `-----BEGIN … PRIVATE KEY-----`, with a key after it: PKCS #1, PKCS #8 (encrypted too), SEC 1, OpenSSH
/// and PGP, from the line's beginning or within a string with its line ends written out.
///
/// The marker alone is in every text about keys. So what follows has to be long enough, of
/// base64, and begin as a key does.
pub fn is_pem(sight: &Sight<'_>) -> bool {
    if !is_marker_before(sight.before) {
        return false;
    }
    let after = sight.after.strip_prefix(b" BLOCK").unwrap_or(sight.after);
    let Some(body) = after.strip_prefix(b"-----").or_else(|| after.strip_prefix(b" ----")) else {
        return false;
    };
    let body = &body[..body.len().min(HEADERS + LEAST)];
    key_lines(body).is_some_and(|line| is_key(line, body))
}

/// Whether `before` ends in `-----BEGIN ` and the name of a kind of key.
fn is_marker_before(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(48)..];
    let Some(at) = near.windows(10).rposition(|part| part == b"---- BEGIN" || part == b"-----BEGIN") else {
        return false;
    };
    near[at + 10..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ')
}

/// The first run of base64 in `body` that is long enough for a key's line.
fn key_lines(body: &[u8]) -> Option<&[u8]> {
    let mut rest = body;
    while !rest.is_empty() {
        // A backslash and a letter are a line's end written out, and no part of a key.
        if let [b'\\', b'n' | b'r' | b't', after @ ..] = rest {
            rest = after;
            continue;
        }
        let line = run(rest, is_base64);
        if line.len() >= LEAST {
            return Some(line);
        }
        // Markers again: what began is over.
        if rest.starts_with(b"-----") {
            return None;
        }
        rest = &rest[line.len().max(1)..];
    }
    None
}

fn is_key(line: &[u8], body: &[u8]) -> bool {
    let has_headers = [&b"Proc-Type:"[..], b"Comment:", b"Version:"]
        .iter()
        .any(|header| body.windows(header.len()).any(|part| part == *header));
    let begins_as_one = is_der(line) || is_pgp(line);
    is_openssh(line, body) || (has_headers || begins_as_one) && is_random(&line[line.len().min(LEAST) / 2..])
}

/// OpenSSH's own form says so in its first bytes (PROTOCOL.key), and goes on with what is anything
/// but random: names, lengths. Enough of it to hold a key is one.
fn is_openssh(line: &[u8], body: &[u8]) -> bool {
    let length = body.iter().filter(|byte| is_base64(**byte)).count();
    line.starts_with(b"b3BlbnNzaC1rZXktdjE") && length >= OPENSSH_LEAST
}

/// DER begins with a sequence and its length (X.690 §8.1.3).
fn is_der(line: &[u8]) -> bool {
    matches!(decoded(line).as_deref(), Some([0x30, 0x2c..=0x7f | 0x81 | 0x82, ..]))
}

/// OpenPGP begins with a packet's tag: secret key, or secret subkey (RFC 9580 §4.2).
fn is_pgp(line: &[u8]) -> bool {
    matches!(decoded(line).as_deref(), Some([0x94..=0x97 | 0x9c..=0x9f | 0xc5 | 0xc7, ..]))
}

fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(&line[..line.len().min(LEAST) / 4 * 4]).ok()
}

/// PEM in base64 once more, as Kubernetes keeps it (`client-key-data`).
pub fn is_wrapped_pem(sight: &Sight<'_>) -> bool {
    let line = sight.run(is_base64);
    let Ok(text) = STANDARD_NO_PAD.decode(&line[..line.len().min(1024) / 4 * 4]) else { return false };
    let marker = b"PRIVATE KEY";
    let Some(at) = text.windows(marker.len()).position(|part| part == marker) else { return false };
    // The anchor is `-----BEGI`; here comes the rest.
    text.starts_with(b"N ") && at < 40 && is_pem(&whole_marker(&text[at + marker.len()..]))
}

/// The marker's beginning was cut off with the anchor.
fn whole_marker(after: &[u8]) -> Sight<'_> {
    Sight { before: b"-----BEGIN ", after }
}

/// PuTTY's own form: `Private-Lines: 14`, and that many lines of base64.
pub fn is_putty(sight: &Sight<'_>) -> bool {
    let count = run(sight.after, |byte| byte.is_ascii_digit());
    let rest = &sight.after[count.len()..];
    let line = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or_default();
    !count.is_empty() && run(line, is_base64).len() >= 40
}

/// OpenVPN's static key: the marker, and lines of 32 hexadecimal digits.
pub fn is_openvpn(sight: &Sight<'_>) -> bool {
    let Some(rest) = sight.after.strip_prefix(b" V1-----") else { return false };
    let line = &rest[run(rest, |byte| byte.is_ascii_whitespace()).len()..];
    let line = run(line, is_hex);
    sight.before.ends_with(b"-----BEGIN ") && line.len() == 32 && is_random(line)
}

/// WireGuard's: `PrivateKey = ` and 32 bytes in base64.
pub fn is_wireguard(sight: &Sight<'_>) -> bool {
    let rest = sight.after;
    let rest = &rest[run(rest, |byte| byte == b' ').len()..];
    let Some(rest) = rest.strip_prefix(b"=") else { return false };
    let rest = &rest[run(rest, |byte| byte == b' ').len()..];
    let key = run(rest, is_base64);
    key.len() == 43 && rest.get(43) == Some(&b'=') && rest.get(44) != Some(&b'=') && is_random(key)
}
