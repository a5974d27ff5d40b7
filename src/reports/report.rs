//! A template that was found to be right.

use super::language::check;
use super::{Template, TemplateFault};

/// A template whose texts can be compiled: ready to be rendered, any number of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    template: Template,
}

impl Report {
    /// Looks into every text of `template`.
    ///
    /// # Errors
    /// What is wrong with each that is wrong, and in which line.
    pub fn compile(template: Template) -> Result<Self, Vec<TemplateFault>> {
        let faults: Vec<_> = template.texts().into_iter().filter_map(|text| check(text).err()).collect();
        if faults.is_empty() { Ok(Self { template }) } else { Err(faults) }
    }

    /// Reads a template's JSON and looks into its texts.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(body: serde_json::Value) -> Result<Self, Vec<TemplateFault>> {
        Self::compile(Template::read(body)?)
    }

    /// The template.
    pub const fn template(&self) -> &Template {
        &self.template
    }
}
