//! The API's document, as a page that tries calls: Swagger UI, of which nothing comes from another host.

use std::io::Read;
use std::sync::LazyLock;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::endpoints;
use crate::http::kit::problem::RequestFault;
use crate::http::kit::{Answer, Asset, Call, FromCall, Reply};
use crate::http::shared::Shared;

/// What the page may do: run and load its own files, and ask this server. Swagger UI draws its arrows
/// from addresses that are pictures themselves; it needs neither inline scripts nor inline styles.
///
/// Source: CSP Level 3.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! own {
    ($name:literal) => {
        Bytes::from_static(include_bytes!(concat!("../../../assets/docs/", $name)))
    };
}

macro_rules! of_swagger_ui {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz"))
    };
}

static PAGE: LazyLock<Asset> = LazyLock::new(|| Asset::new(HTML, own!("index.html")).under(POLICY));

static FILES: LazyLock<[(&str, File); 4]> = LazyLock::new(|| {
    [
        ("docs.css", File::Plain(Asset::new(STYLE, own!("docs.css")))),
        ("docs.js", File::Plain(Asset::new(SCRIPT, own!("docs.js")))),
        ("swagger-ui.css", File::packed(STYLE, of_swagger_ui!("swagger-ui.css"))),
        ("swagger-ui-bundle.js", File::packed(SCRIPT, of_swagger_ui!("swagger-ui-bundle.js"))),
    ]
});

/// A file of the page.
enum File {
    Plain(Asset),
    /// Kept as gzip, and sent so to whoever understands that.
    Packed {
        packed: Box<Asset>,
        plain: LazyLock<Asset, Box<dyn FnOnce() -> Asset + Send + Sync>>,
    },
}

impl File {
    fn packed(media_type: &'static str, bytes: &'static [u8]) -> Self {
        let unpack = move || {
            let mut plain = Vec::new();
            GzDecoder::new(bytes).read_to_end(&mut plain).expect("build.rs wrote gzip");
            Asset::new(media_type, plain)
        };
        Self::Packed {
            packed: Box::new(Asset::new(media_type, Bytes::from_static(bytes))),
            plain: LazyLock::new(Box::new(unpack)),
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Reply {
        let (mut reply, is_packed) = match self {
            Self::Plain(asset) => return asset.answer(asked),
            Self::Packed { packed, .. } if takes_gzip(asked) => (packed.answer(asked), true),
            Self::Packed { plain, .. } => (plain.answer(asked), false),
        };
        reply.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
        if is_packed {
            reply.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        reply
    }
}

/// Source: RFC 9110 §12.5.3.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lines = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|weight| weight.trim_start_matches("q=").parse() == Ok(0.0));
        is_gzip && !refused
    })
}

/// The file that the path names; its name is compared and never opened.
pub struct Named(&'static File);

impl FromCall<Shared> for Named {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        let name = call.params.first().map(String::as_str).unwrap_or_default();
        let file = FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file);
        Ok(Self(file.ok_or(RequestFault::NoSuchPath)?))
    }
}

/// Show the API's document as a page that tries calls.
#[utoipa::path(get, path = "/api-docs", tag = "page",
    responses((status = 200, description = "the page", body = String, content_type = "text/html"),
        (status = 304, description = "the browser has it")))]
pub async fn docs(head: Parts) -> Answer<Reply> {
    Ok(PAGE.answer(&head.headers))
}

/// Give a file that the page is made of.
#[utoipa::path(get, path = "/api-docs/{file}", tag = "page",
    params(("file" = String, Path, description = "its name")),
    responses(
        (status = 200, description = "its bytes",
            content((String = "text/javascript"), (String = "text/css"))),
        (status = 304, description = "the browser has it")))]
pub async fn docs_file(Named(file): Named, head: Parts) -> Answer<Reply> {
    Ok(file.answer(&head.headers))
}

endpoints!(Shared: docs, docs_file);

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn gzip_is_for_whoever_understands_it() {
        for (line, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("br", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(line))]);
            assert_eq!(takes_gzip(&headers), takes, "{line}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn the_script_is_the_same_packed_and_not() {
        let gzip = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
        for (name, file) in FILES.iter().filter(|(_, file)| matches!(file, File::Packed { .. })) {
            let [packed, plain] = [file.answer(&gzip), file.answer(&HeaderMap::new())];
            assert_ne!(packed.headers()["etag"], plain.headers()["etag"], "{name}");
            assert_eq!(packed.headers()["content-encoding"], "gzip");
            assert!(!plain.headers().contains_key("content-encoding"));
            let [packed, plain] = [packed, plain].map(|reply| reply.into_body().collect());
            let packed = packed.await.expect("bytes").to_bytes();
            let plain = plain.await.expect("bytes").to_bytes();
            let mut unpacked = Vec::new();
            GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("gzip");
            assert!(unpacked == plain && packed.len() < 600_000, "{name}: {}", packed.len());
        }
    }
}
