//! What may stand in a report's texts: Jinja, without what could make a small template large.
//!
//! `minijinja` counts its steps, but not what one step costs: `{% set a = a ~ a %}`, sixty times, is
//! sixty steps and 2^60 bytes, and `"a" * 100000000` is worked out while it is compiled. So a gate lets
//! through only words and signs with which nothing grows; what joins, adds and multiplies are filters
//! of ours, and these count what they make.

mod budget;
mod dates;
mod filters;
mod gate;
mod lists;
mod numbers;
mod passages;
mod speech;
mod values;
mod words;

pub use passages::Passage;
pub use speech::{Speech, check};
pub use values::{Cell, Moment, Row};
