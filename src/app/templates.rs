//! Report templates: those that come with the server, one's own, and those that admins share.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::datasets::DataSets;
use crate::db::{self, MOST_TEMPLATES, StoreError, Written};
use crate::domain::{Caller, StoredTemplate, TemplateId, TemplateKey, Timestamp, UserId};
use crate::reports::{LONGEST_TEMPLATE, Report, Shipped, Template, TemplateFault};

use super::DeskParts;

/// Why a template is not told, made, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is none, or none for this caller.
    #[error("there is no template {0}")]
    Unknown(TemplateKey),
    /// It is shared, and somebody else's.
    #[error("this template is shared by somebody else: only they and admins change it")]
    Foreign,
    /// It comes with the server.
    #[error("template {0} comes with the server and stays as it is; make one of your own from it")]
    Shipped(String),
    /// Only admins share.
    #[error("only an admin shares templates with everyone")]
    NotShareable,
    /// The name is in use.
    #[error(
        "there is another template called {0}, of the same owner or shared with everyone; choose another name"
    )]
    Taken(String),
    /// A template that comes with the server has this name.
    #[error("a template that comes with the server is called {0}; choose another name")]
    Reserved(String),
    /// The owner has too many.
    #[error("a user has at most {MOST_TEMPLATES} templates; delete one first")]
    TooMany,
    /// It is not right.
    #[error("the template is not right")]
    Faulty(Vec<TemplateFault>),
    /// It is not the one any more that the caller has seen.
    #[error("this template was changed since; read it again")]
    Changed,
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A template, as whoever may use it sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// By which it is found.
    pub key: TemplateKey,
    /// Tells this state of it from every other.
    pub version: u64,
    /// What it says: JSON that is right.
    pub body: Value,
    /// Who made it, unless it comes with the server.
    pub made: Option<Made>,
}

/// Who made a template, and what became of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Whose it is.
    pub owner: UserId,
    /// Whether everyone may use it.
    pub shared: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Who did that.
    pub updated_by: String,
}

/// A template that somebody wants to have.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// What it is to say, as it was sent.
    pub body: Value,
    /// Whether everyone is to be able to use it.
    pub shared: bool,
}

/// Makes, shows, changes and deletes templates.
#[derive(Debug)]
pub struct Templates {
    rows: db::Templates,
    datasets: DataSets,
    clock: Clock,
}

impl Templates {
    pub(super) fn new(parts: &DeskParts) -> Self {
        let (rows, datasets) = (parts.database.templates(), parts.datasets.clone());
        Self { rows, datasets, clock: parts.clock.clone() }
    }

