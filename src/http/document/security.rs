//! Who may come in, and how.

use serde_json::{Value, json};

use super::completing::Facts;

/// The ways in.
pub fn schemes() -> Value {
    let bearer = "A token of the configured provider (RFC 8725), or one that `exportd token` prints. An admin may \
                  act for the user whom `X-On-Behalf-Of` names.";
    let api_token = "A token that its owner made with `POST /api/v1/tokens`, and may revoke: `exd_…`. Its scopes \
                     are `exports:read`, `exports:write` and `admin`; each includes those before it.";
    let session = "The cookie that `POST /api/v1/session` sets, for pages. By https it is called \
                   `__Host-exportd_session`. Whatever changes something by it needs `X-CSRF-Token` too.";
    let csrf = "`csrfToken` of `GET /api/v1/session`, from a page of this server.";
    let signature = "A signed request (RFC 9421, `hmac-sha256`), for machines: `Signature` over `@method`, \
                     `@target-uri`, and `content-digest` where there is a body. docs/signing.md has the recipe.";
    let input = "What is signed, when (`created`), by which key (`keyid`), and a `nonce` that is good once.";
    json!({
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": bearer},
        "apiToken": {"type": "http", "scheme": "bearer", "bearerFormat": "exd_…", "description": api_token},
        "session": {"type": "apiKey", "in": "cookie", "name": "exportd_session", "description": session},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": csrf},
        "signature": {"type": "apiKey", "in": "header", "name": "Signature", "description": signature},
        "signatureInput": {"type": "apiKey", "in": "header", "name": "Signature-Input", "description": input},
    })
}

/// Which of them an operation takes, with the scope that it needs there (OpenAPI 3.1 §4.8.30: roles,
/// where the scheme has no scopes of its own).
pub fn of(facts: &Facts) -> Value {
    let scope = [scope(facts)];
    let session = if facts.method() != "get" {
        json!({"session": scope, "csrf": []})
    } else {
        json!({"session": scope})
    };
    json!([
        {"bearer": scope},
        {"apiToken": scope},
        session,
        {"signature": scope, "signatureInput": []},
    ])
}

/// How far a credential has to reach.
pub fn scope(facts: &Facts) -> &'static str {
    match facts {
        _ if facts.is_for_admins() => "admin",
        _ if facts.changes => "exports:write",
        _ => "exports:read",
    }
}
