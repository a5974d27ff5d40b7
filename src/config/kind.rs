//! What a setting's value may be: parsed, bounded and written back in one form.

use std::net::SocketAddr;
use std::time::Duration;

use bytesize::ByteSize;
use config::{Value, ValueKind};
use tracing_subscriber::EnvFilter;

use crate::config_units::{self, Network, Origin, TimeOfDay};
use crate::db;
use crate::outbound::Place;

/// What no limit in numbers needs to exceed.
const MOST: i64 = 1_000_000_000;

/// How much is logged, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The type and the bounds of a setting. A text and a value that TOML has typed mean the same.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number between the two, both included.
    Number(i64, i64),
    /// A whole number from 1 on, or `none` for no limit.
    NumberOrNone,
    /// A duration between the two, both included.
    Duration(Duration, Duration),
    /// Bytes, at least so many, and fewer than 8 EiB.
    Size(u64),
    /// An address and a port; `off` where that is allowed.
    Listen {
        /// Whether `off` is an answer.
        or_off: bool,
    },
    /// An `http` or `https` address without query.
    WebAddress,
    /// An address that this server asks: `https`, or `http` on this very machine.
    Outside,
    /// `sqlite://…`, of a file, or `postgres://…`; may hold a password.
    Database,
    /// Networks, as a list or separated by commas.
    Networks,
    /// Origins of pages, as a list or separated by commas.
    Origins,
    /// A folder. Relative ones are relative to the working directory.
    Folder,
    /// Folders, as a list or separated by commas.
    Folders,
    /// A file that must be there.
    File,
    /// A file that is made when it is not there.
    NewFile,
    /// Any text on one line.
    Text,
    /// Text of at least so many bytes that is never shown.
    Secret(usize),
    /// `03:00`.
    TimeOfDay,
    /// A level, or a filter as tracing has it.
    LogFilter,
    /// An absolute URI path that ends in `/`.
    UriPrefix,
    /// One of these words.
    Word {
        /// Words that mean something.
        known: &'static [&'static str],
        /// Words that will.
        not_yet: &'static [&'static str],
    },
}

impl Kind {
    /// Whether the value, or a part of it, is never shown. Such a setting may be read from a
    /// file of its own, named by the key with `_file` at its end.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Secret(_) | Self::Database)
    }

    /// `value` in the one form in which rooms and people read it.
    ///
    /// # Errors
    /// What is wrong and what would be right; without the value where that is secret.
    pub fn check(self, value: &Value) -> Result<ValueKind, String> {
        match self {
            Self::Networks => {
                list(value, |text| text.parse::<Network>().map_err(|e| e.to_string()).map(|n| n.to_string()))
            }
            Self::Origins => {
                list(value, |text| text.parse::<Origin>().map(String::from).map_err(|e| e.to_string()))
            }
            Self::Folders => list(value, path),
            Self::Secret(_) => self.check_one(&one(value)?),
            _ => self.check_one(one(value)?.trim()),
        }
    }

    fn check_one(self, text: &str) -> Result<ValueKind, String> {
        Ok(match self {
            Self::Flag => {
                ValueKind::Boolean(text.parse().map_err(|_| format!("`{text}` is neither true nor false"))?)
            }
            Self::Number(least, most) => ValueKind::I64(number(text, least, most)?),
            Self::NumberOrNone if text == "none" => ValueKind::String(text.to_owned()),
            Self::NumberOrNone => ValueKind::I64(number_or_none(text)?),
            Self::Duration(least, most) => ValueKind::String(duration(text, least, most)?),
            Self::Size(least) => ValueKind::String(size(text, least)?),
            Self::Listen { or_off: true } if text == "off" => ValueKind::String(text.to_owned()),
            Self::Listen { or_off } => ValueKind::String(address(text, or_off)?),
            Self::WebAddress => ValueKind::String(web_address(text)?),
            Self::Outside => {
                ValueKind::String(text.parse::<Place>().map_err(|e| format!("`{text}` {e}"))?.to_string())
            }
            Self::Database => ValueKind::String(database(text)?),
            Self::Folder | Self::NewFile => ValueKind::String(path(text)?),
            Self::File => ValueKind::String(file(text)?),
            Self::Text => ValueKind::String(line(text)?),
            Self::Secret(least) => ValueKind::String(secret(text, least)?),
            Self::TimeOfDay => {
                ValueKind::String(text.parse::<TimeOfDay>().map_err(|e| e.to_string())?.to_string())
            }
            Self::LogFilter => ValueKind::String(filter(text)?),
            Self::UriPrefix => ValueKind::String(uri_prefix(text)?),
            Self::Word { known, not_yet } => ValueKind::String(word(text, known, not_yet)?),
            Self::Networks | Self::Origins | Self::Folders => unreachable!("lists are checked item by item"),
        })
    }
}

/// The text of a value that is not a list.
fn one(value: &Value) -> Result<String, String> {
    match &value.kind {
        ValueKind::Array(_) => Err("a list; write one value".to_owned()),
        ValueKind::Table(_) => Err("a section; write one value".to_owned()),
        ValueKind::Nil => Err("nothing; write a value".to_owned()),
        kind => Ok(kind.to_string()),
    }
}

