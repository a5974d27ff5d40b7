//! What of a tree is exported, decided path by path: by whoever walks a folder, and by whoever
//! reads a version out of a repository.
//!
//! ```text
//! Rules (one request) ─► Judge (one walk) ◄─ ignore files, as their folders are entered
//!                          │ judge(path) ─► Verdict: left out, why, and by which rule
//! ```
//! Layers, the first that speaks decides:
//!
//! 1. the server's own data, and secrets by name: nobody brings them in;
//! 2. the project's `.exportignore` files, the nearest first: what they name is left out, what they
//!    name after a `!` is brought back from layer 3;
//! 3. what no person wrote: dependencies, build output, caches, version control, leftovers. It is
//!    as though these stood in an ignore file above all others;
//! 4. the request's own wishes, which only ever take away.
//!
//! Patterns have gitignore's meaning, at any depth and for whole names: `.env` is `apps/api/.env`
//! too, and `token` is not `tokenizer.rs`.

mod asked;
mod ignore_file;
mod judge;
mod lists;
mod names;
#[cfg(test)]
mod tests;
mod verdict;

pub use asked::TreeRules;
pub use ignore_file::{IGNORE_FILES, MOST_BYTES};
pub use judge::Judge;
pub use verdict::Verdict;
