//! What somebody did, as it is told before it is written down.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::domain::{Caller, Proof, Receiver, Timestamp, UserId};

use super::Action;

/// Bytes of any text in an entry; what is longer is cut off.
pub const LONGEST_TEXT: usize = 256;
/// Whole numbers up to here are the same in every JSON reader (RFC 7493 §2.2).
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// They may not.
    Refused,
    /// It could not be done.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// As rows and metrics have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// Who did something, from where, and by which request. No secret, and no path of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// Who really acted: a user, or a key as `key:ID`; `None` when nobody proved anything.
    pub actor: Option<String>,
    /// In whose name.
    pub user: Option<UserId>,
    /// What proved it: `jwt`, `signature`, `api_token`, `session`, `link`; or `server`.
    pub way: Option<&'static str>,
    /// The id of the key, the API token or the link.
    pub key: Option<String>,
    /// Where they were, past proxies that are believed.
    pub address: Option<IpAddr>,
    /// Names the request in the log and in answers.
    pub correlation_id: Option<String>,
    /// The `User-Agent`.
    pub agent: Option<String>,
}

impl Author {
    /// exportd itself.
    pub fn server() -> Self {
        Self { way: Some("server"), ..Self::default() }
    }

    /// The same, known to be `caller`.
    #[must_use]
    pub fn known_as(self, caller: &Caller) -> Self {
        let key = match &caller.proof {
            Proof::Signature { key } => Some(key),
            Proof::ApiToken { id } => Some(id),
            Proof::Jwt | Proof::Session { .. } => None,
        };
        Self {
            actor: Some(bounded(caller.actor())),
            user: Some(caller.user.clone()),
            way: Some(caller.proof.way()),
            key: key.map(|key| bounded(key)),
            ..self
        }
    }

    /// Whoever receives bytes of a package, as far as that alone tells: by a link it is nobody whose
    /// name is known, only whose package it is.
    pub fn receiving(to: &Receiver) -> Self {
        let by_link = to.link.map(|link| link.to_string());
        Self {
            actor: by_link.is_none().then(|| to.user.to_string()),
            user: Some(to.user.clone()),
            way: by_link.is_some().then_some("link"),
            key: by_link,
            address: Some(to.address),
            correlation_id: None,
            agent: to.agent.as_deref().map(bounded),
        }
    }
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// In the order of their names, as the canonical form of a record has them.
pub struct Subject {
    /// Which.
    pub id: String,
    /// `export`, `link`, `token`, `user`, `project`, `version`…
    pub kind: String,
}

impl Subject {
    /// The `id` of this kind.
    pub fn new(kind: &str, id: &str) -> Self {
        Self { id: bounded(id), kind: bounded(kind) }
    }
}

/// One thing more that is to be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Whether.
    Flag(bool),
    /// How many; below 2^53, so that every reader reads the same.
    Number(u64),
    /// What.
    Text(String),
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(bounded(text))
    }
}

impl From<u64> for Fact {
    fn from(number: u64) -> Self {
        Self::Number(number.min(LARGEST_EXACT))
    }
}

impl From<bool> for Fact {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// What else is to be known, by name.
pub type Detail = BTreeMap<String, Fact>;

/// What somebody did, wanted to do, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it ended.
    pub at: Timestamp,
    /// Who did it.
    pub by: Author,
    /// What they did.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The problem's code, if it was one.
    pub code: Option<String>,
    /// What they did it to.
    pub subject: Option<Subject>,
    /// What else is to be known.
    pub detail: Detail,
}

impl AuditEntry {
    /// What `by` did at that instant.
    pub fn done(at: Timestamp, by: Author, action: Action) -> Self {
        Self {
            at,
            by,
            action,
            outcome: Outcome::Done,
            status: None,
            code: None,
            subject: None,
            detail: Detail::new(),
        }
    }

    /// The same, done to that one.
    #[must_use]
    pub fn to(mut self, kind: &str, id: &str) -> Self {
        self.subject = Some(Subject::new(kind, id));
        self
    }

    /// The same with a fact more.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Fact>) -> Self {
        self.detail.insert(name.to_owned(), fact.into());
        self
    }
}

/// `text` without control characters, which neither a database nor a terminal should get, and no
/// longer than [`LONGEST_TEXT`].
pub fn bounded(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(LONGEST_TEXT));
    for c in text.chars().filter(|c| !c.is_control()) {
        if kept.len() + c.len_utf8() > LONGEST_TEXT {
            break;
        }
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LinkId, Role};

    #[test]
    fn a_text_is_cut_between_characters_and_loses_what_a_terminal_would_obey() {
        assert_eq!(bounded("a\0b\u{1b}[2Jc\r\n"), "ab[2Jc");
        let long = bounded(&"é".repeat(LONGEST_TEXT));
        assert_eq!((long.len(), long.chars().count()), (LONGEST_TEXT, LONGEST_TEXT / 2));
    }

    #[test]
    fn whoever_acts_for_another_is_told_beside_them() {
        let user: UserId = "ada".parse().expect("a user");
        let mut caller = Caller::new(user.clone(), Role::User);
        assert_eq!(Author::default().known_as(&caller).actor.as_deref(), Some("ada"));
        caller.acting = Some("root".to_owned());
        caller.proof = Proof::ApiToken { id: "t7".to_owned() };
        let author = Author::default().known_as(&caller);
        assert_eq!((author.actor.as_deref(), author.user), (Some("root"), Some(user)));
        assert_eq!((author.way, author.key.as_deref()), (Some("api_token"), Some("t7")));
    }

    #[test]
    fn whoever_comes_by_a_link_is_not_taken_for_its_maker() {
        let (user, link): (UserId, _) = ("ada".parse().expect("a user"), LinkId::new());
        let to = Receiver { user, link: Some(link), address: [127, 0, 0, 1].into(), agent: None };
        let author = Author::receiving(&to);
        assert_eq!((author.actor, author.way), (None, Some("link")));
        assert_eq!(author.key, Some(link.to_string()));
    }
}
