//! Problems, as a page.

use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::http::kit::{Call, Handler, Problem, Reply};
use crate::http::shared::Shared;

use super::Html;

/// Answers as `handler` does; what is a problem for programs becomes a page, and to whoever is not known
/// the one where they sign in.
pub async fn as_page(call: Call<Shared>, handler: Handler<Shared>) -> Reply {
    let is_look = call.parts.method == http::Method::GET;
    let mut reply = handler(call).await;
    let Some(problem) = reply.extensions_mut().remove::<Problem>() else { return reply };
    let page = match problem.status() {
        StatusCode::UNAUTHORIZED => sign_in((!is_look).then(|| problem.detail())),
        status => said(&problem).page("This did not work", status),
    };
    let (mut head, body) = page.into_parts();
    // What the problem has beside its words stays: when to come again, how to prove oneself.
    for (name, value) in reply.headers() {
        if ![CONTENT_TYPE, CONTENT_SECURITY_POLICY].contains(name) {
            head.headers.insert(name.clone(), value.clone());
        }
    }
    head.extensions = std::mem::take(reply.extensions_mut());
    Reply::from_parts(head, body)
}

fn said(problem: &Problem) -> Html {
    let mut html = Html::default().tag("<h1>This did not work</h1><p>").text(problem.detail()).tag("</p>");
    for fault in problem.errors() {
        html = html.tag("<p>").text(&fault.pointer).tag(" ").text(&fault.message).tag("</p>");
    }
    html.tag("<p><a class=\"button\" href=\"/plain\">To your exports</a></p>")
}

fn sign_in(trouble: Option<&str>) -> Reply {
    let mut html = Html::default().tag("<div class=\"card narrow\"><h1>Sign in</h1>");
    if let Some(trouble) = trouble {
        html = html.tag("<div class=\"notice bad\" role=\"alert\"><p>").text(trouble).tag("</p></div>");
    }
    let form = "<form class=\"stack\" method=\"post\" action=\"/plain/sign-in\"><div class=\"field\">\
        <label for=\"token\">Token</label><input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"off\">\
        <span class=\"hint\">An access token of your provider, or an API token (exd_…).</span></div>\
        <div><button class=\"primary\">Sign in</button></div></form></div>";
    html.tag(form).page("Sign in", StatusCode::UNAUTHORIZED)
}
