//! The signature that a request presents.

use std::time::Duration;

use sfv::{Dictionary, FieldType as _, InnerList, List, ListEntry};

use crate::domain::Timestamp;

use super::components::Components;
use super::fault::SignatureFault;
use super::message::Message;
use super::said_once::dictionary;

/// The longest `Signature-Input` and `Signature`, in bytes.
const LONGEST: usize = 8 * 1024;
/// The longest nonce, in bytes; it becomes a row.
const LONGEST_NONCE: usize = 128;

/// One signature, and all it says of itself.
#[derive(Debug, Clone)]
pub struct Presented {
    /// What it covers.
    pub components: Components,
    /// The value of `@signature-params`.
    pub parameters: String,
    /// The key that it names.
    pub key: String,
    /// By its maker's clock, to the second.
    pub created: Timestamp,
    /// When its maker stops standing by it.
    pub expires: Option<Timestamp>,
    /// What makes it this one.
    pub nonce: String,
    /// The signature itself.
    pub bytes: Vec<u8>,
}

impl Presented {
    /// The only signature of `message` whose key is one that `is_known`. Its label means nothing;
    /// others' signatures, such as those of proxies, are none of our business.
    ///
    /// Source: RFC 9421 §4.
    pub fn of(message: &Message<'_>, is_known: impl Fn(&str) -> bool) -> Result<Self, SignatureFault> {
        let mut inputs = members(message, "signature-input")?;
        let ours = |entry: &ListEntry| match entry {
            ListEntry::InnerList(list) => text(list, "keyid").is_some_and(&is_known),
            ListEntry::Item(_) => false,
        };
        inputs.retain(|_, entry| ours(entry));
        let known = inputs.len();
        let Some((label, ListEntry::InnerList(input))) = inputs.pop().filter(|_| known == 1) else {
            return Err(SignatureFault::NotOneKnown { known });
        };
        let signatures = members(message, "signature")?;
        let bytes = match signatures.get(&label) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            _ => None,
        };
        let bytes = bytes.ok_or(SignatureFault::Malformed("no signature of this label"))?.to_vec();
        Self::read(input, bytes)
    }

    fn read(input: InnerList, bytes: Vec<u8>) -> Result<Self, SignatureFault> {
        if input.params.contains_key("alg") && text(&input, "alg") != Some("hmac-sha256") {
            return Err(SignatureFault::WrongAlgorithm);
        }
        let created = instant(&input, "created")?.ok_or(SignatureFault::Lacks("created"))?;
        let nonce = text(&input, "nonce").filter(|nonce| (1..=LONGEST_NONCE).contains(&nonce.len()));
        Ok(Self {
            components: Components::of(&input)?,
            key: text(&input, "keyid").ok_or(SignatureFault::Lacks("keyid"))?.to_owned(),
            created,
            expires: instant(&input, "expires")?,
            nonce: nonce.ok_or(SignatureFault::Lacks("nonce"))?.to_owned(),
            bytes,
            parameters: parameters(input)?,
        })
    }
}

fn members(message: &Message<'_>, name: &'static str) -> Result<Dictionary, SignatureFault> {
    let field = message.field(name).ok_or(SignatureFault::Malformed("one of the two is missing"))?;
    if field.len() > LONGEST {
        return Err(SignatureFault::Malformed("longer than any signature"));
    }
    dictionary(&field).ok_or(SignatureFault::Malformed("no dictionary in which nothing is said twice"))
}

fn text<'a>(input: &'a InnerList, name: &str) -> Option<&'a str> {
    Some(input.params.get(name)?.as_string()?.as_str())
}

/// A parameter that is an instant, in seconds since 1970.
fn instant(input: &InnerList, name: &'static str) -> Result<Option<Timestamp>, SignatureFault> {
    let Some(value) = input.params.get(name) else { return Ok(None) };
    let seconds: i64 =
        value.as_integer().ok_or(SignatureFault::Malformed("instants are whole seconds"))?.into();
    // Fifteen digits at most (RFC 9651 §3.3.1): a thousand times as much is far from the end.
    let millis = Duration::from_secs(seconds.unsigned_abs());
    let start = Timestamp::from_millis(0);
    Ok(Some(if seconds < 0 { start.minus(millis) } else { start.plus(millis) }))
}

/// Written as everybody writes it, so that maker and checker sign the same bytes.
fn parameters(input: InnerList) -> Result<String, SignatureFault> {
    let list: List = vec![ListEntry::InnerList(input)];
    list.serialize().ok_or(SignatureFault::Malformed("nothing is covered"))
}
