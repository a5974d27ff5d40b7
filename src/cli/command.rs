//! What `exportd` can be asked to do.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use super::outcome::{Exit, Failure};
use super::{
    audit, cleanup, completions, config, convert, datasets, demo, doctor, export, get, health, man, migrate,
    nginx, openapi, output, pack, serve, token, verify,
};

/// Ask for an export, and download, resume and verify its package.
#[derive(Debug, Parser)]
#[command(name = "exportd", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Example:
  exportd demo --once

Exit codes: 0 done, 1 failed, 2 wrong use, 3 not found or expired, 4 not allowed,
            5 integrity check failed, 130 interrupted")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

// A new command is a file beside this one, a line here and a line in `Command::run`.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Token(token::Token),
    Pack(pack::Pack),
    Verify(verify::Verify),
    Export(export::Export),
    Get(get::Get),
    Health(health::Health),
    Convert(convert::Convert),
    Cleanup(cleanup::Cleanup),
    Audit(audit::Audit),
    Openapi(openapi::OpenApi),
    Config(config::Config),
    Doctor(doctor::Doctor),
    Datasets(datasets::Datasets),
    Nginx(nginx::Nginx),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    fn run(self) -> Result<Exit, Failure> {
        match self {
            Self::Demo(command) => command.run(),
            Self::Serve(command) => command.run(),
            Self::Migrate(command) => command.run(),
            Self::Token(command) => command.run(),
            Self::Pack(command) => command.run(),
            Self::Verify(command) => command.run(),
            Self::Export(command) => command.run(),
            Self::Get(command) => command.run(),
            Self::Health(command) => command.run(),
            Self::Convert(command) => command.run(),
            Self::Cleanup(command) => command.run(),
            Self::Audit(command) => command.run(),
            Self::Openapi(command) => command.run(),
            Self::Config(command) => command.run(),
            Self::Doctor(command) => command.run(),
            Self::Datasets(command) => command.run(),
            Self::Nginx(command) => command.run(),
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(),
        }
    }
}

/// Does what `arguments` say, the program's name first, and tells what became of it.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(answer) => {
            // With the terminal gone, nobody is left to tell.
            let _ = answer.print();
            return meaning(&answer);
        }
    };
    match cli.command.run() {
        Ok(exit) => exit,
        Err(failure) => {
            output::complain(&failure);
            failure.exit
        }
    }
}

/// Help and version are what was asked for; anything else clap has to say is wrong use.
fn meaning(answer: &clap::Error) -> Exit {
    if answer.use_stderr() { Exit::WrongUse } else { Exit::Done }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_is_described_and_teaches_with_an_example() {
        let cli = Cli::command();
        cli.clone().debug_assert();
        for command in cli.get_subcommands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} does not say what it does");
            let help = command.get_after_help().or(command.get_after_long_help());
            let help = help.map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("exportd {name}")), "{name} shows no example");
        }
    }

    #[test]
    fn wrong_use_is_told_apart_from_asking_for_help() {
        let exit = |words: &[&str]| meaning(&Cli::try_parse_from(words).expect_err("an answer"));
        assert_eq!(exit(&["exportd", "--version"]), Exit::Done);
        assert_eq!(exit(&["exportd", "config", "--help"]), Exit::Done);
        assert_eq!(exit(&["exportd", "fly"]), Exit::WrongUse);
        assert_eq!(exit(&["exportd"]), Exit::WrongUse);
    }
}
