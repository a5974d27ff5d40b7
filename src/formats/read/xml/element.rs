//! An element of our layout, and its attributes.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::name::{NamespaceResolver, ResolveResult};

use crate::formats::xml::{INSTANCE, NAMESPACE, is_char, unescaped_name};
use crate::records::Type;

/// An element's beginning.
#[derive(Debug, Default)]
pub struct Element {
    /// Which it is: `export`, `row` …
    pub tag: String,
    /// Attributes that it has.
    pub name: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The type of a column.
    pub kind: Option<Type>,
    /// Whether its text is base64.
    pub is_encoded: bool,
    /// Whether there is nothing in it.
    pub is_nil: bool,
}

impl Element {
    /// What `start` says; words about what is wrong with it otherwise.
    pub fn new(start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Result<Self, String> {
        let (space, tag) = resolver.resolve_element(start.name());
        let is_ours = matches!(space, ResolveResult::Bound(space) if space.as_ref() == NAMESPACE);
        if !is_ours {
            let whole = start.name();
            return Err(format!("<{}> is no element of {NAMESPACE}", whole.as_ref()));
        }
        let mut element = Self { tag: tag.as_ref().to_owned(), ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            if attribute.value.contains('<') {
                return Err("a `<` in an attribute has to be `&lt;`".to_owned());
            }
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            if !value.chars().all(is_char) {
                return Err("a character that XML cannot hold".to_owned());
            }
            let (space, name) = resolver.resolve_attribute(attribute.key);
            element.take(&space, name.as_ref(), &value)?;
        }
        Ok(element)
    }

    fn take(&mut self, space: &ResolveResult<'_>, name: &str, value: &str) -> Result<(), String> {
        match (space, name) {
            (ResolveResult::Unbound, "name") => self.name = Some(unescaped_name(value)),
            (ResolveResult::Unbound, "title") => self.title = Some(unescaped_name(value)),
            (ResolveResult::Unbound, "type") => {
                let kind = Type::ALL.into_iter().find(|kind| kind.as_str() == value);
                self.kind = Some(kind.ok_or_else(|| format!("`{value}` is no type"))?);
            }
            (ResolveResult::Unbound, "encoding") if value == "base64" => self.is_encoded = true,
            (ResolveResult::Unbound, name) => return Err(format!("the attribute `{name}` is none of ours")),
            (ResolveResult::Bound(space), "nil") if space.as_ref() == INSTANCE => {
                self.is_nil = matches!(value.trim(), "true" | "1");
            }
            (ResolveResult::Bound(_), _) => {}
            (ResolveResult::Unknown(prefix), _) => {
                return Err(format!("the prefix `{prefix}` stands for nothing"));
            }
        }
        Ok(())
    }
}
