//! Pages, one after the other: what is on the present one, and all that are finished.

use krilla::Document;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Tag};

use crate::formats::FormatError;

use super::ink::Ink;
use super::outline::Bookmarks;
use super::setter::{Piece, Setter, Style};
use super::tags::{Knot, ROOT, Tags};

/// A4, upright, in points (ISO 216: 210 mm by 297 mm).
const A4: [f32; 2] = [595.28, 841.89];
/// Free at the left and right.
pub(super) const SIDE: f32 = 42.0;
/// Free at the top.
const TOP: f32 = 46.0;
/// Free at the bottom, but for the page's number.
const BOTTOM: f32 = 54.0;
/// How high the letters at the foot are.
const FOOT: f32 = 7.5;

/// Whose something drawn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nobody's: it says nothing.
    Nobody,
    /// A part's.
    Part(Knot),
    /// The page's text, where there are too many parts to tell them one by one.
    Page,
}

impl From<Option<Knot>> for Owner {
    fn from(part: Option<Knot>) -> Self {
        part.map_or(Self::Page, Self::Part)
    }
}

/// Something drawn.
pub(super) enum Mark {
    /// Glyphs: where they stand.
    Text { x: f32, y: f32, piece: Piece, ink: Ink },
    /// What is inside a path.
    Area { path: Path, ink: Ink },
    /// Along a path.
    Line { path: Path, ink: Ink, width: f32, dashes: &'static [f32] },
}

/// Pages.
pub(super) struct Sheets {
    document: Document,
    pub(super) tags: Tags,
    bookmarks: Bookmarks,
    marks: Vec<(Owner, Mark)>,
    /// Whether the present page lies on its side; `None` before the first.
    wide: Option<bool>,
    pages: usize,
    /// How far down the present page is filled.
    pub(super) y: f32,
    /// What is said at every foot.
    pub(super) foot: String,
}

impl Sheets {
    /// No page yet.
    pub(super) fn new() -> Self {
        Self {
            document: Document::new(),
            tags: Tags::new(),
            bookmarks: Bookmarks::default(),
            marks: Vec::new(),
            wide: None,
            pages: 0,
            y: TOP,
            foot: String::new(),
        }
    }

    /// Sees to it that there is a page, lying on its side or not; an empty one is turned.
    pub(super) fn begin(&mut self, wide: bool, setter: &mut Setter) {
        if self.wide.is_some_and(|now| now != wide) && !self.is_fresh() {
            self.turn(setter);
        }
        self.wide = Some(wide);
    }

    /// Whether the present page lies on its side; `None` before the first.
    pub(super) fn is_wide(&self) -> Option<bool> {
        self.wide
    }

    /// Whether nothing is on the present page.
    pub(super) fn is_fresh(&self) -> bool {
        self.marks.is_empty()
    }

    /// How wide a page's text is.
    pub(super) fn width(wide: bool) -> f32 {
        A4[usize::from(wide)] - 2.0 * SIDE
    }

    /// How much is free of the present page.
    pub(super) fn room(&self) -> f32 {
        self.height() - BOTTOM - self.y
    }

    /// How much is free of a page with nothing on it.
    pub(super) fn whole_room(&self) -> f32 {
        self.height() - BOTTOM - TOP
    }

    fn height(&self) -> f32 {
        A4[usize::from(self.wide != Some(true))]
    }

    /// Draws something on the present page.
    pub(super) fn put(&mut self, owner: Owner, mark: Mark) {
        self.marks.push((owner, mark));
    }

    /// A line across the page at `y`.
    pub(super) fn rule(&mut self, from: f32, to: f32, y: f32, ink: Ink) {
        if let Some(path) = polyline(&[[from, y], [to, y]]) {
            self.put(Owner::Nobody, Mark::Line { path, ink, width: 0.5, dashes: &[] });
        }
    }

    /// A rectangle: left, top, width, height.
    pub(super) fn area(&mut self, owner: Owner, at: [f32; 4], ink: Ink) {
        if let Some(path) = rectangle(at) {
            self.put(owner, Mark::Area { path, ink });
        }
    }

    /// A bookmark to where the present page is filled to.
    pub(super) fn bookmark(&mut self, level: u8, text: &str) {
        self.bookmarks.add(level, text, self.pages, self.y);
    }

