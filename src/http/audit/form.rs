//! The forms in which entries are told.

use bytes::Bytes;
use http::HeaderMap;
use http::header::ACCEPT;
use serde_json::Value;

use crate::domain::audit::AuditRecord;

/// How entries are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page of them.
    Json,
    /// All of them, one line each, after a line of names (RFC 4180).
    Csv,
    /// All of them, one JSON text a line.
    JsonLines,
}

/// The columns of CSV: the members of an entry, `subject` in two.
const COLUMNS: [&str; 18] = [
    "seq",
    "at",
    "action",
    "outcome",
    "status",
    "code",
    "actor",
    "user",
    "way",
    "key",
    "subjectKind",
    "subjectId",
    "address",
    "correlationId",
    "agent",
    "detail",
    "prevHash",
    "hash",
];

impl Form {
    /// The form of this word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// The word, which is also the end of a file's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// The first of our forms that `Accept` names; a page, if it names none.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let mut types = lines.flat_map(|line| line.split(',')).map(|range| {
            let essence = range.split(';').next().unwrap_or_default().trim();
            match essence.to_ascii_lowercase().as_str() {
                "application/json" | "*/*" | "application/*" => Some(Self::Json),
                "text/csv" | "text/*" => Some(Self::Csv),
                "application/jsonl" | "application/x-ndjson" => Some(Self::JsonLines),
                _ => None,
            }
        });
        types.find_map(|form| form).unwrap_or(Self::Json)
    }

    /// What comes before the first entry.
    pub fn beginning(self) -> Bytes {
        match self {
            Self::Json | Self::JsonLines => Bytes::new(),
            Self::Csv => (COLUMNS.join(",") + "\r\n").into(),
        }
    }

    /// These entries, one a line.
    pub fn lines(self, records: &[AuditRecord]) -> Bytes {
        let mut text = Vec::new();
        for record in records {
            match self {
                Self::Csv => csv(record, &mut text),
                Self::Json | Self::JsonLines => {
                    serde_json::to_writer(&mut text, record).expect("texts, numbers and flags are JSON");
                    text.push(b'\n');
                }
            }
        }
        text.into()
    }
}

fn csv(record: &AuditRecord, text: &mut Vec<u8>) {
    let line = serde_json::to_value(record).expect("texts, numbers and flags are JSON");
    for (column, name) in COLUMNS.into_iter().enumerate() {
        if column > 0 {
            text.push(b',');
        }
        let value = match name {
            "subjectKind" => &line["subject"]["kind"],
            "subjectId" => &line["subject"]["id"],
            name => &line[name],
        };
        match value {
            Value::Null => {}
            Value::String(cell_text) => cell(cell_text, text),
            other => cell(&other.to_string(), text),
        }
    }
    text.extend_from_slice(b"\r\n");
}

/// One cell. A spreadsheet takes what begins with one of these for a formula: an apostrophe before
/// it makes a text of it.
///
/// Sources: RFC 4180 §2.5–2.7; OWASP, CSV Injection.
fn cell(value: &str, text: &mut Vec<u8>) {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_quoted = value.contains([',', '"', '\r', '\n']);
    if is_quoted {
        text.push(b'"');
    }
    if is_formula {
        text.push(b'\'');
    }
    for byte in value.bytes() {
        if byte == b'"' {
            text.push(b'"');
        }
        text.push(byte);
    }
    if is_quoted {
        text.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_no_formula() {
        for (value, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
        ] {
            let mut text = Vec::new();
            cell(value, &mut text);
            assert_eq!(String::from_utf8(text).expect("text"), written, "{value:?}");
        }
    }

    #[test]
    fn the_first_form_that_is_accepted_and_known_is_it() {
        for (accept, form) in [
            (None, Form::Json),
            (Some("text/csv"), Form::Csv),
            (Some("image/png, Text/CSV;q=0.5, application/json"), Form::Csv),
            (Some("application/jsonl"), Form::JsonLines),
            (Some("text/html"), Form::Json),
            (Some("*/*"), Form::Json),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(Form::accepted(&headers), form, "{accept:?}");
        }
    }
}
