//! What a user of exportd would notice.

mod cli;
mod floors;
