//! What of a request a signature can be about.

/// The address that a client asked for, in the one form in which it is signed: scheme and host in
/// lower case, without a port that goes without saying, a path that is at least `/`.
///
/// Sources: RFC 9421 §2.2.2 to §2.2.7; RFC 9110 §4.2.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    scheme: String,
    authority: String,
    path: String,
    query: Option<String>,
}

impl Target {
    /// The parts of an absolute `http` or `https` address; `None` for anything else.
    pub fn parse(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority).trim_end_matches(':');
        if authority.is_empty() {
            return None;
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        let path = if path.is_empty() { "/" } else { path };
        Some(Self { authority: authority.to_owned(), path: path.to_owned(), query, scheme })
    }

    /// `@scheme`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// `@authority`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `@path`, as it was encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `@query`: with its question mark, which is there even when nothing else is.
    pub fn query(&self) -> String {
        format!("?{}", self.query.as_deref().unwrap_or_default())
    }

    /// `@target-uri`.
    pub fn whole(&self) -> String {
        let query = self.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
        format!("{}://{}{}{query}", self.scheme, self.authority, self.path)
    }
}

/// A request, as far as it can be signed.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// What the client asked for, whatever stands between it and us.
    pub target: Target,
    /// The request target (RFC 9112 §3.2), as sent.
    pub request_target: &'a str,
    /// The lines of the head in their order, with names in lower case.
    pub headers: Vec<(&'a str, &'a [u8])>,
}

impl Message<'_> {
    /// Whether there is a line of this name.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(line, _)| *line == name)
    }

    /// The value of a field: its lines, trimmed and joined. `None` when there are none, or when
    /// one holds what would begin a new line of what is signed.
    ///
    /// Source: RFC 9421 §2.1.
    pub fn field(&self, name: &str) -> Option<Vec<u8>> {
        let mut lines = self.headers.iter().filter(|(line, _)| *line == name).map(|(_, value)| *value);
        let mut whole = lines.next()?.trim_ascii().to_vec();
        for line in lines {
            whole.extend_from_slice(b", ");
            whole.extend_from_slice(line.trim_ascii());
        }
        let is_one_line = !whole.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        is_one_line.then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_however_it_is_spelled() {
        for (address, whole, authority, path, query) in [
            (
                "https://Exports.Example:443/a?b=c",
                "https://exports.example/a?b=c",
                "exports.example",
                "/a",
                "?b=c",
            ),
            ("HTTP://h:80", "http://h/", "h", "/", "?"),
            ("http://h:8080?x", "http://h:8080/?x", "h:8080", "/", "?x"),
            ("http://[::1]:80/%2F?", "http://[::1]/%2F?", "[::1]", "/%2F", "?"),
            ("http://h/a?b?c/d", "http://h/a?b?c/d", "h", "/a", "?b?c/d"),
        ] {
            let target = Target::parse(address).expect("an address");
            assert_eq!(
                (target.whole().as_str(), target.authority(), target.path(), target.query().as_str()),
                (whole, authority, path, query)
            );
        }
        for none in ["/api/v1/exports", "ftp://h/x", "http:///x", "", "http://:80/"] {
            assert_eq!(Target::parse(none), None, "{none}");
        }
    }

    #[test]
    fn the_lines_of_a_field_are_one_value() {
        let target = Target::parse("http://h/").expect("an address");
        let headers: Vec<(&str, &[u8])> =
            vec![("a", b" 1 \t"), ("b", b"x"), ("a", b"2, 3"), ("c", b"1\n\"@method\": GET")];
        let message = Message { method: "GET", target, request_target: "/", headers };
        assert_eq!(message.field("a").as_deref(), Some(&b"1, 2, 3"[..]));
        assert_eq!((message.field("d"), message.field("c"), message.has("c")), (None, None, true));
    }
}
