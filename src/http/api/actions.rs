//! The same to many exports at once.

use futures_util::future::join_all;
use http::StatusCode;
use http::request::Parts;

use crate::app::{Acted, Deed, Desk};
use crate::domain::audit::{Action, AuditEntry, Author, Outcome, Subject};
use crate::domain::{Caller, ExportId, Origin};
use crate::endpoints;
use crate::http::audit::author;
use crate::http::kit::{Answer, App, IntoReply, Json, Problem, Reply};
use crate::http::shared::Shared;
use crate::http::views::{ActedView, ActionsBody, NewActions, NotActedView};

/// Cancel, retry, delete or extend many exports: of the caller's own, or for an admin of everyone's.
///
/// Each is done as if it had been asked for alone, with the same permission, limits and charge; what
/// cannot be done to one keeps no other. With `dryRun` nothing is done. A call does at most 1,000, the
/// oldest first; `remaining` tells how many are left for the next.
#[utoipa::path(post, path = "/api/v1/exports/actions", tag = "exports", request_body = ActionsBody,
    responses((status = 200, description = "what was done, or would be", body = ActedView)))]
pub async fn act(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    asked: Parts,
    Json(NewActions { deed, which, dry_run }): Json<NewActions>,
) -> Answer<Reply> {
    let mut acted = desk.exports().act(&caller, deed, which, dry_run, &origin).await?;
    let failed: Vec<(ExportId, Problem)> =
        std::mem::take(&mut acted.failed).into_iter().map(|(id, error)| (id, error.into())).collect();
    if !dry_run {
        record(&desk, &author(&asked).known_as(&caller), deed, &acted, &failed).await;
    }
    let failed = failed.iter().map(|(id, problem)| NotActedView::new(*id, problem)).collect();
    let view = ActedView::new(deed, dry_run, &acted, failed, desk.clock().now());
    Ok(view.told().by(Json(view).into_reply()))
}

endpoints!(Shared: act);

/// Has an entry written for each export, before it is answered for those to which it was done.
async fn record(desk: &Desk, author: &Author, deed: Deed, acted: &Acted, failed: &[(ExportId, Problem)]) {
    let (trail, now) = (desk.trail(), desk.clock().now());
    let entry = |action, id: ExportId| AuditEntry {
        subject: Some(Subject::new("export", &id.to_string())),
        ..AuditEntry::done(now, author.clone(), action).with("bulk", true)
    };
    for (id, problem) in failed {
        let entry = entry(action(deed), *id);
        trail.note_some(AuditEntry {
            outcome: outcome(problem),
            status: Some(problem.status().as_u16()),
            code: Some(problem.code().to_owned()),
            ..entry
        });
    }
    let done = acted.done.iter().map(|did| match &did.again {
        None => entry(action(deed), did.id),
        Some(again) if again.deduplicated => entry(Action::ExportDeduplicated, again.export.id),
        Some(again) => {
            entry(Action::ExportRetried, again.export.id).with("retried", did.id.to_string().as_str())
        }
    });
    join_all(done.map(|entry| trail.record(entry))).await;
}

const fn action(deed: Deed) -> Action {
    match deed {
        Deed::Cancel => Action::ExportCancelled,
        Deed::Retry => Action::ExportRetried,
        Deed::Delete => Action::ExportDeleted,
        Deed::Extend(_) => Action::ExportExtended,
    }
}

/// Whether they may not, or it could not be done.
fn outcome(problem: &Problem) -> Outcome {
    match problem.status() {
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => Outcome::Refused,
        _ => Outcome::Failed,
    }
}
