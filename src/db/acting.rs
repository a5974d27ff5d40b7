//! For whom rows are read and written, and who does it.
//!
//! A caller who is no admin reads and writes in transactions that PostgreSQL was told act for that
//! user: its row security then lets through nothing of anybody else, whatever a statement forgot
//! to ask. SQLite has nothing like it; there the statements' own conditions are all there is.

use crate::domain::{Caller, UserId};

/// For whom rows are read and written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acting {
    user: Option<UserId>,
    actor: Option<String>,
}

impl Acting {
    /// In the name of `caller`: for that user alone, or, for an admin, for the house.
    pub fn of(caller: &Caller) -> Self {
        let user = (!caller.is_admin()).then(|| caller.user.clone());
        Self { user, actor: Some(caller.actor().to_owned()) }
    }

    /// For the user `owner` alone, whoever does it.
    pub fn for_owner(owner: &UserId) -> Self {
        Self { user: Some(owner.clone()), actor: None }
    }

    /// The only user whose rows there are, unless it is the house that acts.
    pub fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// What the log of something of `owner`'s adds when another did it: ` by root for ada`.
    pub(super) fn by(&self, owner: &str) -> String {
        match &self.actor {
            Some(actor) if actor != owner => format!(" by {actor} for {owner}"),
            _ => String::new(),
        }
    }

    /// Who acts, when that may be another than the owner.
    pub(super) fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// What tells PostgreSQL, before the first query of a transaction, for whom it acts.
    pub(super) fn told(&self) -> Option<String> {
        // A setting's value cannot be bound. Ids have no backslash and no control character.
        let quoted = self.user.as_ref()?.as_str().replace('\'', "''");
        Some(format!("SET TRANSACTION DEFERRABLE; SET LOCAL exportd.\"user\" = '{quoted}'"))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;

    use super::*;

    fn caller(name: &str, role: Role) -> Caller {
        Caller::new(name.parse().expect("a user id"), role)
    }

    #[test]
    fn a_user_s_name_stays_a_name_whatever_is_in_it() {
        let named = Acting::of(&caller("o'ne'; RESET exportd.user; --", Role::User));
        let told = named.told().expect("it is told");
        assert!(told.ends_with("exportd.\"user\" = 'o''ne''; RESET exportd.user; --'"), "{told}");
        assert_eq!(Acting::of(&caller("root", Role::Admin)).told(), None, "the house");
    }

    #[test]
    fn both_names_are_told_when_one_acts_for_the_other() {
        let root = Acting::of(&caller("root", Role::Admin));
        assert_eq!((root.by("ada").as_str(), root.by("root").as_str()), (" by root for ada", ""));
        let ada = caller("ada", Role::User);
        assert_eq!(Acting::of(&ada).by("ada"), "");
        let by_key = Caller { acting: Some("key:ci".to_owned()), ..ada };
        assert_eq!(Acting::of(&by_key).by("ada"), " by key:ci for ada");
        assert_eq!(Acting::default().by("ada"), "", "the engine is nobody");
    }
}