    /// Up to `limit` templates that the caller may use, from after `after` on, and whether that was
    /// all: those that come with the server, then their own and those that are shared, oldest first.
    ///
    /// # Errors
    /// [`TemplateError::Store`].
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<&TemplateKey>,
        limit: usize,
    ) -> Result<(Vec<Stored>, bool), TemplateError> {
        let shipped = Shipped::all();
        let (begin, after) = match after {
            None => (0, None),
            Some(TemplateKey::Name(name)) => (
                shipped.iter().position(|one| one.name() == name).map_or(shipped.len(), |place| place + 1),
                None,
            ),
            Some(TemplateKey::Id(id)) => (shipped.len(), Some(*id)),
        };
        let mut all: Vec<Stored> = shipped[begin..].iter().take(limit + 1).map(Stored::from).collect();
        let left = (limit + 1 - all.len()) as u64;
        let rows = self.rows.acting_for(caller).list(&caller.user, after, left).await?;
        all.extend(rows.into_iter().map(Stored::from));
        let was_all = all.len() <= limit;
        all.truncate(limit);
        Ok((all, was_all))
    }

    /// The template that the caller means by `key`: of a name, their own before one that is shared.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, caller: &Caller, key: &TemplateKey) -> Result<Option<Stored>, StoreError> {
        if let TemplateKey::Name(name) = key
            && let Some(shipped) = Shipped::named(name)
        {
            return Ok(Some(shipped.into()));
        }
        Ok(self.row(caller, key).await?.map(Stored::from))
    }

    /// The same for callers who must be told when there is none.
    ///
    /// # Errors
    /// [`TemplateError::Unknown`].
    pub async fn show(&self, caller: &Caller, key: &TemplateKey) -> Result<Stored, TemplateError> {
        self.find(caller, key).await?.ok_or_else(|| TemplateError::Unknown(key.clone()))
    }

    /// Makes a template of the caller's.
    ///
    /// # Errors
    /// [`TemplateError::Faulty`], [`TemplateError::Taken`], [`TemplateError::Reserved`],
    /// [`TemplateError::NotShareable`], [`TemplateError::TooMany`].
    pub async fn make(&self, caller: &Caller, new: NewTemplate) -> Result<Stored, TemplateError> {
        let name = self.judged(caller, &new)?;
        let now = self.clock.now();
        let template = StoredTemplate {
            id: TemplateId::new(),
            owner: caller.user.clone(),
            name,
            shared: new.shared,
            body: new.body,
            revision: 1,
            created_at: now,
            updated_at: now,
            updated_by: caller.actor().to_owned(),
        };
        let written = self.rows.acting_for(caller).make(&template).await?;
        written_down(template, written)
    }

    /// Writes a template anew. When `seen` is given, nothing is changed if that is not its version any
    /// more. Exports that were asked for with it keep what it said then.
    ///
    /// # Errors
    /// As of [`Templates::make`]; [`TemplateError::Unknown`], [`TemplateError::Shipped`],
    /// [`TemplateError::Foreign`], [`TemplateError::Changed`].
    pub async fn replace(
        &self,
        caller: &Caller,
        key: &TemplateKey,
        new: NewTemplate,
        seen: Option<u64>,
    ) -> Result<Stored, TemplateError> {
        let before = self.changeable(caller, key).await?;
        let name = self.judged(caller, &new)?;
        let seen = seen.unwrap_or(before.revision);
        let (updated_at, updated_by) = (self.clock.now(), caller.actor().to_owned());
        let template =
            StoredTemplate { name, shared: new.shared, body: new.body, updated_at, updated_by, ..before };
        let written = self.rows.acting_for(caller).replace(&template, seen).await?;
        written_down(template, written)
    }

    /// Deletes a template. Exports that were asked for with it keep what it said.
    ///
    /// # Errors
    /// [`TemplateError::Unknown`], [`TemplateError::Shipped`], [`TemplateError::Foreign`].
    pub async fn delete(&self, caller: &Caller, key: &TemplateKey) -> Result<(), TemplateError> {
        let template = self.changeable(caller, key).await?;
        self.rows.acting_for(caller).delete(template.id).await?;
        Ok(())
    }

    /// The template that the caller means by `key`, if they may change it.
    async fn changeable(&self, caller: &Caller, key: &TemplateKey) -> Result<StoredTemplate, TemplateError> {
        if let TemplateKey::Name(name) = key
            && Shipped::named(name).is_some()
        {
            return Err(TemplateError::Shipped(name.clone()));
        }
        let found = self.row(caller, key).await?.ok_or_else(|| TemplateError::Unknown(key.clone()))?;
        // What was shared by an admin who is none any more stays as it is until another takes it back.
        let is_theirs = found.owner == caller.user && !found.shared;
        if is_theirs || caller.is_admin() { Ok(found) } else { Err(TemplateError::Foreign) }
    }

    /// The name of a template that may be written, after everything about it was looked at.
    fn judged(&self, caller: &Caller, new: &NewTemplate) -> Result<String, TemplateError> {
        let template = judged(caller, new)?;
        let (is_admin, user) = (caller.is_admin(), &caller.user);
        let is_known = |name: &String| self.datasets.find(name).is_some_and(|set| set.is_for(user, is_admin));
        let unknown = template.datasets.iter().enumerate().filter(|(_, name)| !is_known(name));
        let fault = |(place, name): (usize, &String)| {
            let why = format!(
                "names no data set that you may ask for: `{name}`; `GET /api/v1/datasets` lists them"
            );
            TemplateFault::new(format!("/datasets/{place}"), why)
        };
        let faults: Vec<_> = unknown.map(fault).collect();
        if faults.is_empty() { Ok(template.name) } else { Err(TemplateError::Faulty(faults)) }
    }

    /// The row that the caller means by `key`. Admins see everyone's, by their ids.
    async fn row(&self, caller: &Caller, key: &TemplateKey) -> Result<Option<StoredTemplate>, StoreError> {
        let rows = self.rows.acting_for(caller);
        match key {
            TemplateKey::Name(name) => rows.named(&caller.user, name).await,
            TemplateKey::Id(id) => {
                let found = rows.find(*id).await?;
                Ok(found.filter(|one| one.shared || one.owner == caller.user || caller.is_admin()))
            }
        }
    }
}

/// What `new` says, which is right by itself.
fn judged(caller: &Caller, new: &NewTemplate) -> Result<Template, TemplateError> {
    if new.shared && !caller.is_admin() {
        return Err(TemplateError::NotShareable);
    }
    if new.body.to_string().len() > LONGEST_TEMPLATE {
        let message = format!("must have at most {} KiB", LONGEST_TEMPLATE >> 10);
        return Err(TemplateError::Faulty(vec![TemplateFault::new("", message)]));
    }
    let template =
        Template::read(new.body.clone()).and_then(Report::compile).map_err(TemplateError::Faulty)?;
    let template = template.template().clone();
    if Shipped::named(&template.name).is_some() {
        return Err(TemplateError::Reserved(template.name));
    }
    Ok(template)
}

fn written_down(template: StoredTemplate, written: Written) -> Result<Stored, TemplateError> {
    match written {
        Written::Now(revision) => Ok(StoredTemplate { revision, ..template }.into()),
        Written::Taken => Err(TemplateError::Taken(template.name)),
        Written::TooMany => Err(TemplateError::TooMany),
        Written::Changed => Err(TemplateError::Changed),
    }
}

impl From<StoredTemplate> for Stored {
    fn from(template: StoredTemplate) -> Self {
        Self {
            key: TemplateKey::Id(template.id),
            version: template.revision,
            body: template.body,
            made: Some(Made {
                owner: template.owner,
                shared: template.shared,
                created_at: template.created_at,
                updated_at: template.updated_at,
                updated_by: template.updated_by,
            }),
        }
    }
}

impl From<&Shipped> for Stored {
    /// Another version of the server may ship another template of the same name: its version comes from
    /// what it says.
    fn from(shipped: &Shipped) -> Self {
        let digest: [u8; 32] = Sha256::digest(shipped.body.to_string()).into();
        let front = digest.first_chunk().expect("a digest has 32 bytes");
        let key = TemplateKey::Name(shipped.name().to_owned());
        Self { key, version: u64::from_be_bytes(*front), body: shipped.body.clone(), made: None }
    }
}
