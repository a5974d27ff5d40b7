//! Texts, compiled and rendered.

use std::io::{self, Write};
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::reports::limits::{DEEPEST, STEPS_OF_TEXT};
use crate::reports::{TemplateFault, Text};

use super::budget::{Budget, refused};
use super::filters;
use super::gate::{self, Applied, Barred};
use super::passages::{BEGIN, END, Passage, one_line, passages};

/// How deep the engine itself may go; the gate lets through far less.
const RECURSION: usize = 4 * DEEPEST;

/// What is said of a text that is longer than a report may be.
const TOO_MUCH: &str = "prints too much";

/// The texts of a report, ready to be rendered.
pub struct Speech {
    engine: Environment<'static>,
    budget: Arc<Budget>,
}

/// Whether `text` can be compiled.
///
/// # Errors
/// What is wrong with it, and in which line.
pub fn check(text: &Text) -> Result<(), TemplateFault> {
    Speech::new(Arc::default()).learn(text)
}

impl Speech {
    /// An engine that knows no text yet, and what its texts may cost.
    fn new(budget: Arc<Budget>) -> Self {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_recursion_limit(RECURSION);
        engine.set_auto_escape_callback(|_| AutoEscape::None);
        let spent = Arc::clone(&budget);
        engine.set_formatter(move |out, _, value| {
            let text = filters::text(value)?;
            // Here the engine still knows the line; what is written on paper has none.
            if !spent.may_print(text.len() + 2) {
                return Err(refused(TOO_MUCH));
            }
            // A control character could pass for a mark.
            let text = text.replace(|sign: char| sign.is_control() && !matches!(sign, '\n' | '\t'), " ");
            out.write_str(&format!("{BEGIN}{text}{END}")).map_err(Error::from)
        });
        filters::add(&mut engine, &budget);
        Self { engine, budget }
    }

    /// Compiles `texts`.
    ///
    /// # Errors
    /// What is wrong with the first of them that is wrong.
    pub fn of(texts: &[&Text]) -> Result<Self, TemplateFault> {
        let mut speech = Self::new(Arc::default());
        texts.iter().try_for_each(|text| speech.learn(text))?;
        Ok(speech)
    }

    fn learn(&mut self, text: &Text) -> Result<(), TemplateFault> {
        let fault = |line, message| TemplateFault { pointer: text.pointer.clone(), line, message };
        gate::let_through(&text.source).map_err(|Barred { line, why }| fault(Some(line), why))?;
        let learned = self.engine.add_template_owned(text.pointer.clone(), text.source.clone());
        learned.map_err(|error| fault(error.line(), told(&error)))?;
        self.names(text)
    }

    /// Whether everything that `text` applies is there: the engine itself asks only when it comes to it.
    fn names(&self, text: &Text) -> Result<(), TemplateFault> {
        let mut state = self.engine.empty_state();
        for (applied, name, line) in gate::applied(&text.source) {
            let (word, is_known) = match applied {
                Applied::Filter => {
                    let tried = state.apply_filter(name, &[]);
                    ("filter", !is(&tried, ErrorKind::UnknownFilter))
                }
                Applied::Test => {
                    let tried = state.perform_test(name, &[]);
                    ("test", !is(&tried, ErrorKind::UnknownTest))
                }
                Applied::Function => ("function", name == "range"),
            };
            if !is_known {
                let message = format!("there is no {word} `{name}`");
                return Err(TemplateFault { pointer: text.pointer.clone(), line: Some(line), message });
            }
        }
        Ok(())
    }

    /// What `text` says of `context`, in paragraphs and lists.
    ///
    /// # Errors
    /// Why it cannot be said, and in which line.
    pub fn passages(&mut self, text: &Text, context: &Value) -> Result<Vec<Passage>, TemplateFault> {
        self.written(text, context).map(|written| passages(&written))
    }

    /// What `text` says of `context`, in one line.
    ///
    /// # Errors
    /// Why it cannot be said, and in which line.
    pub fn line(&mut self, text: &Text, context: &Value) -> Result<String, TemplateFault> {
        self.written(text, context).map(|written| one_line(&written))
    }

    fn written(&mut self, text: &Text, context: &Value) -> Result<String, TemplateFault> {
        let fuel = self.budget.steps().min(STEPS_OF_TEXT);
        self.engine.set_fuel(Some(fuel));
        let fault = |line, message| TemplateFault { pointer: text.pointer.clone(), line, message };
        let template = self.engine.get_template(&text.pointer).map_err(|error| fault(None, told(&error)))?;
        let mut paper = Paper { text: Vec::new(), budget: Arc::clone(&self.budget), overflow: None };
        let rendered = template.render_captured_to(context.clone(), &mut paper);
        let spent = rendered.as_ref().ok().and_then(|captured| captured.state().fuel_levels());
        self.budget.stepped(spent.map_or(fuel, |(spent, _)| spent));
        if let Some(last) = paper.overflow {
            // The engine does not tell where literal text comes from; its own words do.
            let line = text.source.find(last.trim()).map(|at| gate::line(&text.source, at));
            let line = rendered.as_ref().err().and_then(Error::line).or(line);
            return Err(fault(line, TOO_MUCH.into()));
        }
        rendered.map_err(|error| {
            let place = error.line().filter(|_| error.kind() == ErrorKind::UndefinedError);
            let place = place.and_then(|line| text.source.lines().nth(line - 1));
            let words =
                place.map(|place| format!(": `{}`", place.trim().chars().take(100).collect::<String>()));
            fault(error.line(), told(&error) + &words.unwrap_or_default())
        })?;
        String::from_utf8(paper.text).map_err(|_| fault(None, "is no text".into()))
    }
}

fn is<T>(tried: &Result<T, Error>, kind: ErrorKind) -> bool {
    tried.as_ref().is_err_and(|error| error.kind() == kind)
}

/// What a text is written on: only so large.
struct Paper {
    text: Vec<u8>,
    budget: Arc<Budget>,
    /// What was to be written when there was no room left.
    overflow: Option<String>,
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.budget.print(bytes.len()) {
            self.overflow = Some(String::from_utf8_lossy(bytes).into_owned());
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the engine says, without anything of the data.
fn told(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => format!("takes more than {STEPS_OF_TEXT} steps: does it ever end?"),
        ErrorKind::UndefinedError => {
            "uses a name that is not there, or a column that the data do not have".into()
        }
        // With the numbers themselves.
        ErrorKind::InvalidOperation if detail.starts_with("unable to calculate") => {
            "comes to a number that cannot be written".into()
        }
        _ if detail.is_empty() => error.kind().to_string(),
        _ => detail.chars().take(200).collect(),
    }
}
