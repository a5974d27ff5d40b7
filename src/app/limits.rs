//! Users' limits: what they are, what is used of them, and who may change them.

use crate::bell::Bell;
use crate::clock::Clock;
use crate::db::{Charges, StoreError, UserLimits};
use crate::domain::{Allowance, Caller, Limit, Limits, PerPolicy, Policy, SetLimits, UserId};

use super::{DeskParts, LimitsConfig, SettingOrigin};

/// Why limits are neither told nor changed.
#[derive(Debug, thiserror::Error)]
pub enum LimitsError {
    /// They are others', or everyone's.
    #[error("only an admin may see or change the limits of others")]
    NotAllowed,
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What is set for a user, and what is in force for them.
#[derive(Debug, Clone)]
pub struct OfUser {
    /// Whose.
    pub user: UserId,
    /// What is set for them alone.
    pub set: SetLimits,
    /// What is in force for them.
    pub in_force: Limits,
}

/// A limit that is everyone's whose own is not another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimit {
    /// Which.
    pub policy: Policy,
    /// What it is now.
    pub limit: Limit,
    /// What it is when nobody changes it while the server runs.
    pub configured: Limit,
    /// Where that is written; `None` when what it is now was set while the server runs.
    pub origin: Option<SettingOrigin>,
}

/// Tells limits, and changes them while the server runs.
#[derive(Debug)]
pub struct LimitsDesk {
    set: UserLimits,
    charges: Charges,
    config: LimitsConfig,
    bell: Bell,
    clock: Clock,
}

impl LimitsDesk {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self {
            set: parts.database.user_limits(),
            charges: parts.database.charges(),
            config: parts.limits.clone(),
            bell: parts.bell.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// The caller's own limits, each with how much of it is used.
    ///
    /// # Errors
    /// [`LimitsError::Store`].
    pub async fn own(&self, caller: &Caller) -> Result<Vec<(Limit, Allowance)>, LimitsError> {
        let limits = self.set.in_force(&caller.user, &self.config.limits()).await?;
        let used = self.charges.used(&caller.user, &limits, self.clock.now()).await?;
        Ok(used.into_iter().map(|allowance| (limits[allowance.policy], allowance)).collect())
    }

    /// The limits of `user`, who need not have been heard of.
    ///
    /// # Errors
    /// [`LimitsError::NotAllowed`] to whoever is no admin.
    pub async fn of(&self, caller: &Caller, user: UserId) -> Result<OfUser, LimitsError> {
        admins_only(caller)?;
        let set = self.set.of(&user).await?;
        let everyone = self.config.limits().but(&self.set.of_everyone().await?);
        Ok(OfUser { user, set, in_force: everyone.but(&set) })
    }

    /// Sets `limits` for `user`, and nothing else. In force at once, on every server.
    ///
    /// # Errors
    /// As [`LimitsDesk::of`].
    pub async fn set(
        &self,
        caller: &Caller,
        user: UserId,
        limits: &SetLimits,
    ) -> Result<OfUser, LimitsError> {
        admins_only(caller)?;
        self.set.set(&user, limits).await?;
        // They may be allowed more jobs at a time now.
        self.bell.ring_for_work();
        tracing::info!(user.id = %user, by = caller.actor(), "limits of a user set");
        self.of(caller, user).await
    }

    /// The limits that are everyone's.
    ///
    /// # Errors
    /// [`LimitsError::NotAllowed`] to whoever is no admin.
    pub async fn everyone_s(&self, caller: &Caller) -> Result<Vec<ServerLimit>, LimitsError> {
        admins_only(caller)?;
        let (configured, set) = (self.config.limits(), self.set.of_everyone().await?);
        let of = |policy: Policy| ServerLimit {
            policy,
            limit: set[policy].unwrap_or(configured[policy]),
            configured: configured[policy],
            origin: set[policy].is_none().then_some(self.config.origins[policy]),
        };
        Ok(Policy::ALL.map(of).to_vec())
    }

    /// Changes limits that are everyone's: to a limit, or with `Some(None)` back to what is
    /// configured.
    ///
    /// # Errors
    /// As [`LimitsDesk::everyone_s`].
    pub async fn change(
        &self,
        caller: &Caller,
        changes: &PerPolicy<Option<Option<Limit>>>,
    ) -> Result<Vec<ServerLimit>, LimitsError> {
        admins_only(caller)?;
        self.set.change_for_everyone(changes).await?;
        self.bell.ring_for_work();
        tracing::info!(by = caller.actor(), "limits of everyone changed");
        self.everyone_s(caller).await
    }
}

fn admins_only(caller: &Caller) -> Result<(), LimitsError> {
    if caller.is_admin() { Ok(()) } else { Err(LimitsError::NotAllowed) }
}
