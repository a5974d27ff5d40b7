//! Text in, lines of glyphs out: shaped, in both directions, broken where lines end.

use std::borrow::Cow;
use std::collections::HashMap;

use krilla::text::{Font, GlyphId, KrillaGlyph, Tag};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontWeight, Layout, LayoutContext, LineHeight, OverflowWrap,
    RangedBuilder, Run, StyleProperty,
};

use crate::formats::fonts::Choice;
use crate::formats::text::{Part, Unshown, parts};

use super::ink::Ink;

/// How high a line is, against its letters.
pub(super) const LEADING: f32 = 1.35;

/// How text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// How high its letters are, in points.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) ink: Ink,
    /// At the right edge, as numbers are.
    pub(super) at_end: bool,
}

impl Style {
    /// Plain letters.
    pub(super) const fn plain(size: f32) -> Self {
        Self { size, bold: false, ink: Ink::Words, at_end: false }
    }

    /// Bold letters.
    pub(super) const fn bold(size: f32) -> Self {
        Self { bold: true, ..Self::plain(size) }
    }

    /// Letters that say less.
    pub(super) const fn faint(size: f32) -> Self {
        Self { ink: Ink::Faint, ..Self::plain(size) }
    }
}

/// A line of text.
#[derive(Debug)]
pub(super) struct Line {
    /// From its top to the next one's.
    pub(super) height: f32,
    /// From its top down to where its letters stand.
    pub(super) baseline: f32,
    pub(super) pieces: Vec<Piece>,
    /// Where it begins in the text, in bytes.
    pub(super) start: usize,
}

/// Glyphs of one font.
#[derive(Debug)]
pub(super) struct Piece {
    /// From the line's left end.
    pub(super) x: f32,
    pub(super) font: Font,
    pub(super) size: f32,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// What they say.
    pub(super) text: String,
}

/// A font file's number, a face in it, and where it stands between light and bold.
type Face = (u64, u32, Vec<(u32, u32)>);

/// Sets text.
pub(super) struct Setter {
    choice: Choice,
    fonts: FontContext,
    layouts: LayoutContext<()>,
    /// Reused from text to text.
    layout: Layout<()>,
    faces: HashMap<Face, Option<Font>>,
    /// Characters that became U+FFFD.
    pub(super) replaced: Unshown,
    /// Characters without a glyph.
    pub(super) unshown: Unshown,
}

impl Setter {
    /// Sets text with these fonts.
    pub(super) fn new(choice: Choice) -> Self {
        Self {
            fonts: choice.context(),
            choice,
            layouts: LayoutContext::new(),
            layout: Layout::new(),
            faces: HashMap::new(),
            replaced: Unshown::default(),
            unshown: Unshown::default(),
        }
    }

    /// `text` without what cannot be set, which is told at the end.
    pub(super) fn clean<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        clean(text, &mut self.replaced)
    }

    /// The lines of clean `text`, none wider than `width`.
    pub(super) fn set(&mut self, text: &str, style: Style, width: f32) -> Vec<Line> {
        if text.is_empty() {
            return Vec::new();
        }
        self.lay_out(text, style, OverflowWrap::Anywhere);
        self.layout.break_all_lines(Some(width));
        let alignment = if style.at_end { Alignment::Right } else { Alignment::Start };
        self.layout.align(alignment, AlignmentOptions::default());
        let Self { layout, faces, unshown, .. } = self;
        layout.lines().map(|line| line_of(&line, text, faces, unshown)).collect()
    }

    /// How wide clean `text` is: broken wherever it may be, and nowhere.
    pub(super) fn widths(&mut self, text: &str, style: Style) -> (f32, f32) {
        if text.is_empty() {
            return (0.0, 0.0);
        }
        self.lay_out(text, style, OverflowWrap::Normal);
        let widths = self.layout.calculate_content_widths();
        (widths.min, widths.max)
    }

    fn lay_out(&mut self, text: &str, style: Style, wrap: OverflowWrap) {
        let (families, stretches) = self.choice.of(text);
        let mut builder: RangedBuilder<'_, ()> =
            self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(families);
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(LineHeight::FontSizeRelative(LEADING));
        builder.push_default(wrap);
        if style.bold {
            builder.push_default(FontWeight::BOLD);
        }
        for stretch in stretches {
            builder.push(stretch.families, stretch.range);
        }
        builder.build_into(&mut self.layout, text);
    }
}

