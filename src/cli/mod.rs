//! The command line: one file per command, results to standard output, all else to standard
//! error.

mod command;
mod config;
mod outcome;
mod output;
mod settings_args;
mod token;

pub use command::{Cli, run};
pub use outcome::{Exit, Failure};
