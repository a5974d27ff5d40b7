//! What a user may export, and as what.

use serde::{Deserialize, Serialize};

use super::{Format, Kind};

/// One thing that was said about asking for exports. What is left out stands for any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// In this format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Whether they may be asked for.
    pub allow: bool,
}

impl Rule {
    fn is_about(&self, kind: Kind, format: Format) -> bool {
        self.kind.is_none_or(|own| own == kind) && self.format.is_none_or(|own| own == format)
    }

    /// A kind and a format say more than a kind, a kind more than a format, and that more than
    /// nothing.
    const fn weight(&self) -> u8 {
        2 * self.kind.is_some() as u8 + self.format.is_some() as u8
    }
}

/// Whether exports of `kind` in `format` may be asked for by somebody of whom `own` was said, when
/// `everyone` was said of all. What was said of oneself counts before anything that was said of
/// everyone; what nothing was said of is allowed.
pub fn may_ask(own: &[Rule], everyone: &[Rule], kind: Kind, format: Format) -> bool {
    let judged = verdict(own, kind, format).or_else(|| verdict(everyone, kind, format));
    judged.unwrap_or(true)
}

/// What the rule says that says the most; where two do, and one of them denies, that one.
fn verdict(rules: &[Rule], kind: Kind, format: Format) -> Option<bool> {
    let about = rules.iter().filter(|rule| rule.is_about(kind, format));
    about.max_by_key(|rule| (rule.weight(), !rule.allow)).map(|rule| rule.allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: Kind = Kind::Project;

    fn rule(kind: Option<Kind>, format: Option<Format>, allow: bool) -> Rule {
        Rule { kind, format, allow }
    }

    #[test]
    fn the_rule_that_says_the_most_wins_in_whatever_order_they_stand() {
        let (all, zip) = (rule(None, None, true), rule(None, Some(Format::Zip), false));
        let (kind, both) = (rule(Some(PROJECT), None, true), rule(Some(PROJECT), Some(Format::Zip), false));
        for (rules, may_zip, may_tar) in [
            (vec![], true, true),
            (vec![all], true, true),
            (vec![rule(None, None, false)], false, false),
            (vec![all, zip], false, true),
            (vec![zip, kind], true, true),
            (vec![zip, kind, both], false, true),
            (vec![rule(Some(PROJECT), None, false), rule(None, Some(Format::Zip), true)], false, false),
        ] {
            for rules in [rules.clone(), rules.into_iter().rev().collect()] {
                assert_eq!(may_ask(&rules, &[], PROJECT, Format::Zip), may_zip, "{rules:?}");
                assert_eq!(may_ask(&rules, &[], PROJECT, Format::TarGz), may_tar, "{rules:?}");
            }
        }
    }

    #[test]
    fn of_two_that_say_as_much_the_one_that_denies_wins() {
        let (yes, no) = (rule(Some(PROJECT), None, true), rule(Some(PROJECT), None, false));
        for rules in [[yes, no], [no, yes]] {
            assert!(!may_ask(&rules, &[], PROJECT, Format::Zip));
        }
    }

    #[test]
    fn what_was_said_of_oneself_counts_first() {
        let (yes, no) = (rule(None, None, true), rule(Some(PROJECT), Some(Format::Zip), false));
        assert!(may_ask(&[yes], &[no], PROJECT, Format::Zip), "although everyone's says more");
        assert!(!may_ask(&[], &[no], PROJECT, Format::Zip));
        assert!(!may_ask(&[rule(None, Some(Format::TarGz), true)], &[no], PROJECT, Format::Zip), "silent");
    }
}
