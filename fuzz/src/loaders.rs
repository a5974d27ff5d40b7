//! Of what stands higher, the rules: they take in what a stranger's ignore file says.

#[allow(dead_code, reason = "what whoever walks would ask is asked by nobody here")]
#[path = "../../src/loaders/naming/mod.rs"]
mod naming;
#[allow(dead_code, reason = "what whoever walks would ask is asked by nobody here")]
#[path = "../../src/loaders/rules/mod.rs"]
pub mod rules;
