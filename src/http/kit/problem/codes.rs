//! Every code that a problem may have. A new one is added here first: what is not here is no code.

use http::StatusCode;

/// A word for programs, the status it comes with, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The word. It never changes its meaning.
    pub word: &'static str,
    /// The status. One code has one status.
    pub status: StatusCode,
    /// When it is told, and what to do then.
    pub meaning: &'static str,
}

/// The code that is called `word`; `None` if there is none.
pub fn code(word: &str) -> Option<Code> {
    CODES.into_iter().find(|code| code.word == word)
}

const fn when(status: StatusCode, word: &'static str, meaning: &'static str) -> Code {
    Code { word, status, meaning }
}

use StatusCode as S;

/// All codes, by their statuses.
pub const CODES: [Code; 42] = [
    when(S::BAD_REQUEST, "INVALID_ID", "a parameter of the path has not the form of one"),
    when(
        S::BAD_REQUEST,
        "VALIDATION_FAILED",
        "something in the body, the query or a header cannot be accepted; `errors` names each",
    ),
    when(S::BAD_REQUEST, "INVALID_JSON", "the body is not JSON, is ambiguous, is missing, or broke off"),
    when(S::BAD_REQUEST, "INVALID_CURSOR", "the cursor is none of this listing; begin again without it"),
    when(S::UNAUTHORIZED, "UNAUTHENTICATED", "no credential came along, or one that is not valid here"),
    when(S::UNAUTHORIZED, "TOKEN_EXPIRED", "the token has expired; get a new one"),
    when(S::UNAUTHORIZED, "SIGNATURE_INVALID", "the request's signature is not valid here"),
    when(S::UNAUTHORIZED, "REPLAYED", "a request with this nonce was here before; sign each with a new one"),
    when(
        S::UNAUTHORIZED,
        "PASSWORD_REQUIRED",
        "the link has a password; send it by HTTP Basic authentication",
    ),
    when(S::UNAUTHORIZED, "PASSWORD_WRONG", "this is not the link's password"),
    when(S::FORBIDDEN, "FORBIDDEN", "the caller, or the credential they came with, may not do this"),
    when(
        S::FORBIDDEN,
        "DOWNLOAD_UNAUTHORIZED",
        "only the export's creator or an admin may have this package",
    ),
    when(S::NOT_FOUND, "NOT_FOUND", "there is nothing at this path"),
    when(S::NOT_FOUND, "JOB_NOT_FOUND", "there is no such export, or it is not the caller's"),
    when(
        S::NOT_FOUND,
        "PACKAGE_NOT_READY",
        "the export has no package yet, or never will; `exportStatus` tells which, `Retry-After` when to look again",
    ),
    when(
        S::NOT_FOUND,
        "FILE_NOT_FOUND",
        "the package has no such entry, or its file is lost; `retry` then tells where to have it made again",
    ),
    when(S::NOT_FOUND, "PROJECT_NOT_FOUND", "the caller has no such project"),
    when(S::NOT_FOUND, "DATASET_NOT_FOUND", "no such data set is declared, or not for the caller"),
    when(S::NOT_FOUND, "TEMPLATE_NOT_FOUND", "there is no such template, or it is not the caller's"),
    when(S::NOT_FOUND, "LINK_NOT_FOUND", "there is no such link"),
    when(S::NOT_FOUND, "TOKEN_NOT_FOUND", "there is no such token, or it is not the caller's"),
    when(S::NOT_FOUND, "SESSION_NOT_FOUND", "the request did not come by a session's cookie alone"),
    when(
        S::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "the path does not answer this method; `Allow` lists those it answers",
    ),
    when(S::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "the body did not arrive in time"),
    when(
        S::CONFLICT,
        "CONFLICT",
        "as things stand this cannot be done; `detail` tells what stands in the way",
    ),
    when(S::CONFLICT, "NOT_CANCELLABLE", "the export has ended already; `exportStatus` tells how"),
    when(
        S::CONFLICT,
        "IDEMPOTENCY_IN_PROGRESS",
        "a request with this `Idempotency-Key` is still being answered; try again shortly",
    ),
    when(S::GONE, "PACKAGE_EXPIRED", "the package was there until `expiresAt`; ask for another"),
    when(S::GONE, "LINK_REVOKED", "the link was revoked"),
    when(S::GONE, "LINK_EXPIRED", "the link was good until `expiresAt`"),
    when(S::GONE, "LINK_USED_UP", "the link's downloads are used up"),
    when(
        S::PRECONDITION_FAILED,
        "PRECONDITION_FAILED",
        "this is not the one that `If-Match` or `If-Unmodified-Since` speaks of any more",
    ),
    when(S::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "a body has at most 1 MiB"),
    when(
        S::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "send the body as `application/json`, without a `Content-Encoding`",
    ),
    when(
        S::UNPROCESSABLE_ENTITY,
        "IDEMPOTENCY_KEY_REUSED",
        "this `Idempotency-Key` was used for another request",
    ),
    when(
        S::UNPROCESSABLE_ENTITY,
        "UNSUPPORTED_FORMAT",
        "exports of this kind do not come in this format; `GET /api/v1/formats` tells in which",
    ),
    when(S::UNPROCESSABLE_ENTITY, "UNSUPPORTED_KIND", "this server has no data of this kind"),
    when(
        S::TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        "too many requests, or failed tries; `Retry-After` tells when to come back",
    ),
    when(
        S::TOO_MANY_REQUESTS,
        "QUOTA_EXCEEDED",
        "this would be more bytes than the caller may have; `Retry-After` tells when to come back",
    ),
    when(
        S::INTERNAL_SERVER_ERROR,
        "INTERNAL",
        "a defect of the server; its log has it under the `correlationId`",
    ),
    when(
        S::SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        "the server cannot reach what it needs just now; try again after `Retry-After`",
    ),
    when(
        S::INSUFFICIENT_STORAGE,
        "INSUFFICIENT_STORAGE",
        "the server's disk is full; try again after `Retry-After`",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_code_is_there_once_and_comes_by_its_status() {
        let words: BTreeSet<_> = CODES.iter().map(|code| code.word).collect();
        assert_eq!(words.len(), CODES.len());
        assert!(CODES.is_sorted_by_key(|code| code.status), "listed by status");
        assert!(CODES.iter().all(|code| !code.meaning.is_empty()));
        assert_eq!(code("PACKAGE_EXPIRED").map(|code| code.status), Some(S::GONE));
        assert_eq!(code("EXPIRED"), None);
    }
}
