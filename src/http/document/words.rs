//! What is said of operations, and of what they are about.

use serde_json::{Value, json};

use super::completing::Facts;
use super::security::scope;

/// What whoever opens the document reads first.
pub const INTRODUCTION: &str = "A self-hosted export server: ask for a package, download it, resume it, \
verify it.\n\n\
`POST /api/v1/exports` asks for an export and answers at once; `GET /api/v1/exports/{id}` (or its events) \
tells how it comes along; `GET /api/v1/exports/{id}/download` has the package, in ranges if need be.\n\n\
- Bodies are JSON with camelCase members; times are RFC 3339 in UTC, sizes are bytes, durations are seconds. \
What a body or a query does not know is refused, with every fault at once.\n\
- What goes wrong is a problem (RFC 9457): `code` is for programs and never changes its meaning.\n\
- Lists come in pages: follow `Link` or `nextCursor`.\n\
- `HEAD` answers wherever `GET` does, `OPTIONS` everywhere; a path without the method is 405 with `Allow`.\n\
- Every answer carries `Content-Security-Policy`, `X-Content-Type-Options: nosniff`, `X-Frame-Options`, \
`Referrer-Policy` and `Cross-Origin-Resource-Policy`, and `Cache-Control: no-store` where nothing else is said.\n\
- `docs/api-guide.md` goes from the first call to a nightly script.";

const TAGS: [(&str, &str); 17] = [
    ("exports", "Asking for exports, following and ending them."),
    ("downloads", "Packages: fetched, resumed, and who fetched them."),
    ("entries", "Looking into packages without downloading them, and proving that they are sound."),
    ("links", "Addresses by which anyone who has one can download a package."),
    ("projects", "Projects: registered, or found as folders."),
    ("versions", "Named states of a project."),
    ("data", "Data sets that can be exported."),
    ("templates", "What reports say: templates that are shipped, one's own, and shared ones."),
    ("tokens", "API tokens for programs."),
    ("session", "Signing in, for pages that cannot keep a token."),
    ("permissions", "What one may export."),
    ("limits", "What one may use, and what admins set."),
    ("house", "Figures, and what can be exported as what."),
    ("admin", "What admins see and have done."),
    ("system", "Whether the server is well, and what it can do."),
    ("page", "Pages for people, and what they are made of."),
    ("older", "Paths of earlier systems: the same handlers under the names that their clients know."),
];

/// What every tag is about.
pub fn tags() -> Value {
    TAGS.into_iter().map(|(name, description)| json!({"name": name, "description": description})).collect()
}

/// Makes the first sentence the summary; what else there is to say, and what it takes, is the description.
pub fn complete(operation: &mut Value, facts: &Facts) {
    let text = |member: &Value| member.as_str().unwrap_or_default().replace('\n', " ");
    let (first, rest) = (text(&operation["summary"]), operation["description"].as_str().unwrap_or_default());
    let (summary, more) = match first.split_once(". ") {
        Some((sentence, more)) => (sentence, more),
        None => (first.trim_end_matches('.'), ""),
    };
    let (sentence, takes) = (format!("{summary}."), takes(facts));
    let description = [&sentence, more, rest, &takes].map(str::trim);
    let description =
        description.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    operation["summary"] = summary.into();
    operation["description"] = description.into();
}

fn takes(facts: &Facts) -> String {
    let scope = match facts {
        Facts { proves_caller: false, .. } => "Needs no credentials.".to_owned(),
        _ if facts.is_for_admins() => "For admins; needs the scope `admin`.".to_owned(),
        _ => format!("Needs the scope `{}`.", scope(facts)),
    };
    let once = if facts.may_be_asked_again { " Done once for each `Idempotency-Key`." } else { "" };
    scope + once
}
