//! What whoever waits for an export sees of it.

use std::fmt::Display;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::told;
use crate::cli::output;
use crate::cli::plain::plain;

const TEMPLATE: &str = "{prefix} {wide_bar} {percent:>3} % {msg}";
const REDRAWN: Duration = Duration::from_millis(200);

/// Tells on standard error: by a bar on a terminal, by a line for every tenth elsewhere.
#[derive(Debug)]
pub struct Watch {
    manner: Manner,
    bar: ProgressBar,
    /// The last line that was told.
    line: String,
    /// The last that was heard, told or not.
    last: String,
    in_trouble: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Bar,
    Lines,
    Silence,
}

impl Watch {
    /// One that fits standard error, or says nothing when that is wanted.
    pub fn new(quiet: bool) -> Self {
        let manner = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Manner::Silence,
            (false, true) => Manner::Bar,
            (false, false) => Manner::Lines,
        };
        Self {
            manner,
            bar: ProgressBar::hidden(),
            line: String::new(),
            last: String::new(),
            in_trouble: false,
        }
    }

    /// It has come this far; `position` in the line, while it waits in one.
    pub fn progress(&mut self, progress: &Value, position: Option<u64>) {
        self.in_trouble = false;
        self.last = told::progress(&in_tenths(progress), position);
        match self.manner {
            Manner::Bar => self.draw(progress, position),
            Manner::Lines => self.tell(self.last.clone()),
            Manner::Silence => {}
        }
    }

    /// Its status is another one now.
    pub fn status(&mut self, status: &str) {
        self.in_trouble = false;
        self.last = plain(status).into_owned();
        if self.manner == Manner::Lines {
            self.tell(self.last.clone());
        }
    }

    /// What a person may want to know.
    pub fn note(&self, words: impl Display) {
        if self.manner != Manner::Silence {
            self.bar.suspend(|| output::note(words));
        }
    }

    /// What stands in the way just now; once, until something comes again.
    pub fn trouble(&mut self, words: impl Display) {
        self.last = words.to_string();
        if !std::mem::replace(&mut self.in_trouble, true) {
            self.note(&self.last);
        }
    }

    /// The last that was heard; fit for a terminal.
    pub fn last(&self) -> &str {
        if self.last.is_empty() { "nothing" } else { &self.last }
    }

    /// Nothing more will come.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn tell(&mut self, line: String) {
        if line != self.line {
            output::note(&line);
            self.line = line;
        }
    }

    fn draw(&mut self, progress: &Value, position: Option<u64>) {
        if self.bar.is_hidden() {
            let style = ProgressStyle::with_template(TEMPLATE).expect("our own template is sound");
            self.bar.set_length(100);
            self.bar.set_style(style);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(REDRAWN);
        }
        self.bar.set_position(progress["percent"].as_u64().unwrap_or(0).min(100));
        self.bar.set_prefix(told::text(progress, "phase").into_owned());
        self.bar.set_message(beside(progress, position));
    }
}

/// What stands beside the bar: the place in line or the time left, and the file just now.
fn beside(progress: &Value, position: Option<u64>) -> String {
    let place = position.map(|position| format!("number {position} in line"));
    let left = progress["etaSeconds"]
        .as_u64()
        .map(|seconds| format!("{} left", humantime::format_duration(Duration::from_secs(seconds))));
    let file = progress["currentFile"].as_str().map(|file| short(&plain(file)));
    [place, left, file].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The end of a path says most.
fn short(path: &str) -> String {
    const WIDTH: usize = 32;
    let skipped = path.chars().count().saturating_sub(WIDTH);
    let end: String = path.chars().skip(skipped).collect();
    if skipped == 0 { end } else { format!("…{end}") }
}

/// A log is not to fill with percents and seconds.
fn in_tenths(progress: &Value) -> Value {
    let tenth = progress["percent"].as_u64().unwrap_or(0) / 10 * 10;
    serde_json::json!({"phase": progress["phase"], "percent": tenth})
}
