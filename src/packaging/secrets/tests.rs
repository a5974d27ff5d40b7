//! What is found, what is let pass, and that it does not matter how the bytes come.
//!
//! No secret is written here, not even a made-up one: each is put together when the test runs, so
//! that nobody's scanner, ours included, finds one in this file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::kinds::KINDS;
use super::{Finding, SecretScan, find};

const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `length` characters of `alphabet`, the same every time (SplitMix64).
fn drawn(length: usize, alphabet: &str) -> String {
    let noise = bytes(length * 8);
    let pick = |word: &[u8]| {
        let number = u64::from_le_bytes(word.try_into().expect("eight bytes")) >> 11;
        char::from(alphabet.as_bytes()[(number % alphabet.len() as u64) as usize])
    };
    noise.chunks(8).map(pick).collect()
}

fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x1234_5678_9abc_def0_u64;
    let mut bytes = Vec::new();
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A key in PEM, with `end` at the end of each line.
fn pem(kind: &str, begins: &[u8], headers: &str, end: &str) -> String {
    let key = STANDARD.encode([begins, &bytes(600)].concat());
    let lines: Vec<_> = key.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let (lines, dashes) = (lines.join(end), "-----");
    format!("{dashes}BEGIN {kind}{dashes}{end}{headers}{lines}{end}{dashes}END {kind}{dashes}{end}")
}

const DER: &[u8] = &[0x30, 0x82, 0x04, 0xa4, 0x02, 0x01, 0x00];
const RSA: &str = "RSA PRIVATE KEY";

