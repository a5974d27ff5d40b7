//! A link, as whoever made it sees it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::{NewLink, ShownLink};
use crate::domain::Timestamp;
use crate::http::kit::{Fields, FromFields, fields};
use crate::security::Secret;

/// The longest password that a link may have, in characters.
const LONGEST_PASSWORD: usize = 256;
/// As many downloads as anyone counts.
const MOST_DOWNLOADS: i64 = 1_000_000_000;

/// A link. Its address is told once, when it is made; it is kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Link)]
pub struct LinkView {
    #[schema(value_type = String, example = "01987b3e-5d1c-7c3a-9f5e-0123456789ab")]
    id: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it leads nowhere; never later than its package's end.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How many downloads it allows; `null` for any number.
    max_downloads: Option<u64>,
    /// How many it has had. A download that is resumed, or fetched in pieces, is one.
    downloads: u64,
    has_password: bool,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

/// A link that was made just now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeLink)]
pub struct MadeLinkView {
    /// The address to give away. It is not told again.
    #[schema(example = "https://exports.example/d/K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols")]
    url: String,
    #[serde(flatten)]
    link: LinkView,
}

/// The links of an export, oldest first; those that have ended stay in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Links)]
pub struct LinksView {
    items: Vec<LinkView>,
}

impl From<ShownLink> for LinkView {
    fn from(shown: ShownLink) -> Self {
        let ShownLink { link, expires_at, downloads, last_used_at } = shown;
        Self {
            id: link.id.to_string(),
            created_at: link.created_at,
            expires_at,
            max_downloads: link.max_downloads,
            downloads,
            has_password: link.password_hash.is_some(),
            revoked_at: link.revoked_at,
            last_used_at,
        }
    }
}

impl MadeLinkView {
    /// The link that `url` leads by.
    pub fn new(shown: ShownLink, url: String) -> Self {
        Self { url, link: shown.into() }
    }
}

impl From<Vec<ShownLink>> for LinksView {
    fn from(links: Vec<ShownLink>) -> Self {
        Self { items: links.into_iter().map(LinkView::from).collect() }
    }
}

/// What a link is to be like. All of it may be left out.
#[derive(Debug, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewLink)]
pub struct NewLinkView {
    /// At least 1, and no longer than the package is kept; as long as that when left out.
    expires_in_seconds: Option<i64>,
    /// At least 1; any number when left out.
    max_downloads: Option<u64>,
    /// 1 to 256 characters, to be given by HTTP Basic authentication with any user name.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
}

impl FromFields for NewLinkView {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let expires_in_seconds = body.optional("expiresInSeconds", fields::whole(i64::MIN..=i64::MAX));
        let max_downloads = body.optional("maxDownloads", fields::whole(1..=MOST_DOWNLOADS));
        let password = body.optional("password", password);
        Some(Self {
            expires_in_seconds: expires_in_seconds?,
            max_downloads: max_downloads?.and_then(|most| u64::try_from(most).ok()),
            password: password?,
        })
    }
}

impl From<NewLinkView> for NewLink {
    fn from(new: NewLinkView) -> Self {
        let NewLinkView { expires_in_seconds, max_downloads, password } = new;
        Self { expires_in_seconds, max_downloads, password }
    }
}

/// HTTP Basic has no way to send control characters (RFC 7617 §2).
fn password(value: Value) -> Result<Secret, String> {
    let text = fields::text(value)?;
    let right = (1..=LONGEST_PASSWORD).contains(&text.chars().count()) && !text.contains(char::is_control);
    if right {
        Ok(Secret::new(text))
    } else {
        Err("must have 1 to 256 characters, none of them control characters".into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_of_a_link_may_be_left_out_and_every_fault_is_told() {
        let new = fields::read::<NewLinkView>(json!({})).expect("enough");
        assert!(new.expires_in_seconds.is_none() && new.max_downloads.is_none() && new.password.is_none());
        let new = json!({"expiresInSeconds": 60, "maxDownloads": 3, "password": "päss: wörd"});
        let new = fields::read::<NewLinkView>(new).expect("right");
        assert_eq!((new.expires_in_seconds, new.max_downloads), (Some(60), Some(3)));
        let faults = fields::read::<NewLinkView>(json!({
            "expiresInSeconds": 1.5, "maxDownloads": 0, "password": "a\nb", "token": "mine"
        }));
        let pointers: Vec<_> = faults.expect_err("faulty").into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/expiresInSeconds", "/maxDownloads", "/password", "/token"]);
    }

    #[test]
    fn a_password_is_not_repeated_in_what_is_wrong_with_it() {
        let long = "hunter2".repeat(100);
        let faults = fields::read::<NewLinkView>(json!({"password": long})).expect_err("too long");
        assert!(!faults[0].message.contains("hunter2"));
    }
}
