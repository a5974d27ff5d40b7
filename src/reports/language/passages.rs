//! What a rendered text is made of: paragraphs and lists.
//!
//! Structure comes from the template alone. What data contain stands between two marks while the
//! engine writes: a line break in a cell is one within its paragraph, and a `- ` at the front of a cell
//! begins no list.

/// Where something of the data begins in what the engine writes, and where it ends.
pub const BEGIN: char = '\u{1}';
/// See [`BEGIN`].
pub const END: char = '\u{2}';

/// A paragraph, or the points of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// A paragraph; line breaks in it are meant.
    Paragraph(String),
    /// Points.
    List(Vec<String>),
}

/// A line of the template, with what data have put into it.
#[derive(Debug, Default)]
struct Line {
    text: String,
    /// How much of its front is the template's own.
    own: usize,
    has_data: bool,
}

impl Line {
    fn push(&mut self, sign: char, is_data: bool) {
        self.has_data |= is_data;
        self.text.push(sign);
        if !self.has_data {
            self.own = self.text.len();
        }
    }

    /// What stands after `- `, when the template has put that there.
    fn point(&self) -> Option<&str> {
        let front = self.text.len() - self.text.trim_start().len();
        let is_own = front + 2 <= self.own;
        self.text[front..].strip_prefix("- ").filter(|_| is_own)
    }
}

/// The passages of what the engine wrote.
pub fn passages(written: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut paragraph: Vec<String> = Vec::new();
    let mut points: Vec<String> = Vec::new();
    for line in lines(written) {
        if let Some(point) = line.point() {
            end_paragraph(&mut paragraph, &mut passages);
            points.push(point.trim().to_owned());
        } else if line.text.trim().is_empty() {
            end_paragraph(&mut paragraph, &mut passages);
            end_list(&mut points, &mut passages);
        } else if let Some(point) = points.last_mut() {
            // A point goes on in the next line.
            point.push(' ');
            point.push_str(line.text.trim());
        } else {
            paragraph.push(line.text.trim().to_owned());
        }
    }
    end_paragraph(&mut paragraph, &mut passages);
    end_list(&mut points, &mut passages);
    passages
}

/// What the engine wrote, as one line.
pub fn one_line(written: &str) -> String {
    let text = written.replace([BEGIN, END], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lines(written: &str) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    let mut is_data = false;
    for sign in written.chars() {
        match sign {
            BEGIN => is_data = true,
            END => is_data = false,
            '\n' if !is_data => lines.push(Line::default()),
            sign => lines.last_mut().expect("there is a first").push(sign, is_data),
        }
    }
    lines
}

fn end_paragraph(lines: &mut Vec<String>, passages: &mut Vec<Passage>) {
    if !lines.is_empty() {
        passages.push(Passage::Paragraph(std::mem::take(lines).join("\n")));
    }
}

fn end_list(points: &mut Vec<String>, passages: &mut Vec<Passage>) {
    if !points.is_empty() {
        passages.push(Passage::List(std::mem::take(points)));
    }
}
