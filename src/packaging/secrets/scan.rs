//! Looking through bytes, as they come.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::kinds::{KINDS, Kind};
use super::sight::{AHEAD, BEHIND, Sight};

/// How many literals are looked for in one pass. Up to about this many a processor finds at
/// memory's speed (aho-corasick's Teddy), so three passes take less time than one for all.
const AT_ONCE: usize = 24;
/// Literals of fewer characters go by themselves: the shortest of a pass slows all of them.
const SHORT: usize = 4;

/// Some anchors, and of which kind each is.
struct Pass {
    anchors: AhoCorasick,
    kinds: Vec<&'static Kind>,
}

static PASSES: LazyLock<Vec<Pass>> = LazyLock::new(|| {
    let all = KINDS.iter().flat_map(|kind| kind.anchors.iter().map(move |anchor| (*anchor, kind)));
    let (short, long): (Vec<_>, Vec<_>) = all.partition(|(anchor, _)| anchor.len() < SHORT);
    std::iter::once(&short[..]).chain(long.chunks(AT_ONCE)).map(Pass::new).collect()
});

/// An anchor is looked for as far as it may still begin where it counts.
pub(super) const LONGEST: usize = 32;

/// A secret that was found: of which kind and where, never what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Its kind, as `github-token`.
    pub rule: &'static str,
    /// The line it is in, counted from 1.
    pub line: u64,
}

/// The first secret in `bytes`, which are all there is.
pub fn find(bytes: &[u8]) -> Option<Finding> {
    let (rule, at) = first(bytes, 0..bytes.len())?;
    Some(Finding { rule, line: 1 + newlines(&bytes[..at]) })
}

/// Looks through bytes that come in chunks; finds what [`find`] would find in all of them.
#[derive(Debug, Default)]
pub struct SecretScan {
    /// The last bytes so far: what a check may look back to, and what was not decided yet.
    kept: Vec<u8>,
    /// Anchors of `kept` are decided that begin before this.
    decided: usize,
    /// Lines that ended before `kept`.
    lines: u64,
    found: Option<Finding>,
}

impl SecretScan {
    /// Looks at the next bytes.
    pub fn look(&mut self, bytes: &[u8]) {
        if self.found.is_some() {
            return;
        }
        let (seam, begun) = (bytes.len().min(BEHIND + AHEAD), self.kept.len());
        self.kept.extend_from_slice(&bytes[..seam]);
        self.decide_kept(self.kept.len().saturating_sub(AHEAD));
        if seam == bytes.len() {
            let spent = self.kept.len().saturating_sub(BEHIND + AHEAD);
            return self.forget(spent);
        }
        // The seam is behind us: the rest is looked at where it lies.
        self.forget(begun);
        let (from, until) = (BEHIND, bytes.len() - AHEAD);
        if self.found.is_none()
            && let Some((rule, at)) = first(bytes, from..until)
        {
            self.found = Some(Finding { rule, line: 1 + self.lines + newlines(&bytes[..at]) });
        }
        let spent = bytes.len() - (BEHIND + AHEAD);
        self.lines += newlines(&bytes[..spent]);
        self.kept.clear();
        self.kept.extend_from_slice(&bytes[spent..]);
        self.decided = BEHIND;
    }

    /// What was found, now that no more comes.
    pub fn end(mut self) -> Option<Finding> {
        self.decide_kept(self.kept.len());
        self.found
    }

    /// Decides the anchors of `kept` that begin before `until`.
    fn decide_kept(&mut self, until: usize) {
        if self.found.is_none() && self.decided < until {
            let found = first(&self.kept, self.decided..until);
            self.found =
                found.map(|(rule, at)| Finding { rule, line: 1 + self.lines + newlines(&self.kept[..at]) });
            self.decided = until;
        }
    }

    fn forget(&mut self, spent: usize) {
        self.lines += newlines(&self.kept[..spent]);
        self.kept.drain(..spent);
        self.decided = self.decided.saturating_sub(spent);
    }
}

impl Pass {
    fn new(anchors: &[(&str, &'static Kind)]) -> Self {
        let literals = anchors.iter().map(|(anchor, _)| anchor);
        let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(literals);
        let kinds = anchors.iter().map(|(_, kind)| *kind).collect();
        Self { anchors: built.expect("two dozen short literals fit"), kinds }
    }

    /// The first secret of `text` whose anchor begins within `range`: its kind, and where.
    fn first(&self, text: &[u8], range: Range<usize>) -> Option<(&'static str, usize)> {
        let (mut from, until) = (range.start, text.len().min(range.end + LONGEST));
        while from < until {
            let anchor = self.anchors.find(Input::new(text).span(from..until))?;
            if anchor.start() >= range.end {
                return None;
            }
            let kind = self.kinds[anchor.pattern().as_usize()];
            if kind.is_one(&Sight::new(text, anchor.start(), anchor.end())) {
                return Some((kind.name, anchor.start()));
            }
            // One may begin within another, and where this was looked for began by chance.
            from = anchor.start() + 1;
        }
        None
    }
}

/// The first secret of `text` whose anchor begins within `range`: its kind, and where.
fn first(text: &[u8], range: Range<usize>) -> Option<(&'static str, usize)> {
    let mut first = None;
    for pass in PASSES.iter() {
        let until = first.map_or(range.end, |(_, at)| at);
        first = pass.first(text, range.start..until).or(first);
    }
    first
}

/// How many lines end in `bytes`: sixteen bytes at once, as all of a large file is counted.
fn newlines(bytes: &[u8]) -> u64 {
    const LOW: u128 = u128::from_le_bytes([0x7f; 16]);
    let (words, rest) = bytes.as_chunks::<16>();
    let of_word = |word: &[u8; 16]| {
        // A byte of it is 0 where the line ends; the highest bit of all others gets set.
        let word = u128::from_le_bytes(*word) ^ u128::from_le_bytes([b'\n'; 16]);
        u64::from((!(((word & LOW) + LOW) | word | LOW)).count_ones())
    };
    let of_rest = rest.iter().filter(|byte| **byte == b'\n').count() as u64;
    words.iter().map(of_word).sum::<u64>() + of_rest
}
