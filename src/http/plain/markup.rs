//! HTML, of which every text is escaped.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};

use crate::domain::is_invisible;
use crate::http::kit::{Document, IntoReply, Reply};

/// Forms go to this server alone, and nothing runs.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What is being written. [`Html::tag`] takes what we wrote ourselves; whatever comes from anybody else
/// goes through [`Html::text`].
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// With this markup, which is ours.
    #[must_use]
    pub fn tag(mut self, markup: &str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// With this text, whatever is in it: between tags, or in a quoted attribute.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        for sign in text.chars() {
            match sign {
                // Shown, so that it misleads nobody.
                _ if is_invisible(sign) => self.0.extend(sign.escape_default()),
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(sign),
            }
        }
        self
    }

    /// With what was written beside.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// This as the content of a page.
    pub fn page(self, title: &str, status: StatusCode) -> Reply {
        let head = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
            <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>";
        let body = " – exportd</title><link rel=\"icon\" href=\"/assets/icon.svg\">\
            <link rel=\"stylesheet\" href=\"/assets/page.css\"></head><body><header class=\"top\">\
            <a class=\"brand\" href=\"/plain\"><img src=\"/assets/icon.svg\" alt=\"\" width=\"28\" height=\"28\"> exportd</a>\
            </header><main>";
        let html = Self::default().tag(head).text(title).tag(body).with(self).tag("</main></body></html>");
        let bytes = Bytes::from(html.0);
        let mut reply = Document { media_type: "text/html; charset=utf-8", bytes }.into_reply();
        *reply.status_mut() = status;
        let headers = reply.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Without one, a browser would not tell us either that a form is our own.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_ever_markup() {
        let Html(written) = Html::default().tag("<a title=\"").text("\"><script>'&").tag("\">");
        assert_eq!(written, "<a title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">");
    }
}
