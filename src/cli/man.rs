//! `exportd man`: the manual, a page for every command.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::roff::{Roff, roman};

use super::command::Cli;
use super::outcome::{Exit, Failure};
use super::output;

/// When the commands were last described anew. Not the day of the build: the same source, the same pages.
const WRITTEN: &str = "2026-11-21";

/// Write the manual's pages, or print the first one
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  exportd man | man -l -
  exportd man /usr/local/share/man/man1        # then: man exportd-export-create")]
pub struct Man {
    /// Where the pages go; made when it is not there
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    /// Writes them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let mut command = Cli::command().disable_help_subcommand(true);
        // Names of commands below others are made up by building.
        command.build();
        match &self.folder {
            None => output::result(String::from_utf8_lossy(&page(&command)?).trim_end())?,
            Some(folder) => {
                let unwritable = |error: io::Error| {
                    Failure::new(Exit::Failed, format!("{} cannot be written: {error}", folder.display()))
                };
                fs::create_dir_all(folder).map_err(unwritable)?;
                let pages = write(&command, folder).map_err(unwritable)?;
                output::note(format_args!("{pages} pages in {}", folder.display()));
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes the page of `command` and of all below it, and tells how many these were.
fn write(command: &clap::Command, folder: &Path) -> io::Result<usize> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    fs::write(folder.join(format!("{name}.1")), page(command)?)?;
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    below.map(|command| write(command, folder)).try_fold(1, |sum, pages| Ok(sum + pages?))
}

fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let man = clap_mangen::Man::new(command.clone())
        .title(name.to_uppercase())
        .date(WRITTEN)
        .source(concat!("exportd ", env!("CARGO_PKG_VERSION")))
        .manual("exportd");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    examples(command).to_writer(&mut page)?;
    Ok(page)
}

/// What stands behind the help, line by line: commands are not to be run together.
fn examples(command: &clap::Command) -> Roff {
    let mut roff = Roff::default();
    if let Some(words) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        roff.control("SH", ["EXAMPLES"]);
        roff.control("nf", []);
        for line in words.to_string().lines() {
            roff.text([roman(line)]);
        }
        roff.control("fi", []);
    }
    roff
}
