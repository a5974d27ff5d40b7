//! Text of any length, set a little at a time.

use std::collections::VecDeque;

use super::setter::{Line, Setter, Style};

/// Bytes of text that are set at once: more than most cells have, and little memory.
const STEP: usize = 4096;

/// Text on its way into a column.
pub(super) struct Pour {
    text: String,
    style: Style,
    width: f32,
    /// Where the text begins that is not set yet.
    at: usize,
    lines: VecDeque<Line>,
    /// How high the lines are that are set.
    height: f32,
}

impl Pour {
    /// `text`, to be set in a column.
    pub(super) fn new(text: &str, style: Style, width: f32, setter: &mut Setter) -> Self {
        let text = setter.clean(text).into_owned();
        let mut pour = Self { text, style, width, at: 0, lines: VecDeque::new(), height: 0.0 };
        pour.set_more(setter);
        pour
    }

    /// How it is set.
    pub(super) fn style(&self) -> Style {
        self.style
    }

    /// How high all of it is; `None` while that is not known.
    pub(super) fn whole(&self) -> Option<f32> {
        (self.at == self.text.len()).then_some(self.height)
    }

    /// Whether there is nothing left of it.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The next line, if it is no higher than `room`.
    pub(super) fn next(&mut self, room: f32, setter: &mut Setter) -> Option<Line> {
        let line = self.lines.pop_front_if(|line| line.height <= room)?;
        self.height -= line.height;
        if self.lines.is_empty() {
            self.set_more(setter);
        }
        Some(line)
    }

    /// Keeps the first `most` lines alone.
    pub(super) fn cut(&mut self, most: usize) {
        self.at = self.text.len();
        self.lines.truncate(most);
        self.height = self.lines.iter().map(|line| line.height).sum();
    }

    /// Sets the next stretch of the text. Its last line waits for what comes after it.
    fn set_more(&mut self, setter: &mut Setter) {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return;
        }
        let step = stretch(rest);
        let mut lines: VecDeque<_> = setter.set(&rest[..step], self.style, self.width).into();
        let is_last = step == rest.len();
        let unfinished = if is_last || rest[..step].ends_with('\n') { None } else { lines.pop_back() };
        self.at += match unfinished {
            Some(line) if line.start > 0 => line.start,
            Some(line) => {
                lines.push_back(line);
                step
            }
            None => step,
        };
        self.height += lines.iter().map(|line| line.height).sum::<f32>();
        self.lines.append(&mut lines);
    }
}

/// How many bytes of `text` to set at once: up to where a line ends, or else a word.
fn stretch(text: &str) -> usize {
    if text.len() <= STEP {
        return text.len();
    }
    let step = text.floor_char_boundary(STEP);
    let found = text[..step].rfind('\n').or_else(|| text[..step].rfind(' '));
    found.map_or(step, |place| place + 1)
}
