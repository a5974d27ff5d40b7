//! The `exportd` program.

fn main() {}
