//! The `exportd` program.

use exportd::cli::{self, Exit};

/// Holds its speed when many threads allocate at once, which packing does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Exit {
    cli::run(std::env::args_os())
}