/// As GitHub makes them; it published this one, which opens nothing.
fn summed(prefix: &str) -> String {
    format!("{prefix}{}{}", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17")
}

/// One of each, as it would stand in a file.
fn secrets() -> Vec<(&'static str, String)> {
    let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\n";
    let jwt = format!("{}.{}.{}", drawn(40, BASE62), drawn(60, BASE62), drawn(80, BASE62));
    let wrapped = STANDARD.encode(pem("EC PRIVATE KEY", &[0x30, 0x77, 2, 1, 1, 4, 32], "", "\n"));
    let middle = concat!("T3Blbk", "FJ");
    vec![
        ("private-key", pem(RSA, DER, "", "\n")),
        ("private-key", pem(RSA, DER, "", "\r\n")),
        ("private-key", pem(RSA, b"", encrypted, "\n")),
        ("private-key", pem("PRIVATE KEY", DER, "", "\n    ")),
        ("private-key", pem("ENCRYPTED PRIVATE KEY", DER, "", "\n")),
        ("private-key", pem("OPENSSH PRIVATE KEY", b"openssh-key-v1\0", "", "\n")),
        ("private-key", pem("PGP PRIVATE KEY BLOCK", &[0x95, 1, 2], "\n", "\n")),
        ("private-key", pem("PGP PRIVATE KEY BLOCK", &[0xc5, 1, 2], "Version: GnuPG v2\n\n", "\n")),
        ("private-key", format!("{{\"private_key\": \"{}\"}}", pem("PRIVATE KEY", DER, "", "\\n"))),
        ("private-key", format!("const KEY: &str = \"{}\";", pem("PRIVATE KEY", DER, "", "\\n\\\n    "))),
        ("private-key", format!("String k = \"{}\";", pem("PRIVATE KEY", DER, "", "\\n\" +\n  \""))),
        ("private-key", format!("client-key-data: {wrapped}")),
        ("private-key", format!("Private-Lines: 14\n{}", drawn(64, BASE64))),
        ("private-key", format!("{}BEGIN OpenVPN Static key V1-----\n{}", "-----", drawn(32, HEX))),
        ("private-key", format!("PrivateKey = {}=", drawn(43, BASE64))),
        ("age-key", format!("AGE-SECRET-KEY-1{}", drawn(58, UPPER))),
        ("github-token", summed("ghp_")),
        ("github-token", summed("ghs_")),
        ("github-token", format!("ghs_{jwt}")),
        ("github-token", format!("github_pat_{}_{}", drawn(22, BASE62), drawn(59, BASE62))),
        ("gitlab-token", format!("glpat-{}", drawn(20, BASE62))),
        ("exportd-token", crate::security::ApiTokenSecret::new().expose()),
        ("npm-token", summed("npm_")),
        ("pypi-token", format!("pypi-AgEIcHlwaS5vcmc{}", drawn(150, BASE62))),
        ("rubygems-token", format!("rubygems_{}", drawn(48, HEX))),
        ("dockerhub-token", format!("dckr_pat_{}", drawn(27, BASE62))),
        ("aws-access-key", format!("id: AKIA{}\nkey: {}", drawn(16, UPPER), drawn(40, BASE64))),
        ("aws-access-key", format!("{}\nASIA{}", drawn(40, BASE64), drawn(16, UPPER))),
        ("aws-access-key", format!("aws_secret_access_key = {}", drawn(40, BASE64))),
        ("aws-access-key", format!("\"SecretAccessKey\": \"{}\"", drawn(40, BASE64))),
        ("azure-storage-key", format!("AccountName=shop;AccountKey={}==;", drawn(86, BASE64))),
        ("digitalocean-token", format!("dop_v1_{}", drawn(64, HEX))),
        ("vault-token", format!("hvs.{}", drawn(95, BASE62))),
        ("terraform-token", format!("{}.atlasv1.{}", drawn(14, BASE62), drawn(67, BASE62))),
        ("databricks-token", format!("dapi{}", drawn(32, HEX))),
        ("stripe-key", format!("sk_live_{}", drawn(24, BASE62))),
        ("shopify-token", format!("shpat_{}", drawn(32, HEX))),
        ("square-token", format!("sq0atp-{}", drawn(22, BASE62))),
        (
            "slack-token",
            format!("xoxb-{}-{}-{}", drawn(12, "0123456789"), drawn(12, "0123456789"), drawn(24, BASE62)),
        ),
        (
            "slack-webhook",
            format!(
                "hooks.slack.com/services/T{}/B{}/{}",
                drawn(8, UPPER),
                drawn(8, UPPER),
                drawn(24, BASE62)
            ),
        ),
        (
            "discord-webhook",
            format!("https://discord.com/api/webhooks/{}/{}", drawn(18, "123456789"), drawn(68, BASE62)),
        ),
        ("telegram-token", format!("bot {}:AA{}", drawn(9, "123456789"), drawn(33, BASE62))),
        ("sendgrid-key", format!("SG.{}.{}", drawn(22, BASE62), drawn(43, BASE62))),
        ("openai-key", format!("sk-{}{middle}{}", drawn(20, BASE62), drawn(20, BASE62))),
        ("openai-key", format!("sk-proj-{}{middle}{}", drawn(74, BASE62), drawn(74, BASE62))),
        ("anthropic-key", format!("sk-ant-api03-{}AA", drawn(93, BASE62))),
        ("openrouter-key", format!("sk-or-v1-{}", drawn(64, HEX))),
        ("huggingface-token", format!("hf_{}", drawn(34, &BASE62[10..]))),
        ("supabase-token", format!("sbp_{}", drawn(40, HEX))),
        ("grafana-token", format!("glsa_{}_{}", drawn(32, BASE62), drawn(8, HEX))),
        ("newrelic-key", format!("NRAK-{}", drawn(27, UPPER))),
        ("linear-key", format!("lin_api_{}", drawn(40, BASE62))),
        ("atlassian-token", format!("ATATT3xFfGF0{}", drawn(180, BASE62))),
        ("database-url", format!("postgres://shop:{}@db.shop.io:5432/shop", drawn(16, BASE62))),
        ("database-url", format!("mongodb+srv://u:{}@cluster0.ab1cd.mongodb.net", drawn(16, BASE62))),
    ]
}

#[test]
fn every_kind_is_found_wherever_it_stands_and_its_line_told() {
    for (rule, secret) in secrets() {
        let alone = find(secret.as_bytes());
        assert_eq!(alone.map(|finding| finding.rule), Some(rule), "{secret}");
        let behind = format!("first line\n\nKEY=\"{secret}\"\nlast line\n");
        let line = alone.expect("it was found").line + 2;
        assert_eq!(find(behind.as_bytes()), Some(Finding { rule, line }), "{behind}");
    }
    let kinds: Vec<_> = secrets().iter().map(|(rule, _)| *rule).collect();
    assert!(KINDS.iter().all(|kind| kinds.contains(&kind.name)), "every kind has its example");
}

#[test]
fn what_only_looks_like_one_is_let_pass() {
    let long = |text: &str, length| text.repeat(length / text.len() + 1)[..length].to_owned();
    let marker = format!("{0}BEGIN {RSA}{0}", "-----");
    let end = format!("{0}END {RSA}{0}", "-----");
    for text in [
        format!("a file that begins with `{marker}` is a key"),
        format!("{marker}\n...\n{end}\n"),
        format!("{marker}\nMIIEpAIBAAKCAQEA...\n{end}\n"),
        format!("{marker}\n{}\n{end}\n", long("A", 640)),
        format!("if text.starts_with(\"{marker}\") {{ parse(text) }}"),
        pem("PUBLIC KEY", &[0x30, 0x82, 1, 2], "", "\n"),
        pem("CERTIFICATE", &[0x30, 0x82, 1, 2], "", "\n"),
        format!("ghp_{}", drawn(36, BASE62)),
        format!("ghp_{}", long("x", 36)),
        format!("my{}", summed("ghp_")),
        format!("{}Z", summed("npm_")),
        format!("sk_live_{}", long("0", 24)),
        format!("sk_test_{}", drawn(24, BASE62)),
        format!("sk_live_{}", long("YourKeyHere", 24)),
        format!("AKIA{}", drawn(16, UPPER)),
        format!("AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCY{}", "EXAMPLEKEY"),
        format!("commit {}\nAKIA{}", drawn(40, HEX), drawn(16, UPPER)),
        format!("aws_secret_access_key = {}", long("abcdefghij", 40)),
        format!(
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/{}",
            "KBHBeksoGMGw=="
        ),
        format!("SK{}", drawn(32, HEX)),
        "postgres://postgres:password@localhost/app".to_owned(),
        format!("postgres://app:{}@localhost/app", drawn(16, BASE62)),
        format!("postgres://app:{}@db/app", drawn(16, BASE62)),
        format!("postgres://app:{}@db.example.com/app", drawn(16, BASE62)),
        "mysql://root:${DB_PASSWORD_1}@db.shop.io/app".to_owned(),
        format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", drawn(40, BASE62), drawn(43, BASE62)),
        format!("const PrivateKey = require('./{}')", drawn(43, BASE62)),
        format!("hf_{}", drawn(34, "abcdefghijklmnop_")),
    ] {
        assert_eq!(find(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn no_anchor_hides_another() {
    let anchors: Vec<_> = KINDS.iter().flat_map(|kind| kind.anchors).collect();
    for one in &anchors {
        assert!(one.len() <= super::scan::LONGEST, "{one}");
        let hidden: Vec<_> = anchors.iter().filter(|other| other.starts_with(**one)).collect();
        assert_eq!(hidden.len(), 1, "{one} hides one of {hidden:?}");
    }
}

/// Looks through `text` in chunks of these lengths, again and again.
fn in_chunks(text: &[u8], lengths: &[usize]) -> Option<Finding> {
    let (mut scan, mut rest) = (SecretScan::default(), text);
    for length in lengths.iter().cycle() {
        let (chunk, after) = rest.split_at(rest.len().min(*length));
        scan.look(chunk);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    scan.end()
}

proptest! {
    #[test]
    fn a_secret_is_found_however_its_file_comes(
        which in 0..secrets().len(),
        (before, after) in (0..9_000_usize, 0..9_000_usize),
        lengths in prop::collection::vec(1..5_000_usize, 1..5),
        lines in any::<bool>(),
    ) {
        let (rule, secret) = secrets().swap_remove(which);
        let line: &[u8] = if lines { b"a line of text, and another one\n" } else { b"- " };
        let filler = |length: usize| line.iter().cycle().take(length).copied().collect::<Vec<u8>>();
        let text = [&filler(before)[..], b"\n", secret.as_bytes(), b"\n", &filler(after)].concat();
        let whole = find(&text);
        prop_assert_eq!(whole.map(|finding| finding.rule), Some(rule));
        prop_assert_eq!(in_chunks(&text, &lengths), whole);
    }

    #[test]
    fn noise_is_no_secret(noise in prop::collection::vec(any::<u8>(), 0..5_000), lengths in prop::collection::vec(1..3_000_usize, 1..4)) {
        prop_assert_eq!(find(&noise), None);
        prop_assert_eq!(in_chunks(&noise, &lengths), None);
    }
}
