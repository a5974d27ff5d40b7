//! What answers carry beside their bodies.

use serde_json::{Map, Value, json};

use super::completing::{Facts, parameters_in};

/// Every header that an answer may have: its name, what it tells, an example, and whether it is a number.
const HEADERS: [(&str, &str, &str); 21] = [
    ("X-Correlation-Id", "names the request, as it was sent or made", "01987b3e-5d1c-7c3a-9f5e-0123456789ab"),
    ("Location", "where to follow it", "/api/v1/exports/01987b3e-5d1c-7c3a-9f5e-0123456789ab"),
    ("Retry-After", "seconds after which to ask again", "1"),
    (
        "RateLimit",
        "what is left of each limit (draft-ietf-httpapi-ratelimit-headers)",
        "\"exports-per-hour\";r=9;t=3600",
    ),
    ("RateLimit-Policy", "the limits that this request counts towards", "\"exports-per-hour\";q=10;w=3600"),
    (
        "Link",
        "the next page, if there is one (RFC 8288)",
        "</api/v1/exports?limit=50&cursor=MTc2MzY4MzIwMDAwNw>; rel=\"next\"",
    ),
    (
        "ETag",
        "stands for what was answered (RFC 9110 §8.8.3)",
        "\"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\"",
    ),
    ("Last-Modified", "when the package was completed", "Fri, 20 Nov 2026 09:30:00 GMT"),
    ("Accept-Ranges", "`bytes`: parts can be had", "bytes"),
    (
        "Content-Range",
        "which bytes these are, or how many there are (RFC 9110 §14.4)",
        "bytes 0-1023/12582912",
    ),
    ("Content-Length", "bytes that follow", "12582912"),
    (
        "Content-Disposition",
        "what it is saved as (RFC 6266)",
        "attachment; filename=\"shop-2026-11-20-01987b3e.zip\"",
    ),
    (
        "Repr-Digest",
        "the SHA-256 of the whole (RFC 9530)",
        "sha-256=:WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=:",
    ),
    (
        "Digest",
        "the same to whoever sent `Want-Digest` (RFC 3230)",
        "SHA-256=WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=",
    ),
    ("X-Package-Size", "its size for people", "12.0 MB"),
    ("Sunset", "when the package expires (RFC 8594)", "Fri, 27 Nov 2026 09:30:00 GMT"),
    ("Cache-Control", "who may keep the answer, and for how long", "no-store"),
    ("WWW-Authenticate", "how to prove who one is (RFC 9110 §11.6.1)", "Bearer realm=\"exportd\""),
    ("Preference-Applied", "`wait=N`, if that was preferred (RFC 7240)", "wait=20"),
    ("Idempotency-Replayed", "`true` on an answer that was given before", "true"),
    ("Set-Cookie", "the session's cookie", "exportd_session=0000; HttpOnly; SameSite=Strict; Path=/"),
];

/// On every answer. So are the guards for browsers, which the introduction tells of.
const ALWAYS: [&str; 1] = ["X-Correlation-Id"];
/// On every answer that speaks of a package, or of a file out of one.
const OF_A_PACKAGE: [&str; 4] = ["ETag", "Last-Modified", "Accept-Ranges", "Cache-Control"];
/// On those that send its bytes, too.
const OF_ITS_BYTES: [&str; 6] =
    ["Content-Length", "Content-Disposition", "Repr-Digest", "Digest", "X-Package-Size", "Sunset"];

/// The headers, to be referred to.
pub fn components() -> Value {
    let header = |(name, tells, example): (&str, &str, &str)| {
        let always = ALWAYS.contains(&name);
        let number = ["Retry-After", "Content-Length"].contains(&name);
        let (kind, example) = match example.parse::<u64>() {
            Ok(value) if number => ("integer", json!(value)),
            _ => ("string", json!(example)),
        };
        (
            name.to_owned(),
            json!({"description": tells, "required": always, "schema": {"type": kind}, "example": example}),
        )
    };
    Value::Object(HEADERS.into_iter().map(header).collect())
}

/// Tells which headers each answer of `operation` has.
pub fn complete(operation: &mut Value, facts: &Facts) {
    let wanted = Wanted::of(operation, facts);
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let names = ALWAYS.into_iter().chain(wanted.at(status));
        let refers = |name: &str| (name.to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
        response["headers"] = Value::Object(names.map(refers).collect::<Map<_, _>>());
    }
}

/// What an operation's answers have, as far as it depends on what it is and takes.
struct Wanted {
    sends_bytes: bool,
    is_tagged: bool,
    has_pages: bool,
    may_wait: bool,
    may_be_asked_again: bool,
    asks_for_exports: bool,
    sets_cookies: bool,
}

impl Wanted {
    fn of(operation: &Value, facts: &Facts) -> Self {
        let headers = parameters_in(operation, "header");
        Self {
            sends_bytes: facts.sends_bytes(),
            is_tagged: headers.contains(&"If-None-Match") || headers.contains(&"If-Match"),
            has_pages: parameters_in(operation, "query").contains(&"cursor"),
            may_wait: headers.contains(&"Prefer"),
            may_be_asked_again: facts.may_be_asked_again,
            asks_for_exports: facts.method() == "post" && headers.contains(&"Prefer"),
            sets_cookies: facts.path == "/api/v1/session" && facts.method() != "get",
        }
    }

    fn at(&self, status: &str) -> Vec<&'static str> {
        let mut names = Vec::new();
        let mut if_so = |is_so: bool, more: &[&'static str]| names.extend(more.iter().filter(|_| is_so));
        let is_done = status.starts_with('2');
        if_so(is_done && self.may_be_asked_again, &["Idempotency-Replayed"]);
        if_so(is_done && self.may_wait, &["Preference-Applied"]);
        if_so(is_done && self.sets_cookies, &["Set-Cookie"]);
        match status {
            "200" => {
                if_so(self.has_pages, &["Link"]);
                if_so(self.is_tagged && !self.sends_bytes, &["ETag"]);
                if_so(self.may_wait, &["Retry-After"]);
                if_so(self.sends_bytes, &OF_A_PACKAGE);
                if_so(self.sends_bytes, &OF_ITS_BYTES);
            }
            "206" => {
                if_so(true, &OF_A_PACKAGE);
                if_so(true, &OF_ITS_BYTES);
                if_so(true, &["Content-Range"]);
            }
            "201" => if_so(true, &["Location"]),
            "202" => {
                if_so(true, &["Location", "Retry-After"]);
                if_so(self.asks_for_exports, &["RateLimit", "RateLimit-Policy"]);
            }
            "304" | "412" => {
                if_so(true, &["ETag"]);
                if_so(self.sends_bytes, &["Last-Modified", "Accept-Ranges", "Cache-Control"]);
            }
            "401" => if_so(true, &["WWW-Authenticate"]),
            "416" => {
                if_so(true, &OF_A_PACKAGE);
                if_so(true, &["Content-Range"]);
            }
            "404" | "409" | "503" | "507" => if_so(true, &["Retry-After"]),
            "429" => if_so(true, &["Retry-After", "RateLimit", "RateLimit-Policy"]),
            _ => {}
        }
        names
    }
}
