//! What a handler may name among its arguments.

use std::str::FromStr;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::domain::IdError;

use super::call::{Call, FromCall};
use super::fields::{self, FromFields};
use super::json;
use super::problem::{Answer, RequestFault};

/// A part of what the handlers share.
#[derive(Debug, Clone)]
pub struct App<T>(pub T);

/// The path's only parameter.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<S: Send, T: FromStr<Err = IdError> + Send> FromCall<S> for Path<T> {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        parameter(call, 0).map(Path)
    }
}

/// The path's two parameters.
#[derive(Debug, Clone)]
pub struct PathPair<A, B>(pub A, pub B);

impl<S: Send, A, B> FromCall<S> for PathPair<A, B>
where
    A: FromStr<Err = IdError> + Send,
    B: FromStr<Err = IdError> + Send,
{
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        Ok(PathPair(parameter(call, 0)?, parameter(call, 1)?))
    }
}

/// The path's parameter number `place`, decoded once, after matching: an encoded `/` is part of it.
fn parameter<S, T: FromStr<Err = IdError>>(call: &Call<S>, place: usize) -> Answer<T> {
    let encoded = call.params.get(place).map(String::as_str).unwrap_or_default();
    let text = percent_decode_str(encoded).decode_utf8().map_err(|_| IdError::NotASegment);
    let id = text.and_then(|text| text.parse());
    id.map_err(|error: IdError| RequestFault::InvalidId(error.to_string()).into())
}

/// The path's two parameters, of which the second is the rest of the path, slashes and all.
#[derive(Debug, Clone)]
pub struct PathWithin<T>(pub T, pub String);

impl<S: Send, T: FromStr<Err = IdError> + Send> FromCall<S> for PathWithin<T> {
    /// Decoded once, after matching, so that it does not matter whether its `/` were encoded.
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        let Path(first) = Path::from_call(call).await?;
        let encoded = call.params.get(1).map(String::as_str).unwrap_or_default();
        let rest = percent_decode_str(encoded).decode_utf8();
        let rest = rest.map_err(|_| RequestFault::InvalidId("the rest of the path is not UTF-8".into()))?;
        Ok(Self(first, rest.into_owned()))
    }
}

/// The query. Unknown and malformed parameters are refused, all at once.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Send, T: FromFields + Send> FromCall<S> for Query<T> {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        let members = parameters(call.parts.uri.query().unwrap_or_default());
        Ok(Query(fields::read(Value::Object(members)).map_err(RequestFault::InvalidFields)?))
    }
}

/// The parameters as members of an object; one that is given twice becomes a list.
fn parameters(query: &str) -> Map<String, Value> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let mut members = Map::new();
    for (name, value) in pairs {
        match members.get_mut(&name) {
            None => {
                members.insert(name, Value::String(value));
            }
            Some(Value::Array(several)) => several.push(Value::String(value)),
            Some(first) => *first = Value::Array(vec![first.take(), Value::String(value)]),
        }
    }
    members
}

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<S: Send, T: FromFields + Send> FromCall<S> for Json<T> {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        match body(call).await? {
            Some(body) => Ok(Json(body)),
            None => Err(RequestFault::InvalidJson("there is none".into()).into()),
        }
    }
}

/// A JSON body, or none, which says as much as `{}`.
#[derive(Debug, Clone)]
pub struct OrNothing<T>(pub T);

impl<S: Send, T: FromFields + Send> FromCall<S> for OrNothing<T> {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        let body = match body(call).await? {
            Some(body) => body,
            None => fields::read(Value::Object(Map::new())).map_err(RequestFault::InvalidFields)?,
        };
        Ok(OrNothing(body))
    }
}

/// Without a body there is no type to be wrong.
async fn body<S, T: FromFields>(call: &mut Call<S>) -> Result<Option<T>, RequestFault> {
    let bytes = call.body.bytes().await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !is_json(&call.parts.headers) {
        return Err(RequestFault::NotJson);
    }
    let value = json::parse(&bytes).map_err(|error| RequestFault::InvalidJson(error.to_string()))?;
    fields::read(value).map(Some).map_err(RequestFault::InvalidFields)
}

/// `application/json`, whatever its parameters (RFC 8259 §11 defines none), and not compressed.
fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") && !headers.contains_key(CONTENT_ENCODING)
}

/// The head of the request, for what is decided by several of its lines.
impl<S: Send> FromCall<S> for Parts {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        Ok(call.parts.clone())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_given_twice_is_a_list() {
        let members = parameters("a=1&b=x%20y&a=2&a=3&c");
        assert_eq!(Value::Object(members), json!({"a": ["1", "2", "3"], "b": "x y", "c": ""}));
    }

    #[test]
    fn json_is_recognised_by_its_media_type_alone() {
        for (media_type, is) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json5", false),
            ("text/plain", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
            assert_eq!(is_json(&headers), is, "{media_type}");
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            assert!(!is_json(&headers));
        }
    }
}
