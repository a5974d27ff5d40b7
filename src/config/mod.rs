//! The settings: what each room can be told, where it was told so, and what is wrong with it.
//!
//! [`SETTINGS`] declares every setting once; loading, `config show`, `config check` and the
//! help read that declaration. Layers, later ones winning: defaults, `exportd.toml` (or the
//! file named), `EXPORTD__SECTION__KEY`, flags.

mod changed;
mod fault;
mod kind;
mod layer;
mod load;
mod settings;
mod shown;
mod table;
mod together;
mod toml_file;
mod values;

#[cfg(test)]
mod tests;

pub use changed::AsFound;
pub use fault::{Fault, Faults};
pub use kind::Kind;
pub use load::{Found, Sources};
pub use settings::Settings;
pub use shown::Shown;
pub use table::{Preset, SETTINGS, Setting};
pub use values::Purpose;
