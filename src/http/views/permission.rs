//! What users may export, on the wire.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Own, Said};
use crate::domain::{Format, Kind, Rule, Timestamp, UserId};
use crate::http::audit::Told;
use crate::http::kit::{Fields, FromFields, fields};

/// In the place of a kind or a format: any.
const ANY: &str = "*";

/// What may be asked for, or may not.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleView {
    /// A kind, or `*` for any.
    #[schema(example = "project")]
    kind: String,
    /// A format, or `*` for any.
    #[schema(example = "tar.gz")]
    format: String,
    allow: bool,
}

/// What was said of a user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Permissions)]
pub struct PermissionsView {
    rules: Vec<RuleView>,
    /// `null` when nothing was ever said.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    /// Which admin said it.
    updated_by: Option<String>,
}

/// What counts for a caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnPermissions)]
pub struct OwnPermissionsView {
    /// Said of oneself; come first.
    rules: Vec<RuleView>,
    /// Said of everyone.
    default_rules: Vec<RuleView>,
    /// What that comes to, for every kind and each of its formats.
    effective: Vec<RuleView>,
}

/// What is to be said of a user.
#[derive(Debug, ToSchema)]
#[schema(as = NewPermissions)]
pub struct NewPermissionsView {
    /// At most one for each kind and format; none takes everything back that was said.
    #[schema(value_type = Vec<RuleView>)]
    rules: Vec<Rule>,
}

impl From<Rule> for RuleView {
    fn from(rule: Rule) -> Self {
        Self {
            kind: rule.kind.map_or(ANY, Kind::as_str).to_owned(),
            format: rule.format.map_or(ANY, Format::as_str).to_owned(),
            allow: rule.allow,
        }
    }
}

impl From<Said> for PermissionsView {
    fn from(said: Said) -> Self {
        let (updated_at, updated_by) = said.updated.unzip();
        Self { rules: views(said.rules), updated_at, updated_by }
    }
}

impl From<Own> for OwnPermissionsView {
    fn from(own: Own) -> Self {
        let verdict = |(kind, format, allow)| Rule { kind: Some(kind), format: Some(format), allow };
        Self {
            rules: views(own.rules),
            default_rules: views(own.everyone),
            effective: views(own.verdicts.into_iter().map(verdict)),
        }
    }
}

fn views(rules: impl IntoIterator<Item = Rule>) -> Vec<RuleView> {
    rules.into_iter().map(RuleView::from).collect()
}

impl FromFields for NewPermissionsView {
    /// What was read may be sent back changed: who said it when is passed over.
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let mut seen = HashMap::new();
        let most = (Kind::ALL.len() + 1) * (Format::ALL.len() + 1);
        let rules = body.objects("rules", 0..=most, |place, item| {
            let rule = rule(item)?;
            match seen.insert((rule.kind, rule.format), place) {
                None => Some(rule),
                Some(before) => item.fault_of_all(format!("is about the same as rule {before}")),
            }
        });
        body.pass_over("updatedAt");
        body.pass_over("updatedBy");
        Some(Self { rules: rules? })
    }
}

fn rule(item: &mut Fields<'_>) -> Option<Rule> {
    let kind = item.required("kind", fields::word(or_any(Kind::parse), &words(Kind::ALL.map(Kind::as_str))));
    let formats = words(Format::ALL.map(Format::as_str));
    let format = item.required("format", fields::word(or_any(Format::parse), &formats));
    let allow = item.required("allow", fields::flag);
    Some(Rule { kind: kind?, format: format?, allow: allow? })
}

fn or_any<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(&str) -> Option<Option<T>> {
    move |word| if word == ANY { Some(None) } else { parse(word).map(Some) }
}

fn words<const N: usize>(known: [&str; N]) -> String {
    known.into_iter().chain([ANY]).collect::<Vec<_>>().join(", ")
}

impl NewPermissionsView {
    /// What the audit is to know of it: each rule, as `allow project tar.zst` or `deny * zip`.
    pub fn told(&self, user: &UserId) -> Told {
        let rules = self.rules.iter().map(|rule| {
            let word = if rule.allow { "allow" } else { "deny" };
            let (kind, format) =
                (rule.kind.map_or(ANY, Kind::as_str), rule.format.map_or(ANY, Format::as_str));
            format!("{word} {kind} {format}")
        });
        let rules = rules.collect::<Vec<_>>().join(", ");
        Told::of("user", user.as_str()).with("rules", rules.as_str())
    }
}

impl From<NewPermissionsView> for Vec<Rule> {
    fn from(new: NewPermissionsView) -> Self {
        new.rules
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_read_can_be_sent_back() {
        let rules = vec![
            Rule { kind: Some(Kind::Project), format: None, allow: true },
            Rule { kind: None, format: Some(Format::TarGz), allow: false },
        ];
        let updated = Some((Timestamp::from_millis(0), "root".to_owned()));
        let view = PermissionsView::from(Said { rules: rules.clone(), revision: 1, updated });
        let json = serde_json::to_value(view).expect("JSON");
        assert_eq!(json["rules"][1], json!({"kind": "*", "format": "tar.gz", "allow": false}));
        assert_eq!(json["updatedBy"], "root");
        assert_eq!(Vec::from(fields::read::<NewPermissionsView>(json).expect("rules")), rules);
    }

    #[test]
    fn every_fault_of_every_rule_is_told_with_its_place() {
        let told = |body| {
            let faults = fields::read::<NewPermissionsView>(body).expect_err("faulty");
            faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let rule = json!({"kind": "project", "format": "zip", "allow": true});
        let body = json!({"rules": [
            {"kind": "videos", "format": "rar", "allow": "yes"}, {"allow": true, "because": 1}, rule, "rule", rule
        ], "user": "ada"});
        let pointers = [
            "/rules/0/kind",
            "/rules/0/format",
            "/rules/0/allow",
            "/rules/1/kind",
            "/rules/1/format",
            "/rules/1/because",
            "/rules/3",
            "/rules/4",
            "/user",
        ];
        assert_eq!(told(body), pointers);
        assert_eq!(told(json!({})), ["/rules"]);
        assert_eq!(told(json!({"rules": {}})), ["/rules"]);
        assert_eq!(told(json!({"rules": vec![rule; 200]})), ["/rules"]);
    }
}
