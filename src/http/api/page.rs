//! The page: what people see who come with a browser.
//!
//! Its files are part of the program, as they are written: nothing builds them, and nothing of them
//! comes from another host.

use std::sync::LazyLock;

use bytes::Bytes;
use http::request::Parts;

use crate::endpoints;
use crate::http::kit::problem::RequestFault;
use crate::http::kit::{Answer, Asset, Call, FromCall, Reply};
use crate::http::shared::Shared;

/// What the page may do: run and load its own files, and ask this server. No text of it can become a
/// script, wherever it is from: scripts are files, and no sink takes a string (Trusted Types).
///
/// Source: CSP Level 3; W3C Trusted Types §4.1.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

macro_rules! files {
    ($($name:literal: $media_type:expr),+ $(,)?) => {
        [$(($name, Asset::new($media_type, Bytes::from_static(include_bytes!(concat!("../../../assets/page/", $name)))))),+]
    };
}

static INDEX: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(HTML, Bytes::from_static(include_bytes!("../../../assets/page/index.html"))).under(POLICY)
});

static FILES: LazyLock<[(&str, Asset); 28]> = LazyLock::new(|| {
    files![
        "page.css": STYLE,
        "icon.svg": PICTURE,
        "about.js": SCRIPT,
        "admin-house.js": SCRIPT,
        "admin-queue.js": SCRIPT,
        "admin-storage.js": SCRIPT,
        "bulk.js": SCRIPT,
        "commands.js": SCRIPT,
        "contents.js": SCRIPT,
        "dom.js": SCRIPT,
        "live.js": SCRIPT,
        "main.js": SCRIPT,
        "parameters.js": SCRIPT,
        "parts.js": SCRIPT,
        "row.js": SCRIPT,
        "selectors.js": SCRIPT,
        "server.js": SCRIPT,
        "sharing.js": SCRIPT,
        "tables.js": SCRIPT,
        "tree.js": SCRIPT,
        "view-admin.js": SCRIPT,
        "view-export.js": SCRIPT,
        "view-exports.js": SCRIPT,
        "view-links.js": SCRIPT,
        "view-new.js": SCRIPT,
        "view-sign-in.js": SCRIPT,
        "watch.js": SCRIPT,
        "words.js": SCRIPT,
    ]
});

/// The file that the path names; its name is compared and never opened.
pub struct Named(&'static Asset);

impl FromCall<Shared> for Named {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        let name = call.params.first().map(String::as_str).unwrap_or_default();
        Ok(Self(file(name).ok_or(RequestFault::NoSuchPath)?))
    }
}

fn file(name: &str) -> Option<&'static Asset> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, asset)| asset)
}

/// Show the page.
#[utoipa::path(get, path = "/", tag = "page",
    responses((status = 200, description = "the page", body = String, content_type = "text/html"),
        (status = 304, description = "the browser has it")))]
pub async fn page(head: Parts) -> Answer<Reply> {
    Ok(INDEX.answer(&head.headers))
}

/// Give a file that the page is made of.
#[utoipa::path(get, path = "/assets/{file}", tag = "page",
    params(("file" = String, Path, description = "its name")),
    responses((status = 200, description = "its bytes", body = String, content_type = "text/javascript"),
        (status = 304, description = "the browser has it")))]
pub async fn asset(Named(asset): Named, head: Parts) -> Answer<Reply> {
    Ok(asset.answer(&head.headers))
}

/// Show the picture that browsers look for by themselves.
#[utoipa::path(get, path = "/favicon.ico", tag = "page",
    responses((status = 200, description = "the picture", body = String, content_type = "image/svg+xml"),
        (status = 304, description = "the browser has it")))]
pub async fn favicon(head: Parts) -> Answer<Reply> {
    let icon = file("icon.svg").ok_or(RequestFault::NoSuchPath)?;
    Ok(icon.answer(&head.headers))
}

endpoints!(Shared: page, asset, favicon);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn folder() -> Vec<(String, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/page");
        let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
        let read = files.map(|file| {
            let name = file.file_name().into_string().expect("a name");
            (name, fs::read(file.path()).expect("bytes"))
        });
        read.collect()
    }

    #[test]
    fn every_file_of_the_page_is_served() {
        for (name, _) in folder().iter().filter(|(name, _)| name != "index.html") {
            assert!(file(name).is_some(), "{name} is not among the files");
        }
        assert_eq!(FILES.len() + 1, folder().len());
        for name in ["../Cargo.toml", "index.html", "", "page.css/", "PAGE.CSS"] {
            assert!(file(name).is_none(), "{name}");
        }
    }

    #[test]
    fn all_of_the_page_is_less_than_150_kilobytes() {
        let size: usize = folder().iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(size < 150_000, "{size} bytes");
    }

    #[test]
    fn nothing_of_the_page_comes_from_elsewhere_or_is_made_of_markup() {
        for (name, bytes) in folder() {
            let text = String::from_utf8(bytes).expect("text");
            for (number, line) in text.lines().enumerate() {
                let place = format!("{name}:{}: {line}", number + 1);
                let is_name_of_a_language = line.contains("http://www.w3.org/2000/svg");
                assert!(is_name_of_a_language || !line.contains("://"), "{place}");
                for sink in [
                    "innerHTML",
                    "outerHTML",
                    "insertAdjacentHTML",
                    "document.write",
                    "eval(",
                    "style=",
                    "onclick=\"",
                ] {
                    assert!(!line.contains(sink), "{place}");
                }
            }
        }
    }
}
