//! XML 1.0 (fifth edition), in one layout for whatever the columns are: `export.xsd`.
//!
//! ```xml
//! <export xmlns="urn:exportd:export:1" xmlns:xsi="…" title="Usage">
//! <metadata>
//! <fact name="exportId">…</fact>
//! </metadata>
//! <section name="messages" title="Messages">
//! <columns>
//! <column name="id" title="Id" type="text"/>
//! </columns>
//! <row><field name="id">1</field><field name="at" xsi:nil="true"/></row>
//! </section>
//! </export>
//! ```
//!
//! XML cannot hold every character (§2.2: most control characters, U+FFFE and U+FFFF). Text with such a
//! character is written in base64 of its UTF-8, and says so: `encoding="base64"`, as bytes do. In names
//! and titles, which are attributes, such a character is `_xHHHH_`, its code in hexadecimal, and an
//! underscore before `x` and four such digits is `_x005F_` (after ISO 9075-14 §9.1).

mod document;
mod escape;

pub use document::Xml;
pub use escape::{is_char, unescaped_name};

/// What every element of ours belongs to.
pub const NAMESPACE: &str = "urn:exportd:export:1";
/// What `xsi:nil` belongs to (XML Schema 1.0 part 1, §2.6).
pub const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
