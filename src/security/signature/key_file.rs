//! `auth.signing_keys_file`: the keys of machines, as whoever runs the server writes them.
//!
//! ```toml
//! [[key]]
//! id = "ci-2026"                 # the keyid that requests name
//! secret_file = "ci-2026.key"    # or secret = "…", 32 bytes or more
//! user = "ci"
//! role = "user"                  # or "admin"
//! scope = "exports:write"        # or "exports:read", "admin"; as far as the role goes when left out
//! may_act_for = ["ana", "bob"]   # or ["*"]; nobody when left out
//! ```

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use sha2::{Digest, Sha256 as Hasher};
use toml::de::{DeTable, DeValue};

use crate::domain::{Role, Scope, Sha256, UserId};

use super::keys::{ActsFor, MachineKey, MachineKeys};

/// RFC 2104 §3: less than the hash's size would weaken it.
const SHORTEST_SECRET: usize = 32;
/// The longest name of a key, in bytes; it becomes part of rows.
const LONGEST_ID: usize = 64;
const MEMBERS: [&str; 7] = ["id", "secret", "secret_file", "user", "role", "scope", "may_act_for"];

/// What is wrong with a file of keys: everything at once, each with its line, without a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFileError {
    path: PathBuf,
    faults: Vec<String>,
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "auth.signing_keys_file {}: {}", self.path.display(), self.faults.join("; "))
    }
}

impl std::error::Error for KeyFileError {}

/// The keys in the file `path`, and a digest of all that they were read from.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(path: &Path) -> Result<(MachineKeys, Sha256), KeyFileError> {
    let error = |faults| KeyFileError { path: path.to_owned(), faults };
    let text = std::fs::read_to_string(path).map_err(|why| error(vec![format!("cannot be read: {why}")]))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut reading =
        Reading { text: &text, folder, faults: Vec::new(), read: Hasher::new_with_prefix(&text) };
    let keys = reading.file();
    if !reading.faults.is_empty() {
        return Err(error(reading.faults));
    }
    Ok((keys, Sha256(reading.read.finalize().into())))
}

struct Reading<'a> {
    text: &'a str,
    folder: &'a Path,
    faults: Vec<String>,
    read: Hasher,
}

