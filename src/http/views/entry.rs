//! How what is in a package is told.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::{Check, EntriesPage as Entries, ManifestEntry, PublicKey, PublicKeys, Verification};
use crate::domain::ExportId;
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::listing::limit;

/// Which entries of a package are listed.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct EntriesQuery {
    /// Only those whose paths begin so; `src/` is what is in that folder.
    #[param(value_type = Option<String>)]
    prefix: String,
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for EntriesQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let prefix = query.optional("prefix", fields::text);
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self { prefix: prefix?.unwrap_or_default(), limit: limit?, cursor: cursor? })
    }
}

impl EntriesQuery {
    /// What their paths begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Items on the page.
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit).expect("at most 200")
    }

    /// The path of the entry before the page's first.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn after(&self) -> Result<Option<String>, RequestFault> {
        let marker = self.cursor.as_deref().map(EntryMarker::from_cursor).transpose()?;
        Ok(marker.map(|EntryMarker(path)| path))
    }
}

/// An entry after which a listing can go on.
struct EntryMarker(String);

impl Marker for EntryMarker {
    fn written(&self) -> String {
        format!("e.{}", self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("e.").map(|path| Self(path.to_owned()))
    }
}

/// Some entries of a package, by their paths.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntriesPage {
    items: Vec<EntryView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Entry)]
struct EntryView {
    /// Its name in the package; an empty folder's ends in `/`.
    path: String,
    /// Bytes.
    size: u64,
    /// Bytes as packed.
    compressed_size: u64,
    /// Of its bytes, in hexadecimal.
    sha256: String,
    /// Its permissions, octal.
    #[schema(example = "0644")]
    mode: String,
}

impl From<ManifestEntry> for EntryView {
    fn from(entry: ManifestEntry) -> Self {
        let ManifestEntry { path, size, compressed_size, sha256, mode, .. } = entry;
        Self { path, size, compressed_size, sha256: sha256.to_string(), mode }
    }
}

impl From<Entries> for EntriesPage {
    fn from(page: Entries) -> Self {
        let last = page.entries.last().filter(|_| page.has_more);
        let next_cursor = last.map(|entry| EntryMarker(entry.path.clone()).cursor());
        Self { items: page.entries.into_iter().map(EntryView::from).collect(), next_cursor }
    }
}

impl EntriesPage {
    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

/// What re-reading a package brought to light.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Verification)]
pub struct VerificationView {
    /// Whether every check is.
    ok: bool,
    /// What was looked at.
    checks: Vec<CheckView>,
    /// Where to `POST` to have a damaged one made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/api/v1/exports/0198…/retry")]
    retry: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
struct CheckView {
    /// `size`, `checksum`, `structure`, `entries`, `crc`, `sha256`, `manifest` or `signature`.
    #[schema(example = "checksum")]
    name: String,
    /// Whether it is as it should be.
    ok: bool,
    /// What was found, for people; names what is broken.
    detail: String,
}

impl VerificationView {
    /// What was found of the package of `export`.
    pub fn of(export: ExportId, found: Verification) -> Self {
        let view = |Check { name, ok, detail }| CheckView { name: name.into_owned(), ok, detail };
        let retry = (!found.ok).then(|| format!("/api/v1/exports/{export}/retry"));
        Self { ok: found.ok, checks: found.checks.into_iter().map(view).collect(), retry }
    }
}

/// The public keys that manifests are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeysView {
    keys: Vec<KeyView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublicKey)]
struct KeyView {
    /// By which signatures name it.
    key_id: String,
    /// `Ed25519`.
    #[schema(example = "Ed25519")]
    algorithm: String,
    /// Its 32 bytes, in base64.
    public_key: String,
    /// The same as openssl reads it.
    pem: String,
}

impl From<&PublicKeys> for KeysView {
    fn from(keys: &PublicKeys) -> Self {
        let view = |key: PublicKey| {
            let PublicKey { key_id, algorithm, public_key, pem } = key;
            KeyView { key_id, algorithm, public_key, pem }
        };
        Self { keys: keys.keys.iter().cloned().map(view).collect() }
    }
}
