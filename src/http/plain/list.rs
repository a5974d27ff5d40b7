//! One's exports, and a form for another.

use http::StatusCode;

use crate::domain::{Export, Kind, Status, Timestamp, human_size};
use crate::http::kit::Reply;

use super::Html;

/// What is on the page.
#[derive(Debug)]
pub struct Listed {
    /// Who is signed in.
    pub user: String,
    /// What their forms carry.
    pub csrf: String,
    /// Their exports, newest first.
    pub exports: Vec<Export>,
    /// Their projects.
    pub projects: Vec<String>,
    /// What else can be asked for without saying more.
    pub kinds: Vec<Kind>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// What time it is.
    pub now: Timestamp,
}

/// The page. It asks for itself again while something is under way.
pub fn list(listed: &Listed) -> Reply {
    let html = Html::default()
        .tag("<div class=\"row between wrap\"><h1>Exports</h1>")
        .with(form(listed, "/plain/sign-out", "Sign out", ""))
        .tag("</div><p class=\"hint\">Signed in as ")
        .text(&listed.user)
        .tag("</p>")
        .with(asking(listed))
        .with(table(listed));
    let html = match &listed.next {
        Some(cursor) => {
            html.tag("<p><a class=\"button\" href=\"/plain?cursor=").text(cursor).tag("\">Older</a></p>")
        }
        None => html,
    };
    html.page("Exports", StatusCode::OK)
}

fn asking(listed: &Listed) -> Html {
    let mut html = hidden(Html::default().tag("<form class=\"card stack\" method=\"post\" action=\"/plain/exports\"><h2>New export</h2>"), listed)
        .tag("<div class=\"columns\"><div class=\"field\"><label for=\"what\">Of what</label><select id=\"what\" name=\"what\" required>");
    for project in &listed.projects {
        html = html
            .tag("<option value=\"project:")
            .text(project)
            .tag("\">Project ")
            .text(project)
            .tag("</option>");
    }
    for kind in &listed.kinds {
        html = html
            .tag("<option value=\"")
            .text(kind.as_str())
            .tag("\">")
            .text(&kind.as_str().replace('_', " "))
            .tag("</option>");
    }
    html = html.tag("</select></div><div class=\"field\"><label for=\"format\">Format</label><select id=\"format\" name=\"format\"><option value=\"\">As usual</option>");
    for format in ["zip", "tar.gz", "tar.zst", "json", "jsonl", "csv", "xml"] {
        html = html.tag("<option>").text(format).tag("</option>");
    }
    html.tag("</select></div></div><div><button class=\"primary\">Make the export</button></div></form>")
}

fn table(listed: &Listed) -> Html {
    if listed.exports.is_empty() {
        return Html::default().tag("<p>There are no exports yet.</p>");
    }
    let mut html = Html::default().tag(
        "<div class=\"card\"><table><thead><tr><th scope=\"col\">Export</th><th scope=\"col\">Status</th>\
         <th scope=\"col\">Size</th><th scope=\"col\">Kept until</th><th scope=\"col\">Actions</th></tr></thead><tbody>",
    );
    for export in &listed.exports {
        html = html.with(row(export, listed));
    }
    html.tag("</tbody></table></div><p><a class=\"button\" href=\"/plain\">Look again</a></p>")
}

fn row(export: &Export, listed: &Listed) -> Html {
    let status = export.status_at(listed.now);
    let id = export.id.to_string();
    let size = export.package.as_ref().map_or_else(|| "–".to_owned(), |package| human_size(package.size));
    let until = export.expires_at.filter(|_| status == Status::Completed).map(|at| at.to_string());
    let html = Html::default()
        .tag("<tr><th scope=\"row\" class=\"name\">")
        .text(&export.file_name())
        .tag("</th><td>");
    let html = html.text(&standing(export, status)).tag("</td><td class=\"numbers\">").text(&size);
    let html = html.tag("</td><td class=\"numbers\">").text(until.as_deref().unwrap_or("–")).tag("</td><td>");
    let action = match status {
        Status::Completed => Html::default()
            .tag("<a class=\"button\" href=\"/api/v1/exports/")
            .text(&id)
            .tag("/download\">Download</a>"),
        Status::Scheduled | Status::Queued | Status::Processing => {
            form(listed, &format!("/plain/exports/{id}/cancel"), "Cancel", &export.file_name())
        }
        Status::Failed | Status::Cancelled | Status::Expired => {
            form(listed, &format!("/plain/exports/{id}/retry"), "Again", &export.file_name())
        }
        Status::Cancelling => Html::default(),
    };
    html.with(action).tag("</td></tr>")
}

fn standing(export: &Export, status: Status) -> String {
    match (status, &export.failure) {
        (Status::Processing, _) => format!("{status}, {} %", export.progress.percent()),
        (Status::Failed, Some(failure)) => format!("{status}: {}", failure.message),
        _ => status.to_string(),
    }
}

/// A button that is a form of its own; `of` is what it is about, for those who hear buttons only.
fn form(listed: &Listed, action: &str, word: &str, of: &str) -> Html {
    let html = Html::default().tag("<form method=\"post\" action=\"").text(action).tag("\">");
    hidden(html, listed)
        .tag("<button>")
        .text(word)
        .tag("<span class=\"unseen\"> ")
        .text(of)
        .tag("</span></button></form>")
}

fn hidden(html: Html, listed: &Listed) -> Html {
    html.tag("<input type=\"hidden\" name=\"csrf\" value=\"").text(&listed.csrf).tag("\">")
}
