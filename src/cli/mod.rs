//! The command line: one file per command, results to standard output, all else to standard
//! error.

mod audit;
mod cleanup;
mod client;
mod command;
mod completions;
mod config;
mod convert;
mod datasets;
mod demo;
mod doctor;
mod export;
mod finding;
mod get;
mod health;
mod man;
mod migrate;
mod nginx;
mod openapi;
mod outcome;
mod output;
mod pack;
mod part;
mod plain;
mod sample;
mod serve;
mod server_args;
mod service_manager;
mod settings_args;
mod signals;
mod token;
mod verify;

pub use command::{Cli, run};
pub use outcome::{Exit, Failure};