    /// The present page is finished; the next begins.
    pub(super) fn turn(&mut self, setter: &mut Setter) {
        self.number(setter);
        let size = match self.wide {
            Some(true) => [A4[1], A4[0]],
            _ => A4,
        };
        let settings = PageSettings::from_wh(size[0], size[1]).expect("A4 has a size");
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        let marks = std::mem::take(&mut self.marks);
        draw(marks, &mut surface, &mut self.tags);
        surface.finish();
        page.finish();
        self.pages += 1;
        self.y = TOP;
    }

    /// The page's number, and whose page it is, at its foot.
    fn number(&mut self, setter: &mut Setter) {
        let width = Self::width(self.wide == Some(true));
        let y = self.height() - BOTTOM + 22.0;
        let number = Style { at_end: true, ..Style::faint(FOOT) };
        let words = format!("page {}", self.pages + 1);
        let foot = std::mem::take(&mut self.foot);
        for (text, style, part) in [(&foot, Style::faint(FOOT), 0.8), (&words, number, 1.0)] {
            if let Some(line) = setter.set(text, style, width * part).into_iter().next() {
                for piece in line.pieces {
                    let (x, y) = (SIDE + piece.x, y + line.baseline);
                    self.put(Owner::Nobody, Mark::Text { x, y, piece, ink: style.ink });
                }
            }
        }
        self.foot = foot;
    }

    /// The document's bytes.
    pub(super) fn finish(mut self, metadata: Metadata, setter: &mut Setter) -> Result<Vec<u8>, FormatError> {
        if !self.is_fresh() || self.pages == 0 {
            self.turn(setter);
        }
        self.document.set_outline(self.bookmarks.finish());
        self.document.set_metadata(metadata);
        self.document.set_tag_tree(self.tags.finish());
        self.document.finish().map_err(|error| FormatError::Library(format!("{error:?}")))
    }
}

/// Draws what is on a page: what says nothing lies beneath, then each part's marks together.
fn draw(marks: Vec<(Owner, Mark)>, surface: &mut Surface<'_>, tags: &mut Tags) {
    let mut page_text = None;
    let (beneath, above): (Vec<_>, Vec<_>) =
        marks.into_iter().partition(|(owner, _)| *owner == Owner::Nobody);
    let mut marks = beneath.into_iter().chain(above).peekable();
    while let Some((owner, first)) = marks.next() {
        let part = match owner {
            Owner::Nobody => None,
            Owner::Part(part) => Some(part),
            Owner::Page => Some(*page_text.get_or_insert_with(|| tags.add(ROOT, Tag::P))),
        };
        let tag = match part {
            Some(_) => ContentTag::Other,
            None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
        };
        let drawn = surface.start_tagged(tag);
        draw_mark(&first, surface);
        while let Some((_, mark)) = marks.next_if(|(next, _)| *next == owner) {
            draw_mark(&mark, surface);
        }
        surface.end_tagged();
        if let Some(part) = part {
            tags.leaf(part, drawn);
        }
    }
}

fn draw_mark(mark: &Mark, surface: &mut Surface<'_>) {
    match mark {
        Mark::Text { x, y, piece, ink } => {
            surface.set_stroke(None);
            surface.set_fill(Some(ink.fill()));
            let (at, font) = (Point::from_xy(*x, *y), piece.font.clone());
            surface.draw_glyphs(at, &piece.glyphs, font, &piece.text, piece.size, false);
        }
        Mark::Area { path, ink } => {
            surface.set_stroke(None);
            surface.set_fill(Some(ink.fill()));
            surface.draw_path(path);
        }
        Mark::Line { path, ink, width, dashes } => {
            surface.set_fill(None);
            surface.set_stroke(Some(ink.stroke(*width, dashes)));
            surface.draw_path(path);
        }
    }
}

/// From point to point.
pub(super) fn polyline(points: &[[f32; 2]]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let ([x, y], rest) = points.split_first()?;
    path.move_to(*x, *y);
    for [x, y] in rest {
        path.line_to(*x, *y);
    }
    path.finish()
}

/// Left, top, width, height.
fn rectangle([x, y, width, height]: [f32; 4]) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, width, height)?);
    path.finish()
}
