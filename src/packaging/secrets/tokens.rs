//! Tokens that take more to know than a prefix and a length.

use super::chance::is_random;
use super::sight::{Sight, is_base62, is_base64, is_base64url, is_word, run, run_back};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// GitHub's and npm's: 30 characters by chance, then their CRC-32 in six digits of base 62.
///
/// The sum is right by chance once in four thousand million times, so nothing else is asked.
/// Source: GitHub's and npm's announcements of their token formats, 2021.
pub fn is_summed(sight: &Sight<'_>) -> bool {
    let body = sight.run(is_word);
    sight.begins_a_word() && body.len() == 36 && sum_of(&body[..30]) == body[30..]
}

/// Our own: 43 characters by chance, then their sum in the same way.
pub fn is_own(sight: &Sight<'_>) -> bool {
    let body = sight.run(is_base64url);
    sight.begins_a_word() && body.len() == 49 && sum_of(&body[..43]) == body[43..]
}

fn sum_of(text: &[u8]) -> [u8; 6] {
    let mut rest = crc32fast::hash(text);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// GitHub's installation tokens: as [`is_summed`], or a JWT behind the prefix.
pub fn is_installation(sight: &Sight<'_>) -> bool {
    let jwt = sight.run(|byte| is_base64url(byte) || byte == b'.');
    let is_jwt = jwt.len() > 100 && jwt.iter().filter(|byte| **byte == b'.').count() == 2;
    is_summed(sight) || (sight.begins_a_word() && is_jwt && is_random(&jwt[jwt.len() - 40..]))
}

/// OpenAI's: every key has these eight characters (`OpenAI` in base64) in its middle.
pub fn is_openai(sight: &Sight<'_>) -> bool {
    let (before, after) = (run_back(sight.before, is_base64url), sight.run(is_base64url));
    let Some(start) = before.windows(3).position(|part| part == b"sk-") else { return false };
    let kind = &before[start + 3..];
    let first = kind.rsplit(|byte| *byte == b'-').next().unwrap_or_default();
    kind.len() >= 20 && after.len() >= 20 && is_random(after) && (first.len() < 20 || is_random(first))
}

/// AWS: an access key's id, which opens nothing alone, and its secret near it.
pub fn is_aws_pair(sight: &Sight<'_>) -> bool {
    let id = sight.run(is_word);
    let is_id = id.len() == 16 && id.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    sight.begins_a_word() && is_id && (has_aws_secret(sight.after) || has_aws_secret(sight.before))
}

fn has_aws_secret(text: &[u8]) -> bool {
    let near = &text[..text.len().min(512)];
    near.split(|byte| !is_base64(*byte)).any(is_aws_secret)
}

/// 40 characters of base64, of upper and lower case and digits: a commit's digest has one case.
fn is_aws_secret(word: &[u8]) -> bool {
    let has = |of: fn(&u8) -> bool| word.iter().any(of);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    word.len() == 40 && is_mixed && is_random(word)
}

/// AWS: what is assigned to the name of a secret access key.
pub fn is_aws_assignment(sight: &Sight<'_>) -> bool {
    let gap =
        run(sight.after, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'=' | b':' | b'>' | b'\\'));
    let word = run(&sight.after[gap.len()..], is_base64);
    !gap.is_empty() && gap.len() <= 8 && is_aws_secret(word)
}

/// Azure: `AccountKey=` and 64 bytes in base64. The emulator's key, the same everywhere, is none.
pub fn is_azure(sight: &Sight<'_>) -> bool {
    let key = sight.run(is_base64);
    key.len() == 86
        && sight.after[86..].starts_with(b"==")
        && !key.starts_with(b"Eby8vdM02xNOcqFl")
        && is_random(key)
}

/// A webhook of Slack's: `T…/B…/` and 24 characters.
pub fn is_slack_webhook(sight: &Sight<'_>) -> bool {
    let path = sight.run(|byte| is_word(byte) || byte == b'/');
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    match parts[..] {
        [[b'T', team @ ..], [b'B', hook @ ..], secret, ..] => {
            team.len() >= 8 && hook.len() >= 8 && secret.len() >= 22 && is_random(secret)
        }
        _ => false,
    }
}

/// A webhook of Discord's: a number, and 60 to 72 characters.
pub fn is_discord_webhook(sight: &Sight<'_>) -> bool {
    let id = sight.run(|byte| byte.is_ascii_digit());
    let Some(rest) = sight.after[id.len()..].strip_prefix(b"/") else { return false };
    let secret = run(rest, is_base64url);
    id.len() >= 17 && (60..=72).contains(&secret.len()) && is_random(secret)
}

/// SendGrid's: 22 characters, a dot, 43 more.
pub fn is_sendgrid(sight: &Sight<'_>) -> bool {
    let id = sight.run(is_base64url);
    let Some(rest) = sight.after[id.len()..].strip_prefix(b".") else { return false };
    let secret = run(rest, is_base64url);
    sight.begins_a_word() && id.len() == 22 && secret.len() == 43 && is_random(secret)
}

/// Terraform's: 14 characters before, 60 to 70 after.
pub fn is_terraform(sight: &Sight<'_>) -> bool {
    let secret = sight.run(is_base64url);
    run_back(sight.before, is_base62).len() == 14 && (60..=70).contains(&secret.len()) && is_random(secret)
}

/// Telegram's bots: a number before, 33 characters after.
pub fn is_telegram(sight: &Sight<'_>) -> bool {
    let bot = run_back(sight.before, |byte| byte.is_ascii_digit());
    let is_apart =
        sight.before.len() == bot.len() || !is_base64url(sight.before[sight.before.len() - bot.len() - 1]);
    let secret = sight.run(is_base64url);
    (8..=10).contains(&bot.len()) && is_apart && secret.len() == 33 && is_random(secret)
}

/// A database's address with somebody's password in it, but for those of one's own machine and
/// those that are no password (`postgres:postgres`, `user:password`).
pub fn is_database_url(sight: &Sight<'_>) -> bool {
    let authority = run(sight.after, |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>')
    });
    let Some(at) = authority.iter().rposition(|byte| *byte == b'@') else { return false };
    let (login, host) = (&authority[..at], &authority[at + 1..]);
    let Some(colon) = login.iter().position(|byte| *byte == b':') else { return false };
    let password = &login[colon + 1..];
    let host = &host[..host.iter().position(|byte| matches!(byte, b':' | b',' | b'?')).unwrap_or(host.len())];
    is_far(host) && is_password(password)
}

/// A host of the internet: one's own machine and a container's neighbours have no dot in their names.
fn is_far(host: &[u8]) -> bool {
    let has_dot =
        host.contains(&b'.') && host.iter().all(|byte| is_word(*byte) || matches!(byte, b'.' | b'-'));
    let host = host.to_ascii_lowercase();
    let nobody = [&b"example"[..], b"127.", b"0.0.0.0", b"localhost", b"192.168.", b"10."];
    has_dot && !nobody.iter().any(|name| host.windows(name.len()).any(|part| part == *name))
}

/// Ten characters or more, letters and digits mixed, and drawn by chance: not `$PASSWORD`, not `{pass}`.
fn is_password(password: &[u8]) -> bool {
    let is_plain = password
        .iter()
        .all(|byte| is_base62(*byte) || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'%' | b'!' | b'*'));
    let has = |of: fn(&u8) -> bool| password.iter().any(of);
    let is_mixed = has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit);
    password.len() >= 10 && is_plain && is_mixed && is_random(password)
}
