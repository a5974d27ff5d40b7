//! What a downloaded package is called.

use super::{ExportId, Format, Timestamp, VersionId};

/// Longest slug, in bytes: with date, id and extension the whole stays far below the 255 bytes
/// that file systems allow.
const LONGEST_SLUG: usize = 80;

/// `{slug}-{first 8 of versionId, or date of snapshot}-{first 8 of id}.{ext}`.
pub fn file_name(
    title: &str,
    version: Option<&VersionId>,
    snapshot: Timestamp,
    id: ExportId,
    format: Format,
) -> String {
    let edition = match version {
        // Part of one name: what lies between the parts of a branch's lies between folders elsewhere.
        Some(version) => version.as_str().chars().take(8).map(|c| if c == '/' { '-' } else { c }).collect(),
        None => snapshot.date(),
    };
    format!("{}-{edition}-{}.{}", slug(title), id.short(), format.extension())
}

/// `title` as part of a file name: lower case, every run of anything but letters and digits
/// (of any script) one `-`. Never empty.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        let c = if c.is_alphanumeric() { c } else { '-' };
        if slug.len() + c.len_utf8() > LONGEST_SLUG {
            break;
        }
        if c != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(c);
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "export".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_keeps_letters_of_every_script_and_nothing_that_needs_quoting() {
        for (title, expected) in [
            ("shop", "shop"),
            ("My  Shop!", "my-shop"),
            ("Straße \"42\"\r\nX: y", "straße-42-x-y"),
            ("日本語", "日本語"),
            ("../../etc/passwd", "etc-passwd"),
            ("--", "export"),
            ("", "export"),
        ] {
            assert_eq!(slug(title), expected, "{title:?}");
        }
        assert!(slug(&"é".repeat(500)).len() <= LONGEST_SLUG);
    }

    #[test]
    fn a_file_name_tells_what_when_and_which() {
        let id: ExportId = "01987b3e-5d1c-7c3a-9f5e-0123456789ab".parse().expect("an id");
        let at = Timestamp::parse("2026-11-20T23:59:59Z").expect("an instant");
        assert_eq!(file_name("Shop", None, at, id, Format::Zip), "shop-2026-11-20-01987b3e.zip");
        let version = "0123456789abcdef".parse().expect("a version");
        assert_eq!(file_name("Shop", Some(&version), at, id, Format::Zip), "shop-01234567-01987b3e.zip");
        let branch = "fix/a/b".parse().expect("a version");
        assert_eq!(file_name("Shop", Some(&branch), at, id, Format::TarGz), "shop-fix-a-b-01987b3e.tar.gz");
    }
}
