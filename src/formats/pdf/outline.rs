//! Bookmarks: a document's headings, one under the other.

use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::outline::{Outline, OutlineNode};

/// Bookmarks of one document; nobody looks through more.
const MOST: usize = 10_000;
/// Characters of one.
const CHARACTERS: usize = 120;

/// The headings so far.
#[derive(Default)]
pub(super) struct Bookmarks {
    marks: Vec<(u8, String, usize, f32)>,
}

impl Bookmarks {
    /// A heading, on the page at `page`, `y` below its top.
    pub(super) fn add(&mut self, level: u8, text: &str, page: usize, y: f32) {
        if self.marks.len() < MOST {
            let text: String = text.replace('\n', " ").chars().take(CHARACTERS).collect();
            self.marks.push((level, if text.trim().is_empty() { "…".to_owned() } else { text }, page, y));
        }
    }

    /// They, one under the other.
    pub(super) fn finish(self) -> Outline {
        let mut outline = Outline::new();
        let mut marks = self.marks.into_iter().peekable();
        while let Some(node) = node(&mut marks, 0) {
            outline.push_child(node);
        }
        outline
    }
}

/// The next heading below `above` with all that are below it.
fn node(
    marks: &mut std::iter::Peekable<impl Iterator<Item = (u8, String, usize, f32)>>,
    above: u8,
) -> Option<OutlineNode> {
    let (level, text, page, y) = marks.next_if(|(level, ..)| *level > above)?;
    let mut made = OutlineNode::new(text, XyzDestination::new(page, Point::from_xy(0.0, y)));
    while let Some(child) = node(marks, level) {
        made.push_child(child);
    }
    Some(made)
}
