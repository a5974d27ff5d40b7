//! What users may ask for: said by admins, judged in one place.

use crate::clock::Clock;
use crate::db::{self, PermissionsRow, StoreError};
use crate::domain::{Caller, Format, Kind, Rule, Timestamp, UserId, may_ask};

/// Why permissions are not told or changed.
#[derive(Debug, thiserror::Error)]
pub enum PermissionError {
    /// The caller is no admin.
    #[error("only an admin may see or change what others may export")]
    NotAnAdmin,
    /// They are not those any more that the caller has seen.
    #[error("these permissions were changed since; read them again")]
    Changed,
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What was said of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What they may ask for.
    pub rules: Vec<Rule>,
    /// Grows with every change; 0 when nothing was ever said.
    pub revision: u64,
    /// When and by whom it was said, if it was.
    pub updated: Option<(Timestamp, String)>,
}

/// What counts for a caller.
#[derive(Debug, Clone)]
pub struct Own {
    /// What was said of them.
    pub rules: Vec<Rule>,
    /// What was said of everyone.
    pub everyone: Vec<Rule>,
    /// What that comes to, for every kind and its formats.
    pub verdicts: Vec<(Kind, Format, bool)>,
}

/// Knows what users may ask for.
#[derive(Debug)]
pub struct Permissions {
    rows: db::Permissions,
    clock: Clock,
}

impl Permissions {
    pub(super) const fn new(rows: db::Permissions, clock: Clock) -> Self {
        Self { rows, clock }
    }

    /// What was said of `user`; of everyone, when that is `*`.
    ///
    /// # Errors
    /// [`PermissionError::NotAnAdmin`].
    pub async fn show(&self, caller: &Caller, user: &UserId) -> Result<Said, PermissionError> {
        admin(caller)?;
        let (own, _) = self.rows.of(user).await?;
        Ok(own.into())
    }

    /// Says `rules` of `user`, instead of all that was said before. They count from the next
    /// request on, on every node; packages that are there stay. When `seen` is given, nothing is
    /// changed if that is not their revision any more.
    ///
    /// # Errors
    /// [`PermissionError::NotAnAdmin`], [`PermissionError::Changed`].
    pub async fn put(
        &self,
        caller: &Caller,
        user: &UserId,
        rules: Vec<Rule>,
        seen: Option<u64>,
    ) -> Result<Said, PermissionError> {
        admin(caller)?;
        let (now, by) = (self.clock.now(), caller.actor());
        let revision = self.rows.put(user, &rules, seen, by, now).await?.ok_or(PermissionError::Changed)?;
        tracing::info!(user = %user, by, rules = rules.len(), "permissions changed");
        Ok(Said { rules, revision, updated: Some((now, by.to_owned())) })
    }

    /// What counts for the caller.
    ///
    /// # Errors
    /// [`PermissionError::Store`].
    pub async fn own(&self, caller: &Caller) -> Result<Own, PermissionError> {
        let (own, everyone) = self.rows.of(&caller.user).await?;
        let (rules, everyone) = (own.rules, everyone.rules);
        let every = Kind::ALL.into_iter().flat_map(|kind| kind.formats().iter().map(move |&f| (kind, f)));
        let may = |kind, format| is_free(caller) || may_ask(&rules, &everyone, kind, format);
        let verdicts = every.map(|(kind, format)| (kind, format, may(kind, format))).collect();
        Ok(Own { rules, everyone, verdicts })
    }

    /// Whether `caller` may ask for exports of `kind` in `format`.
    pub(super) async fn allow(
        &self,
        caller: &Caller,
        kind: Kind,
        format: Format,
    ) -> Result<bool, StoreError> {
        if is_free(caller) {
            return Ok(true);
        }
        let (own, everyone) = self.rows.of(&caller.user).await?;
        Ok(may_ask(&own.rules, &everyone.rules, kind, format))
    }
}

/// An admin who acts in their own name. Whoever acts for another may ask for what that one may.
fn is_free(caller: &Caller) -> bool {
    caller.is_admin() && caller.actor() == caller.user.as_str()
}

fn admin(caller: &Caller) -> Result<(), PermissionError> {
    if caller.is_admin() { Ok(()) } else { Err(PermissionError::NotAnAdmin) }
}

impl From<PermissionsRow> for Said {
    fn from(row: PermissionsRow) -> Self {
        Self { rules: row.rules, revision: row.revision, updated: row.updated }
    }
}
