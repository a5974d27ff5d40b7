//! An entry as it was written down, and its hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::{Sha256, Timestamp};

use super::{AuditEntry, Detail, Subject};

/// The hash before the first record of all.
pub const FIRST_HASH: Sha256 = Sha256([0; 32]);

/// Where the chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last record; 0 when there was none yet.
    pub seq: u64,
    /// Its hash.
    pub hash: Sha256,
}

impl Head {
    /// Of a chain without records.
    pub const NONE: Self = Self { seq: 0, hash: FIRST_HASH };
}

/// An entry that was written down. Its texts are those of the row, right or wrong: a row that was
/// changed has to be read before it can be told that it was.
///
/// Its JSON is its line in JSON Lines. Its hash is the SHA-256 of that line without its member
/// `hash`, in the canonical form of RFC 8785 (which for these members is: sorted by name, without
/// spaces, UTF-8). `prevHash` is a member like others, so that each record vouches for all before
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
// In the order of their names, as the canonical form has them.
pub struct AuditRecord {
    /// [`super::Action`]'s word.
    pub action: String,
    /// Who really acted.
    pub actor: Option<String>,
    /// Where they were.
    pub address: Option<String>,
    /// The `User-Agent`.
    pub agent: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// The problem's code.
    pub code: Option<String>,
    /// Names the request.
    pub correlation_id: Option<String>,
    /// What else is to be known.
    pub detail: Detail,
    /// Of everything else.
    #[serde(skip_serializing_if = "is_left_out")]
    pub hash: Sha256,
    /// The id of the key, the API token or the link.
    pub key: Option<String>,
    /// [`super::Outcome`]'s word.
    pub outcome: String,
    /// The hash of the record before it.
    pub prev_hash: Sha256,
    /// Its number.
    pub seq: u64,
    /// The status of the answer.
    pub status: Option<u16>,
    /// What it was done to.
    pub subject: Option<Subject>,
    /// In whose name.
    pub user: Option<String>,
    /// What proved it.
    pub way: Option<String>,
}

/// No record has this hash; it stands for none while one is being made.
const LEFT_OUT: Sha256 = Sha256([0; 32]);

fn is_left_out(hash: &Sha256) -> bool {
    *hash == LEFT_OUT
}

impl AuditRecord {
    /// `entry` as the one after `head`.
    pub fn after(head: Head, entry: &AuditEntry) -> Self {
        let by = &entry.by;
        let mut record = Self {
            action: entry.action.as_str().to_owned(),
            actor: by.actor.clone(),
            address: by.address.map(|address| address.to_string()),
            agent: by.agent.clone(),
            at: entry.at,
            code: entry.code.clone(),
            correlation_id: by.correlation_id.clone(),
            detail: entry.detail.clone(),
            hash: LEFT_OUT,
            key: by.key.clone(),
            outcome: entry.outcome.as_str().to_owned(),
            prev_hash: head.hash,
            seq: head.seq + 1,
            status: entry.status,
            subject: entry.subject.clone(),
            user: by.user.as_ref().map(ToString::to_string),
            way: by.way.map(ToOwned::to_owned),
        };
        record.hash = record.digest();
        record
    }

    /// Where the chain ends if this is its last.
    pub const fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// What its hash has to be, from all that it says.
    pub fn digest(&self) -> Sha256 {
        Sha256(Hasher::digest(Self { hash: LEFT_OUT, ..self.clone() }.canonical()).into())
    }

    /// What its hash would have to be, had it the number `seq`.
    pub fn digest_as(&self, seq: u64) -> Sha256 {
        Self { seq, ..self.clone() }.digest()
    }

    /// Whether it says what it said when it was written down.
    pub fn is_as_written(&self) -> bool {
        self.hash == self.digest()
    }

    /// serde writes members in the order in which they are declared, maps of this kind in that of
    /// their names, and texts and whole numbers as RFC 8785 does.
    fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, numbers and flags are JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{Action, Author};

    pub fn record() -> AuditRecord {
        let by = Author {
            actor: Some("root".to_owned()),
            user: Some("Müller & \"Söhne\"".parse().expect("a user")),
            address: Some("2001:db8::1".parse().expect("an address")),
            ..Author::default()
        };
        let at = Timestamp::from_millis(1_763_683_200_007);
        let entry = AuditEntry::done(at, by, Action::ExportRequested).to("export", "7");
        let entry = entry.with("z", true).with("a/\u{7f}\\", "x\u{2028}").with("bytes", u64::MAX);
        AuditRecord::after(Head { seq: 41, hash: Sha256([7; 32]) }, &entry)
    }

    /// Nobody may change this: every chain out there hangs on it.
    #[test]
    fn the_canonical_form_is_this_and_no_other() {
        let mut record = record();
        let told = record.hash;
        record.hash = LEFT_OUT;
        let seven = "07".repeat(32);
        let expected = format!(
            "{{\"action\":\"export.requested\",\"actor\":\"root\",\"address\":\"2001:db8::1\",\"agent\":null,\
             \"at\":\"2025-11-21T00:00:00.007Z\",\"code\":null,\"correlationId\":null,\
             \"detail\":{{\"a/\u{7f}\\\\\":\"x\u{2028}\",\"bytes\":9007199254740991,\"z\":true}},\
             \"key\":null,\"outcome\":\"done\",\"prevHash\":\"{seven}\",\"seq\":42,\"status\":null,\
             \"subject\":{{\"id\":\"7\",\"kind\":\"export\"}},\"user\":\"Müller & \\\"Söhne\\\"\",\"way\":null}}"
        );
        assert_eq!(String::from_utf8(record.canonical()).expect("text"), expected);
        assert_eq!(told, Sha256(Hasher::digest(expected).into()));
    }

    #[test]
    fn a_line_is_read_back_and_every_member_counts() {
        let record = record();
        assert!(record.is_as_written());
        let line = serde_json::to_value(&record).expect("JSON");
        assert_eq!(serde_json::from_value::<AuditRecord>(line.clone()).expect("a record"), record);
        let members: Vec<_> = line.as_object().expect("an object").keys().cloned().collect();
        for name in members.iter().filter(|name| *name != "hash") {
            let mut changed = line.clone();
            changed[name] = match name.as_str() {
                "seq" | "status" => 43.into(),
                "at" => "2025-11-21T00:00:00.008Z".into(),
                "prevHash" => "08".repeat(32).into(),
                "detail" => serde_json::json!({}),
                "subject" => serde_json::Value::Null,
                _ => "x".into(),
            };
            let changed: AuditRecord = serde_json::from_value(changed).expect("a record");
            assert!(!changed.is_as_written(), "{name} was changed");
        }
    }
}
