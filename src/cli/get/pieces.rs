//! Which connection asks for which bytes next.

use std::collections::VecDeque;
use std::ops::Range;

/// Smaller pieces cost more in requests than they gain at the end, bytes.
const SMALLEST: u64 = 1 << 20;
/// Larger ones keep the others waiting at the end, bytes.
const LARGEST: u64 = 64 << 20;
/// So many pieces each connection gets, about: at the end, none waits for longer than one of them
/// takes.
const EACH: u64 = 4;

/// What nobody has asked for yet. No two pieces overlap, so no byte is sent twice: a server counts
/// what it sends.
#[derive(Debug, PartialEq, Eq)]
pub struct Pieces(VecDeque<Range<u64>>);

impl Pieces {
    /// What is `missing`, cut for so many connections.
    pub fn of(missing: &[Range<u64>], connections: u64) -> Self {
        let bytes: u64 = missing.iter().map(|range| range.end - range.start).sum();
        let length = (bytes / (connections.max(1) * EACH)).clamp(SMALLEST, LARGEST);
        if connections == 1 {
            return Self(missing.iter().cloned().collect());
        }
        Self(missing.iter().flat_map(|range| cut(range.clone(), length)).collect())
    }

    /// The next piece: the first one, so that what is there stays in as few ranges as can be.
    pub fn next(&mut self) -> Option<Range<u64>> {
        self.0.pop_front()
    }

    /// What is left of a piece that somebody could not finish.
    pub fn give_back(&mut self, left: Range<u64>) {
        if !left.is_empty() {
            self.0.push_front(left);
        }
    }

    /// How many pieces wait.
    pub fn waiting(&self) -> usize {
        self.0.len()
    }
}

/// `range` in pieces of about `length`; the last one is not left as a crumb.
fn cut(range: Range<u64>, length: u64) -> impl Iterator<Item = Range<u64>> {
    let mut start = range.start;
    std::iter::from_fn(move || {
        let left = range.end - start;
        let taken = if left < length + length / 2 { left } else { length };
        let piece = start..start + taken;
        start = piece.end;
        (taken > 0).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::get::missing::Missing;

    #[test]
    fn a_small_package_is_one_piece_and_a_large_one_has_some_for_everybody() {
        let pieces = |bytes, connections| Pieces::of(Missing::all(bytes).ranges(), connections).waiting();
        assert_eq!((pieces(300_000, 8), pieces(350 << 20, 8), pieces(350 << 20, 1)), (1, 32, 1));
        assert_eq!(Pieces::of(&[], 8).next(), None);
    }

    #[test]
    fn what_was_given_back_comes_next() {
        let mut pieces = Pieces::of(&[0..1000, 2000..3000], 4);
        let first = pieces.next().expect("a piece");
        pieces.give_back(400..first.end);
        pieces.give_back(7..7);
        assert_eq!([pieces.next(), pieces.next(), pieces.next()], [Some(400..1000), Some(2000..3000), None]);
    }

    proptest! {
        #[test]
        fn every_missing_byte_is_in_one_piece(
            lengths in prop::collection::vec((1u64..1 << 30, 1u64..1 << 30), 0..6),
            connections in 1u64..33,
        ) {
            let mut at = 0;
            let missing: Vec<_> = lengths.iter().map(|(gap, length)| {
                let start = at + gap;
                at = start + length;
                start..at
            }).collect();
            let mut pieces = Pieces::of(&missing, connections);
            let mut joined: Vec<Range<u64>> = Vec::new();
            while let Some(piece) = pieces.next() {
                prop_assert!(!piece.is_empty());
                match joined.last_mut() {
                    Some(last) if last.end == piece.start => last.end = piece.end,
                    _ => joined.push(piece),
                }
            }
            prop_assert_eq!(joined, missing);
        }
    }
}