impl<'a> Reading<'a> {
    fn file(&mut self) -> MachineKeys {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            // The error's own display would repeat the line, which may hold a secret.
            self.fault(error.span().unwrap_or_default().start, error.message());
        }
        let mut keys = HashMap::new();
        for (name, value) in table.get_ref() {
            match value.get_ref() {
                DeValue::Array(entries) if name.get_ref() == "key" => {
                    for entry in entries {
                        match entry.get_ref() {
                            DeValue::Table(table) => self.entry(entry.span().start, table, &mut keys),
                            _ => self.fault(entry.span().start, "write keys as [[key]]"),
                        }
                    }
                }
                _ => self.fault(name.span().start, "there is nothing but [[key]] here"),
            }
        }
        if keys.is_empty() && self.faults.is_empty() {
            self.fault(0, "there is no [[key]]");
        }
        keys
    }

    fn entry(&mut self, at: usize, table: &DeTable<'a>, keys: &mut MachineKeys) {
        for name in table.keys().filter(|name| !MEMBERS.contains(&name.get_ref().as_ref())) {
            let message = format!("a key has no `{}`; it has {}", name.get_ref(), MEMBERS.join(", "));
            self.fault(name.span().start, &message);
        }
        let id = self.id(at, table);
        let secret = self.secret(at, table);
        let user = self.user(at, table);
        let role = self.word(table, "role", &[("user", Role::User), ("admin", Role::Admin)]);
        let scopes =
            [("exports:read", Scope::Read), ("exports:write", Scope::Write), ("admin", Scope::Admin)];
        let scope = self.word(table, "scope", &scopes);
        let acts_for = self.acts_for(table);
        let (Some(id), Some(secret), Some(user)) = (id, secret, user) else { return };
        let (role, scope) = (role.unwrap_or(Role::User), scope.unwrap_or(Scope::Admin));
        let key = MachineKey { id: id.clone(), secret, user, role, scope, acts_for };
        if keys.insert(id, key).is_some() {
            self.fault(at, "its id is another key's, too");
        }
    }

    fn id(&mut self, at: usize, table: &DeTable<'a>) -> Option<String> {
        let id = self.needed(at, table, "id")?;
        let is_id = (1..=LONGEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if !is_id {
            self.fault(at, &format!("`id` is 1 to {LONGEST_ID} letters, digits and `._-`"));
        }
        is_id.then_some(id)
    }

    fn user(&mut self, at: usize, table: &DeTable<'a>) -> Option<UserId> {
        let user = self.needed(at, table, "user")?.parse();
        user.map_err(|error| self.fault(at, &format!("`user`: {error}"))).ok()
    }

    fn secret(&mut self, at: usize, table: &DeTable<'a>) -> Option<hmac::Key> {
        let secret = match (table.contains_key("secret"), self.text_of(table, "secret_file")) {
            (true, Some(_)) => {
                self.fault(at, "`secret` and `secret_file` are both set; write one of the two");
                return None;
            }
            (false, Some(file)) => self.content(at, &file)?,
            (_, None) => self.needed(at, table, "secret")?,
        };
        if secret.len() < SHORTEST_SECRET {
            let bytes = secret.len();
            self.fault(at, &format!("the secret has {bytes} bytes; write at least {SHORTEST_SECRET}"));
            return None;
        }
        Some(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// A secret's own file, without the line ends that editors leave at its end.
    fn content(&mut self, at: usize, file: &str) -> Option<String> {
        match std::fs::read_to_string(self.folder.join(file)) {
            Ok(text) => {
                self.read.update(&text);
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            Err(why) => {
                self.fault(at, &format!("`secret_file` {file} cannot be read: {why}"));
                None
            }
        }
    }

    fn acts_for(&mut self, table: &DeTable<'a>) -> ActsFor {
        let Some(value) = table.get("may_act_for") else { return ActsFor::These([].into()) };
        let at = value.span().start;
        let names: Option<Vec<&str>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| item.get_ref().as_str()).collect(),
            _ => None,
        };
        let Some(names) = names else {
            self.fault(at, "`may_act_for` is a list of users");
            return ActsFor::These([].into());
        };
        if names == ["*"] {
            return ActsFor::Anyone;
        }
        let users = names.into_iter().map(str::parse).collect::<Result<_, _>>();
        ActsFor::These(users.unwrap_or_else(|error| {
            self.fault(at, &format!("`may_act_for`: {error}"));
            [].into()
        }))
    }

    fn word<T: Copy>(&mut self, table: &DeTable<'a>, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text_of(table, name)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let at = table.get(name).map_or(0, |value| value.span().start);
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.fault(at, &format!("`{name}` is not {}", known.join(" or ")));
        }
        found
    }

    fn needed(&mut self, at: usize, table: &DeTable<'a>, name: &str) -> Option<String> {
        if !table.contains_key(name) {
            self.fault(at, &format!("a key has to have `{name}`"));
        }
        self.text_of(table, name)
    }

    fn text_of(&mut self, table: &DeTable<'a>, name: &str) -> Option<String> {
        let value = table.get(name)?;
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(value.span().start, &format!("`{name}` is not a text"));
        }
        text
    }

    fn fault(&mut self, at: usize, message: &str) {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        self.faults.push(format!("line {line}: {message}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<MachineKeys, Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("own.key"), format!("{}\r\n", "s".repeat(32))).expect("a file");
        let path = folder.path().join("keys.toml");
        std::fs::write(&path, text).expect("a file");
        read(&path).map(|(keys, _)| keys).map_err(|error| error.faults)
    }

    #[test]
    fn keys_are_read_with_all_they_may_do() {
        let secret = "x".repeat(32);
        let keys = of(&format!(
            "[[key]]\nid = \"a\"\nsecret = \"{secret}\"\nuser = \"ci\"\n\
             [[key]]\nid = \"b.2\"\nsecret_file = \"own.key\"\nuser = \"ci\"\nrole = \"admin\"\n\
             scope = \"exports:read\"\nmay_act_for = [\"ana\", \"bob\"]\n\
             [[key]]\nid = \"c\"\nsecret = \"{secret}\"\nuser = \"root\"\nmay_act_for = [\"*\"]\n"
        ))
        .expect("keys");
        let (a, b, c) = (&keys["a"], &keys["b.2"], &keys["c"]);
        assert_eq!((a.role, a.scope, &a.acts_for), (Role::User, Scope::Admin, &ActsFor::These([].into())));
        assert_eq!((b.role, b.scope, b.user.as_str()), (Role::Admin, Scope::Read, "ci"));
        assert!(
            c.acts_for == ActsFor::Anyone && matches!(&b.acts_for, ActsFor::These(two) if two.len() == 2)
        );
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[b's'; 32]), b"x");
        assert!(b.has_signed(b"x", signature.as_ref()) && !a.has_signed(b"x", signature.as_ref()));
        assert!(!format!("{keys:?}").contains(&secret));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_no_secret_with_it() {
        let faults = of("[[key]]\nid = \"a b\"\nsecret = \"hunter2\"\nuser = \"a/b\"\nrole = \"root\"\n\
             [[key]]\nsecret = 5\nusr = \"x\"\nmay_act_for = \"*\"\n\
             [[key]]\nid = \"c\"\nuser = \"c\"\nsecret_file = \"gone\"\nscope = \"all\"\n\
             [[key]]\nid = \"d\"\nuser = \"d\"\nsecret_file = \"own.key\"\n\
             [[key]]\nid = \"d\"\nuser = \"d\"\nsecret_file = \"own.key\"\n\
             [[key]]\nid = \"e\"\nuser = \"d\"\nsecret_file = \"own.key\"\nsecret = \"x\"\n[other]\n")
        .expect_err("faults");
        for part in [
            "line 1: `id` is 1 to 64",
            "line 1: the secret has 7 bytes",
            "line 1: `user`: must be 1 to 128",
            "line 5: `role` is not user or admin",
            "line 8: a key has no `usr`",
            "line 6: a key has to have `id`",
            "line 7: `secret` is not a text",
            "line 6: a key has to have `user`",
            "line 9: `may_act_for` is a list",
            "line 10: `secret_file` gone cannot be read",
            "line 14: `scope` is not exports:read or",
            "line 19: its id is another key's",
            "line 23: `secret` and `secret_file` are both",
            "line 28: there is nothing but [[key]]",
        ] {
            assert!(faults.iter().any(|fault| fault.starts_with(part)), "{part} in {faults:#?}");
        }
        assert_eq!(faults.len(), 14, "{faults:#?}");
        assert!(!faults.concat().contains("hunter2"));
        for (text, told) in [
            ("", "line 1: there is no [[key]]"),
            ("[[key]]\nid = \"hunter2", "line 2: "),
            ("key = 5", "line 1: there is nothing but"),
            ("key = [\"hunter2\"]", "line 1: write keys as"),
        ] {
            let faults = of(text).expect_err(text);
            assert!(faults[0].starts_with(told) && !faults.concat().contains("hunter2"), "{faults:?}");
        }
    }
}
