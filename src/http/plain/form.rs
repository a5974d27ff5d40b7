//! What a form says, put where it belongs.

use std::collections::HashMap;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use crate::http::caller::from_here;
use crate::http::kit::{Answer, Call, FromCall};
use crate::http::shared::Shared;

const X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// The fields of a form of ours. To be taken before the caller: its field `csrf` is what a script would
/// send as `X-CSRF-Token`.
#[derive(Debug)]
pub struct Form(HashMap<String, String>);

impl Form {
    /// A field, or nothing.
    pub fn field(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl FromCall<Shared> for Form {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        let mut fields = fields(call).await?;
        if let Some(value) = fields.remove("csrf").and_then(header) {
            call.parts.headers.insert(X_CSRF_TOKEN, value);
        }
        Ok(Self(fields))
    }
}

/// The form by which somebody signs in; to be taken before the caller, whom its field `token` proves. Of
/// no other site's page, which could sign its visitor in as somebody else.
#[derive(Debug)]
pub struct SignInForm;

impl FromCall<Shared> for SignInForm {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        from_here(call)?;
        let token = fields(call).await?.remove("token").unwrap_or_default();
        // An empty field is no cookie's business either.
        let said = header(format!("Bearer {}", token.trim())).unwrap_or(HeaderValue::from_static("Bearer"));
        call.parts.headers.insert(AUTHORIZATION, said);
        Ok(Self)
    }
}

/// A field that is twice there is as good as its last; what is no form has no fields.
async fn fields(call: &mut Call<Shared>) -> Answer<HashMap<String, String>> {
    let bytes = call.body.bytes().await?;
    Ok(serde_urlencoded::from_bytes(&bytes).unwrap_or_default())
}

fn header(value: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