/// `text` without what cannot be set: every line ends with a line feed, and none comes last.
pub(super) fn clean<'a>(text: &'a str, replaced: &mut Unshown) -> Cow<'a, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => clean.push_str(&text.replace('\t', "    ")),
            Part::Break => clean.push('\n'),
            Part::Unfit(character) => {
                replaced.note(character);
                clean.push('\u{fffd}');
            }
        }
    }
    clean.truncate(clean.trim_end_matches('\n').len());
    Cow::Owned(clean)
}

fn line_of(
    line: &parley::Line<'_, ()>,
    text: &str,
    faces: &mut HashMap<Face, Option<Font>>,
    unshown: &mut Unshown,
) -> Line {
    let metrics = line.metrics();
    let mut x = metrics.offset + metrics.inline_min_coord;
    let mut pieces = Vec::new();
    for run in line.runs() {
        if let Some(font) = face(&run, faces) {
            pieces.push(piece(&run, &font, text, x, unshown));
        } else {
            text[run.text_range()].chars().for_each(|character| unshown.note(character));
        }
        x += run.advance();
    }
    pieces.retain(|piece| !piece.glyphs.is_empty());
    Line {
        height: metrics.line_height,
        baseline: metrics.baseline - metrics.block_min_coord,
        pieces,
        start: line.text_range().start,
    }
}

/// The glyphs of one run, from left to right, each with the text it stands for.
fn piece(run: &Run<'_, ()>, font: &Font, text: &str, x: f32, unshown: &mut Unshown) -> Piece {
    let (range, size) = (run.text_range(), run.font_size());
    let mut glyphs: Vec<KrillaGlyph> = Vec::new();
    // Read from the right, what continues a ligature comes before what begins it.
    let mut continued: Option<usize> = None;
    for cluster in run.visual_clusters() {
        let part = cluster.text_range();
        if cluster.is_ligature_continuation() {
            match glyphs.last_mut() {
                Some(glyph) if !run.is_rtl() => glyph.text_range.end = part.end - range.start,
                _ => continued = Some(continued.unwrap_or(part.end)),
            }
            continue;
        }
        if &text[part.clone()] == "\n" {
            continue;
        }
        let end = continued.take().unwrap_or(part.end) - range.start;
        for glyph in cluster.glyphs() {
            if glyph.id == 0 {
                text[part.clone()].chars().take(1).for_each(|character| unshown.note(character));
                // A PDF's font never says what its empty box stands for. Once it stood for nothing,
                // the library writes beside each box what it stands for, so that it can be copied.
                let nothing = part.start - range.start..part.start - range.start;
                glyphs.push(KrillaGlyph::new(GlyphId::new(0), 0.0, 0.0, 0.0, 0.0, nothing, None));
            }
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(glyph.id),
                glyph.advance / size,
                glyph.x / size,
                -glyph.y / size,
                0.0,
                part.start - range.start..end,
                None,
            ));
        }
    }
    Piece { x, font: font.clone(), size, glyphs, text: text[range].to_owned() }
}

/// The font of a run, as the document knows it.
fn face(run: &Run<'_, ()>, faces: &mut HashMap<Face, Option<Font>>) -> Option<Font> {
    let (file, synthesis) = (run.font(), run.synthesis());
    let variations = synthesis.variation_settings();
    let key = variations.iter().map(|(tag, value)| (u32::from_be_bytes(tag.into_bytes()), value.to_bits()));
    let face = (file.data.id(), file.index, key.collect());
    let found = faces.entry(face).or_insert_with(|| {
        let (data, _) = file.data.clone().into_raw_parts();
        let variations: Vec<_> =
            variations.iter().map(|(tag, value)| (Tag::new(&tag.into_bytes()), *value)).collect();
        Font::new_variable(data.into(), file.index, &variations)
    });
    found.clone()
}
