//! The answer to a download of a package that is still being built.

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, TRAILER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};

use super::answer::{REPR_DIGEST, base64, value};
use super::disposition;
use crate::domain::Sha256;

/// The headers of a package of this name and type that is being built.
///
/// Nothing in them promises what is not known yet: no length, no validator and no ranges, and
/// nobody keeps what may break off. Its digest comes as a trailer (RFC 9530 §3, RFC 9110 §6.6.2).
pub fn growing_headers(file_name: &str, media_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_DISPOSITION, value(disposition(file_name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(TRAILER, HeaderValue::from_static("Repr-Digest"));
    headers
}

/// What is said at its end.
pub fn growing_trailers(checksum: &Sha256) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert(REPR_DIGEST, value(format!("sha-256=:{}:", base64(checksum))));
    trailers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_yet_is_not_promised_and_what_comes_last_is_announced() {
        let headers = growing_headers("straße.zip", "application/zip");
        let names: Vec<_> = headers.keys().map(http::HeaderName::as_str).collect();
        let announced =
            ["content-type", "content-disposition", "cache-control", "x-content-type-options", "trailer"];
        assert_eq!(names, announced);
        let trailers = growing_trailers(&Sha256([0; 32]));
        let announced = headers[TRAILER].to_str().expect("text").to_lowercase();
        assert_eq!(trailers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), [announced]);
        let digest = "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:";
        assert_eq!(trailers[REPR_DIGEST], digest);
    }
}
