//! The page for browsers that run no scripts: forms and links, written here.
//!
//! What scripts would say in headers comes in a form's fields, and becomes these headers before anything
//! else looks at the request: so there is one way in, and one check of who changes what.

mod as_page;
mod form;
mod list;
mod markup;

pub use as_page::as_page;
pub use form::{Form, SignInForm};
pub use list::{Listed, list};
pub use markup::Html;