/// The items of a list, or of a text with commas; `none` is the empty list.
fn list(value: &Value, check: impl Fn(&str) -> Result<String, String>) -> Result<ValueKind, String> {
    let items = match &value.kind {
        ValueKind::Array(items) => items.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        _ => match one(value)?.trim() {
            "none" | "" => Vec::new(),
            text => text.split(',').map(|item| item.trim().to_owned()).collect(),
        },
    };
    let checked = items.iter().map(|item| check(item.trim())).collect::<Result<Vec<_>, _>>()?;
    Ok(ValueKind::Array(checked.into_iter().map(Value::from).collect()))
}

fn number(text: &str, least: i64, most: i64) -> Result<i64, String> {
    let number: i64 =
        text.parse().map_err(|_| format!("`{text}` is not a whole number; write {least} to {most}"))?;
    if number < least || number > most {
        return Err(format!("{number} is out of bounds; write {least} to {most}"));
    }
    Ok(number)
}

fn number_or_none(text: &str) -> Result<i64, String> {
    number(text, 1, MOST).map_err(|wrong| format!("{wrong}, or none"))
}

fn duration(text: &str, least: Duration, most: Duration) -> Result<String, String> {
    use config_units::duration::written;
    let bounds = || format!("write {} to {}", written(least), written(most));
    let parsed = humantime::parse_duration(text)
        .map_err(|_| format!("`{text}` is not a duration; write 30s, 15m, 24h or 7d"))?;
    if parsed < least || parsed > most {
        return Err(format!("{} is out of bounds; {}", written(parsed), bounds()));
    }
    Ok(written(parsed))
}

fn size(text: &str, least: u64) -> Result<String, String> {
    use config_units::size::written;
    let parsed = text
        .parse::<ByteSize>()
        .map_err(|_| format!("`{text}` is not a size; write 1048576, 100MiB or 1GiB"))?
        .as_u64();
    if parsed < least {
        return Err(format!("{} is out of bounds; write at least {}", written(parsed), written(least)));
    }
    // What does not fit is read as the largest number there is, which nobody wrote.
    if parsed > i64::MAX.unsigned_abs() {
        return Err(format!("`{text}` is out of bounds; write less than 8EiB"));
    }
    Ok(written(parsed))
}

fn address(text: &str, or_off: bool) -> Result<String, String> {
    let or_off = if or_off { ", or off" } else { "" };
    text.parse::<SocketAddr>().map(|address| address.to_string()).map_err(|_| {
        format!("`{text}` is not an address with a port; write 127.0.0.1:8080 or [::]:8080{or_off}")
    })
}

fn web_address(text: &str) -> Result<String, String> {
    let uri = text.parse::<http::Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.query().is_none()
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    });
    if uri.is_none() {
        return Err(format!("`{text}` is not a web address; write https://exports.example.com"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn database(text: &str) -> Result<String, String> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if db::is_in_memory(text) {
        return Err("a database that is gone with the process; write sqlite://exportd.db".to_owned());
    }
    if known.iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())) {
        return Ok(text.to_owned());
    }
    // The value may hold a password, so it is not repeated.
    Err("not a database; write sqlite://exportd.db or postgres://user:password@host/name".to_owned())
}

fn path(text: &str) -> Result<String, String> {
    match text {
        "" => Err("an empty path; write a folder, like ./packages".to_owned()),
        _ if text.contains('\0') => Err("a path cannot contain NUL".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

fn file(text: &str) -> Result<String, String> {
    match std::fs::metadata(text) {
        Ok(found) if found.is_file() => Ok(text.to_owned()),
        Ok(_) => Err(format!("`{text}` is not a file")),
        Err(error) => Err(format!("`{text}` cannot be read: {error}")),
    }
}

fn line(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(char::is_control) {
        return Err("empty or more than a line; write a text on one line".to_owned());
    }
    Ok(text.to_owned())
}

fn secret(text: &str, least: usize) -> Result<String, String> {
    if text.len() < least {
        return Err(format!(
            "has {} bytes; write at least {least}, as from `openssl rand -base64 48`",
            text.len()
        ));
    }
    Ok(text.to_owned())
}

fn filter(text: &str) -> Result<String, String> {
    // A word that is no level would be taken for the name of something that shall be logged.
    let mut parts = text.split(',').filter(|part| !part.is_empty());
    let says_how_much = parts.all(|part| is_level(part.rsplit('=').next().unwrap_or_default()));
    match EnvFilter::try_new(text) {
        Ok(_) if says_how_much && !text.is_empty() => Ok(text.to_owned()),
        _ => {
            let levels = LEVELS.join(", ");
            Err(format!(
                "`{text}` is not a log level; write {levels}, or a filter like info,exportd::jobs=debug"
            ))
        }
    }
}

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word.trim()))
}

fn uri_prefix(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let is_prefix = text.len() > 1
        && text.starts_with('/')
        && text.ends_with('/')
        && !text.contains("//")
        && !text.contains("..");
    if !is_prefix || !text.bytes().all(plain) {
        return Err(format!("`{text}` is not a location; write one like /_packages/"));
    }
    Ok(text.to_owned())
}

fn word(text: &str, known: &[&str], not_yet: &[&str]) -> Result<String, String> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    let known = known.join(" or ");
    if not_yet.contains(&text) {
        return Err(format!("`{text}` is not in this version; write {known}"));
    }
    Err(format!("`{text}` is not known; write {known}"))
}
