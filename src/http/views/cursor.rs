//! Where a listing goes on.

use std::cmp::Reverse;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::Uri;

use crate::app::{Cursor, DownloadMark};
use crate::domain::{ProjectId, TemplateKey, Timestamp, VersionKind, VersionMark};
use crate::http::kit::RequestFault;

/// Something after which a listing can go on. On the wire it is opaque, so that clients do not
/// come to rely on what is in it.
pub trait Marker: Sized {
    /// What stands in the cursor.
    fn written(&self) -> String;

    /// Reads it again; `None` if it is not one of ours.
    fn parse(text: &str) -> Option<Self>;

    /// The cursor as clients see it.
    fn cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.written())
    }

    /// The marker in a client's `cursor`.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`] when it did not come from [`Marker::cursor`].
    fn from_cursor(cursor: &str) -> Result<Self, RequestFault> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| RequestFault::InvalidCursor)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| RequestFault::InvalidCursor)?;
        Self::parse(text).ok_or(RequestFault::InvalidCursor)
    }
}

impl Marker for Cursor {
    fn written(&self) -> String {
        format!("{}.{}", self.created_at.millis(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (millis, id) = text.split_once('.')?;
        Some(Self { created_at: Timestamp::from_millis(millis.parse().ok()?), id: id.parse().ok()? })
    }
}

impl Marker for DownloadMark {
    fn written(&self) -> String {
        format!("d.{}.{}", self.began_at.millis(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (millis, id) = text.strip_prefix("d.")?.split_once('.')?;
        Some(Self { began_at: Timestamp::from_millis(millis.parse().ok()?), id: id.parse().ok()? })
    }
}

/// Below this number of the audit.
impl Marker for u64 {
    fn written(&self) -> String {
        format!("a.{self}")
    }

    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("a.")?.parse().ok()
    }
}

impl Marker for ProjectId {
    fn written(&self) -> String {
        format!("p.{self}")
    }

    fn parse(text: &str) -> Option<Self> {
        Self::from_str(text.strip_prefix("p.")?).ok()
    }
}

impl Marker for TemplateKey {
    fn written(&self) -> String {
        format!("t.{self}")
    }

    fn parse(text: &str) -> Option<Self> {
        Self::from_str(text.strip_prefix("t.")?).ok()
    }
}

impl Marker for VersionMark {
    fn written(&self) -> String {
        format!("v.{}.{}.{}", self.created_at.0.millis(), self.kind.as_str(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("v.")?.splitn(3, '.');
        let created_at = Reverse(Timestamp::from_millis(parts.next()?.parse().ok()?));
        Some(Self { created_at, kind: VersionKind::parse(parts.next()?)?, id: parts.next()?.parse().ok()? })
    }
}

/// The address of what comes after the page at `asked`: the same query with another cursor.
pub fn address_of_next(asked: &Uri, cursor: &str) -> String {
    let query = asked.query().unwrap_or_default();
    let mut parameters: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    parameters.retain(|(name, _)| name != "cursor");
    parameters.push(("cursor".to_owned(), cursor.to_owned()));
    let query = serde_urlencoded::to_string(parameters).expect("pairs of texts are a query");
    format!("{}?{query}", asked.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ExportId;

    #[test]
    fn a_cursor_is_read_back_and_nothing_else_is_taken_for_one() {
        let marker = Cursor { created_at: Timestamp::from_millis(1_763_683_200_007), id: ExportId::new() };
        let cursor = marker.cursor();
        let back = Cursor::from_cursor(&cursor).expect("ours");
        assert_eq!((back.created_at, back.id), (marker.created_at, marker.id));
        for wrong in [
            "",
            "7",
            "%%%",
            &cursor[1..],
            &format!("{cursor}="),
            &ProjectId::parse("p.a").expect("an id").cursor(),
        ] {
            assert!(Cursor::from_cursor(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_next_page_is_asked_for_as_this_one_was() {
        let asked: Uri =
            "/api/v1/exports?status=queued%2Cfailed&cursor=old&limit=2".parse().expect("an address");
        assert_eq!(
            address_of_next(&asked, "new"),
            "/api/v1/exports?status=queued%2Cfailed&limit=2&cursor=new"
        );
    }
}
