//! Who the made-up users are, and what they leave behind beside conversations.

use std::time::Duration;

use serde_json::json;

use crate::domain::Timestamp;

use super::chance::Chance;
use super::insert::{Cell, Insert};
use super::talks::LANGUAGES;

/// Names in many scripts; the first is the sample user's.
const NAMES: &[&str] = &[
    "Ada Sample",
    "Grace O'Neill",
    "Jörg Müller",
    "Zoë Lefèvre",
    "佐藤 花子",
    "王 小明",
    "김민준",
    "דוד כהן",
    "ليلى حسن",
    "Анна Иванова",
    "प्रिया शर्मा",
    "José Ñúñez",
    "Thuỷ Nguyễn",
    "Ólafur Þórsson",
    "Łukasz Żak",
];
const PLANS: &[&str] = &["free", "free", "free", "team", "business"];
const SITES: &[&str] =
    &["https://shop.example.com", "https://help.example.org", "https://blog.example.net/ö"];
const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
];
const FILES: &[(&str, &str)] = &[
    ("invoice.pdf", "application/pdf"),
    ("photo of the parcel.jpg", "image/jpeg"),
    ("Größentabelle.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("領収書.pdf", "application/pdf"),
    ("notes, \"final\".txt", "text/plain"),
    ("تقرير.csv", "text/csv"),
];
const EVENTS: &[&str] =
    &["signed_in", "page_viewed", "conversation_opened", "answer_copied", "search", "plan_viewed"];

pub(super) const USER_COLUMNS: &str = "id, email, display_name, phone, locale, country, plan, newsletter, \
                                       created_at, updated_at, last_seen_at, row_version";
pub(super) const FILE_COLUMNS: &str =
    "id, user_id, name, media_type, size_bytes, sha256, storage_key, created_at";
pub(super) const FILE_FACT_COLUMNS: &str = "file_id, name, value";
pub(super) const SESSION_COLUMNS: &str =
    "id, user_id, visitor_id, site, country, ip_address, user_agent, started_at, ended_at";
pub(super) const EVENT_COLUMNS: &str = "id, user_id, name, properties, created_at";

/// The user at `place`, who came a while before `from`.
pub(super) fn user(chance: &mut Chance, insert: &mut Insert, id: &str, place: usize, from: Timestamp) {
    let language = &LANGUAGES[place % LANGUAGES.len()];
    let name = NAMES[place % NAMES.len()];
    // Names and numbers that nobody has: RFC 2606, and 555-01XX of the North American plan.
    let email =
        if place == 0 { "ada@example.org".to_owned() } else { format!("user{}@example.org", place + 1) };
    let phone = chance.percent(70).then(|| format!("+1 202 555 01{:02}", chance.below(100)));
    let locale = format!("{}-{}", language.code, language.country);
    let since = from.minus(seconds(chance.between(86_400, 400 * 86_400)));
    let changed = since.plus(seconds(chance.below(86_400)));
    let seen = chance.percent(90).then(|| from.plus(seconds(chance.below(86_400))));
    insert.row(&[
        id.into(),
        (&email).into(),
        name.into(),
        phone.as_ref().into(),
        (&locale).into(),
        language.country.into(),
        (*chance.of(PLANS)).into(),
        chance.percent(40).into(),
        since.into(),
        changed.into(),
        seen.into(),
        chance.between(1, 9).into(),
    ]);
}

/// File number `number`, and two or three facts of it.
pub(super) fn file(
    chance: &mut Chance,
    files: &mut Insert,
    facts: &mut Insert,
    number: u64,
    user: &str,
    at: Timestamp,
) {
    let (name, media_type) = *chance.of(FILES);
    let id = format!("file_{number:06}");
    let stored = format!("blobs/{}/{id}", chance.hex(2));
    files.row(&[
        (&id).into(),
        user.into(),
        name.into(),
        media_type.into(),
        chance.between(900, 9_000_000).into(),
        (&chance.hex(64)).into(),
        (&stored).into(),
        at.into(),
    ]);
    facts.row(&[(&id).into(), "language".into(), chance.of(LANGUAGES).code.into()]);
    facts.row(&[(&id).into(), "pages".into(), (&chance.between(1, 40).to_string()).into()]);
    if chance.percent(50) {
        facts.row(&[(&id).into(), "scanned_by".into(), "antivirus 2.1; “clean”".into()]);
    }
}

/// A visitor's session of a user's widget, from `at` on.
pub(super) fn session(chance: &mut Chance, insert: &mut Insert, id: &str, user: &str, at: Timestamp) {
    let visitor = format!("visitor_{}", chance.hex(8));
    // Addresses that nobody has: RFC 5737 and RFC 3849.
    let address = if chance.percent(80) {
        format!("192.0.2.{}", chance.between(1, 254))
    } else {
        format!("2001:db8::{:x}", chance.between(1, 65_535))
    };
    let ended = chance.percent(85).then(|| at.plus(seconds(chance.between(60, 3_600))));
    insert.row(&[
        id.into(),
        user.into(),
        (&visitor).into(),
        (*chance.of(SITES)).into(),
        chance.of(LANGUAGES).country.into(),
        (&address).into(),
        (*chance.of(BROWSERS)).into(),
        at.into(),
        ended.into(),
    ]);
}

/// Event number `number`.
pub(super) fn event(chance: &mut Chance, insert: &mut Insert, number: u64, user: &str, at: Timestamp) {
    let id = format!("evt_{number:08}");
    let name = *chance.of(EVENTS);
    let properties = match name {
        "page_viewed" => {
            json!({"path": format!("/help/{}", chance.between(1, 60)), "seconds": chance.between(1, 300)})
        }
        "search" => json!({"words": chance.of(LANGUAGES).talks[0].title, "found": chance.below(20)}),
        _ => json!({"device": chance.of(&["phone", "laptop", "tablet"])}),
    };
    let properties = properties.to_string();
    insert.row(&[(&id).into(), user.into(), name.into(), Cell::Text(&properties), at.into()]);
}

/// So many seconds; none when there are fewer.
pub(super) fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}
