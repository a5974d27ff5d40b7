//! Structured fields in which nothing is said twice.

use std::collections::BTreeSet;

use sfv::visitor::{DictionaryVisitor, EntryVisitor, InnerListVisitor, ItemVisitor, ParameterVisitor};
use sfv::{BareItemFromInput, Dictionary, KeyRef, Parser};

/// A dictionary (RFC 9651 §3.2); `None` when it is none, or when a member or a parameter is there
/// twice. The last would count, and whoever signs should not have to know that.
pub fn dictionary(field: &[u8]) -> Option<Dictionary> {
    Parser::new(field).parse_dictionary_with_visitor(&mut Once::default()).ok()?;
    Parser::new(field).parse().ok()
}

#[derive(Debug, thiserror::Error)]
#[error("said twice")]
struct Twice;

/// The names that one scope has had.
#[derive(Default)]
struct Once<'de>(BTreeSet<&'de str>);

impl<'de> Once<'de> {
    fn say(&mut self, name: &'de KeyRef) -> Result<(), Twice> {
        if self.0.insert(name.as_str()) { Ok(()) } else { Err(Twice) }
    }
}

impl<'de> DictionaryVisitor<'de> for Once<'de> {
    type Error = Twice;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Twice> {
        self.say(key)?;
        Ok(Member)
    }
}

impl<'de> ParameterVisitor<'de> for Once<'de> {
    type Error = Twice;

    fn parameter(&mut self, key: &'de KeyRef, _: BareItemFromInput<'de>) -> Result<(), Twice> {
        self.say(key)
    }
}

/// An item or a list, whose parameters are a scope of their own.
struct Member;

impl<'de> ItemVisitor<'de> for Member {
    type Error = Twice;

    fn bare_item(self, _: BareItemFromInput<'de>) -> Result<impl ParameterVisitor<'de>, Twice> {
        Ok(Once::default())
    }
}

impl<'de> EntryVisitor<'de> for Member {
    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, Twice> {
        Ok(self)
    }
}

impl<'de> InnerListVisitor<'de> for Member {
    type Error = Twice;

    fn item(&mut self) -> Result<impl ItemVisitor<'de>, Twice> {
        Ok(Self)
    }

    fn finish(self) -> Result<impl ParameterVisitor<'de>, Twice> {
        Ok(Once::default())
    }
}

#[cfg(test)]
mod tests {
    use super::dictionary;

    #[test]
    fn what_is_said_twice_is_not_said() {
        for said in ["", "a=1, b=(1 2);x;y", "a=(\"x\";q \"x\";q)", "a;x, b;x"] {
            assert!(dictionary(said.as_bytes()).is_some(), "{said}");
        }
        for wrong in ["a=1, a=1", "a=1;x;x", "a=(1 2);x=1;y;x=1", "a=(1;q;q)", "a=", "a=1,", "a=(1", "\u{e9}"]
        {
            assert!(dictionary(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }
}
