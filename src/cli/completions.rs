//! `exportd completions`: what a shell offers on Tab.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::command::Cli;
use super::outcome::{Exit, Failure};
use super::output;

/// Print what a shell needs to complete exportd's commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  exportd completions bash > /etc/bash_completion.d/exportd
  exportd completions zsh > ~/.zfunc/_exportd              # a folder of fpath
  exportd completions fish > ~/.config/fish/completions/exportd.fish
  source <(exportd completions bash)                       # this shell only")]
pub struct Completions {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "exportd", &mut script);
        output::result(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Exit::Done)
    }
}
