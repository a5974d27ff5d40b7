//! Whether a change was asked for by our own page, and not by another that had its visitor's browser
//! ask for it.

use http::header::ORIGIN;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::http::address::Addressing;
use crate::http::kit::problem::AccessFault;
use crate::security::SessionToken;

const X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request with this head that a browser sent for somebody else, or that does not carry
/// what only our page knows of the session.
///
/// Each would be enough; older browsers tell nothing of where they come from, and a page that lets
/// strangers in would be of our origin.
///
/// Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet; W3C Fetch Metadata §2.3.
pub fn check(head: &Parts, session: &SessionToken, own: &Addressing) -> Result<(), AccessFault> {
    is_from_here(head, own)?;
    let mut tokens = head.headers.get_all(X_CSRF_TOKEN).iter();
    match (tokens.next(), tokens.next()) {
        (None, _) => Err(AccessFault::CsrfMissing),
        (Some(only), None) if session.is_csrf(only.as_bytes()) => Ok(()),
        (Some(_), _) => Err(AccessFault::CsrfWrong),
    }
}

/// Refuses a request with this head that a browser sent for another site's page.
pub fn is_from_here(head: &Parts, own: &Addressing) -> Result<(), AccessFault> {
    let sites = head.headers.get_all(SEC_FETCH_SITE).iter();
    if !sites.into_iter().all(|site| site == "same-origin") {
        return Err(AccessFault::FromElsewhere("Sec-Fetch-Site"));
    }
    let is_ours = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| own.is_own_origin(origin, head));
    if !head.headers.get_all(ORIGIN).iter().all(is_ours) {
        return Err(AccessFault::FromElsewhere("Origin"));
    }
    Ok(())
}
