//! The components of a request that a signature covers.

use sfv::InnerList;

use super::fault::SignatureFault;
use super::message::Message;

/// More than anybody would name.
const MOST: usize = 64;

/// The names of what a signature covers, in its order; each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components(Vec<String>);

impl Components {
    /// The components that `covered` lists.
    ///
    /// Parameters (`;sf`, `;key`, `;bs`, `;req`, `;tr`, `;name`) would ask for a part or another
    /// form of a component: none of them is supported.
    pub fn of(covered: &InnerList) -> Result<Self, SignatureFault> {
        if covered.items.len() > MOST {
            return Err(SignatureFault::Malformed("too many components"));
        }
        let mut names: Vec<String> = Vec::with_capacity(covered.items.len());
        for item in &covered.items {
            let name = item.bare_item.as_string().map(sfv::StringRef::as_str);
            let name = name.ok_or(SignatureFault::Malformed("a component is a text"))?;
            if !item.params.is_empty() {
                return Err(SignatureFault::NoSuchComponent(format!("{name} with parameters")));
            }
            if names.iter().any(|other| other == name) {
                return Err(SignatureFault::Malformed("a component is covered once"));
            }
            names.push(name.to_owned());
        }
        Ok(Self(names))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `name` is among them.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }
}

/// The value of the component `name` of `message`. `None` when it has none, and for components
/// that are of responses, or need a parameter.
///
/// Source: RFC 9421 §2.1, §2.2.
pub fn value(name: &str, message: &Message<'_>) -> Option<Vec<u8>> {
    let target = &message.target;
    Some(match name {
        "@method" => message.method.as_bytes().to_vec(),
        "@target-uri" => target.whole().into_bytes(),
        "@authority" => target.authority().as_bytes().to_vec(),
        "@scheme" => target.scheme().as_bytes().to_vec(),
        "@request-target" => message.request_target.as_bytes().to_vec(),
        "@path" => target.path().as_bytes().to_vec(),
        "@query" => target.query().into_bytes(),
        derived if derived.starts_with('@') => return None,
        field => return message.field(field),
    })
}
