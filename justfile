# The commands that people who change exportd type. `just` lists them.

[private]
default:
    @just --list --unsorted

# Try it: everything on embedded defaults, in ./exportd-demo
demo *flags:
    cargo run --release -- demo {{ flags }}

# Run every test, or those whose name contains a word
test *words:
    ./scripts/test {{ words }}

# What must be true of every commit
ci:
    ./.ci/run

# Format, and fix what clippy can fix by itself
fix:
    cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged
    cargo fmt --all

# Read the documentation of every room
doc:
    cargo doc --workspace --no-deps --document-private-items --open
