//! Around every route: what was done, by whom, and how it ended.

use http::header::{CONTENT_RANGE, LOCATION};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use crate::clock::Clock;
use crate::domain::audit::{Action, AuditEntry, Author, Outcome, Subject};
use crate::http::kit::problem::ProblemCode;
use crate::http::kit::{Call, Handler, IntoReply, Problem, Reply, RequestFault, Route, caught};
use crate::http::shared::Shared;

use super::table::{About, Line, Weight, line};
use super::{GivenAgain, Told, Witness, author};

/// `route`, of which the audit hears.
pub fn audited(route: Route<Shared>) -> Route<Shared> {
    let line = line(&route.method, &route.path);
    route.wrapped(move |call, handler| witnessed(line, call, handler))
}

async fn witnessed(line: Option<&'static Line>, mut call: Call<Shared>, handler: Handler<Shared>) -> Reply {
    let trail = call.state.desk.trail().clone();
    let request = AuditedRequest::new(line, &mut call);
    if line.is_none_or(|line| line.weight != Weight::Act) {
        let reply = handler(call).await;
        if let Some((entry, crowds)) = request.entry(&reply) {
            if crowds { trail.note_some(entry) } else { trail.note(entry) }
        }
        return reply;
    }
    // What was done is told of, even if nobody waits for the answer any more.
    let recording = trail.clone();
    let act = async move {
        let reply = caught(&handler, call).await;
        match request.entry(&reply) {
            Some((entry, true)) => recording.note_some(entry),
            Some((entry, false)) => recording.record(entry).await,
            None => {}
        }
        reply
    };
    let seen = trail.see_to_its_end(act).await;
    seen.unwrap_or_else(|_closing| Problem::from(RequestFault::Panicked).into_reply())
}

/// What is kept of a request while its handler has it.
struct AuditedRequest {
    line: Option<&'static Line>,
    is_head: bool,
    params: Vec<String>,
    author: Author,
    witness: Witness,
    clock: Clock,
}

impl AuditedRequest {
    fn new(line: Option<&'static Line>, call: &mut Call<Shared>) -> Self {
        let witness = Witness::default();
        call.parts.extensions.insert(witness.clone());
        Self {
            line,
            is_head: call.parts.method == Method::HEAD,
            params: call.params.clone(),
            author: author(&call.parts),
            witness,
            clock: call.state.desk.clock().clone(),
        }
    }

    /// What is to be written down of it, and whether it is of what anybody may cause as often as
    /// they like.
    fn entry(self, reply: &Reply) -> Option<(AuditEntry, bool)> {
        let outcome = self.outcome(reply)?;
        let told = reply.extensions().get::<Told>().cloned().unwrap_or_default();
        let is_given_again = reply.extensions().get::<GivenAgain>().is_some();
        let action = self.action(reply.status());
        let by = match self.witness.caller() {
            Some(caller) => self.author.clone().known_as(caller),
            None => self.author.clone(),
        };
        let mut entry = AuditEntry {
            outcome,
            status: Some(reply.status().as_u16()),
            code: reply.extensions().get::<ProblemCode>().map(|code| code.0.to_owned()),
            subject: told.subject.or_else(|| self.subject(reply)),
            detail: told.detail,
            ..AuditEntry::done(self.clock.now(), by, action)
        };
        if let Some((name, text)) = self.beside() {
            entry = entry.with(name, text.as_str());
        }
        if let Some(reason) = self.witness.refusal() {
            entry = entry.with("reason", reason);
        }
        if is_given_again {
            entry = entry.with("givenAgain", true);
        }
        let is_act = outcome == Outcome::Done && !is_given_again && action != Action::ExportDeduplicated;
        Some((entry, !is_act))
    }

    /// How it ended, if that is to be known.
    fn outcome(&self, reply: &Reply) -> Option<Outcome> {
        use Weight as W;
        let (status, weight) = (reply.status(), self.line.map_or(W::Harmless, |line| line.weight));
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
                Some(Outcome::Refused)
            }
            _ if status.is_success() => {
                let is_done = match weight {
                    W::Act => true,
                    W::Look => !self.is_head && is_beginning(reply),
                    W::Download | W::Harmless => false,
                };
                is_done.then_some(Outcome::Done)
            }
            _ if weight == W::Act => Some(Outcome::Failed),
            // Whoever asks for what is not theirs, or is not there, may be looking for what is.
            StatusCode::NOT_FOUND if weight != W::Harmless => is_unknown(reply).then_some(Outcome::Failed),
            _ => None,
        }
    }

    /// A request that finds its export there already has asked for nothing new.
    fn action(&self, status: StatusCode) -> Action {
        match self.line.map_or(Action::AccessRefused, |line| line.action) {
            Action::ExportRequested | Action::ExportRetried if status == StatusCode::OK => {
                Action::ExportDeduplicated
            }
            action => action,
        }
    }

    fn beside(&self) -> Option<(&'static str, String)> {
        let (name, place) = self.line?.beside?;
        Some((name, decoded(self.params.get(place)?)))
    }

    fn subject(&self, reply: &Reply) -> Option<Subject> {
        match self.line?.about {
            About::Nothing => None,
            About::Param(kind, place) => Some(Subject::new(kind, &decoded(self.params.get(place)?))),
            About::Made(kind) => {
                let location = reply.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let made = location.and_then(|location| location.rsplit('/').next());
                made.map(|id| Subject::new(kind, &decoded(id)))
            }
        }
    }
}

fn decoded(encoded: &str) -> String {
    percent_decode_str(encoded).decode_utf8_lossy().into_owned()
}

/// Whether this is the first answer to somebody who reads something piece by piece.
fn is_beginning(reply: &Reply) -> bool {
    let range = reply.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    reply.status() != StatusCode::PARTIAL_CONTENT || range.is_none_or(|range| range.starts_with("bytes 0-"))
}

fn is_unknown(reply: &Reply) -> bool {
    let code = reply.extensions().get::<ProblemCode>().map(|code| code.0);
    matches!(code, Some("JOB_NOT_FOUND" | "LINK_NOT_FOUND" | "PROJECT_NOT_FOUND"))
}
