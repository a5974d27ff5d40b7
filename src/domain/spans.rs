//! A set of bytes, as few ranges as say it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Ranges that are kept: more than any client fetches by. A caller who fetches every other byte
/// must not have us keep a list of them.
const MOST: usize = 1024;

/// Disjoint ranges in ascending order that do not touch; of too many, the shortest are forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spans(Vec<Range<u64>>);

impl Spans {
    /// Adds the bytes of `range`.
    pub fn add(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let first = self.0.partition_point(|span| span.end < range.start);
        let last = self.0.partition_point(|span| span.start <= range.end);
        let touched = &self.0[first..last];
        let start = touched.first().map_or(range.start, |span| span.start.min(range.start));
        let end = touched.last().map_or(range.end, |span| span.end.max(range.end));
        self.0.splice(first..last, std::iter::once(start..end));
        if self.0.len() > MOST {
            let lengths = self.0.iter().map(|span| span.end - span.start).enumerate();
            let shortest = lengths.min_by_key(|(_, length)| *length).map(|(index, _)| index);
            self.0.remove(shortest.expect("there are too many"));
        }
    }

    /// Whether every byte of `range` is here.
    pub fn covers(&self, range: &Range<u64>) -> bool {
        range.is_empty() || self.0.iter().any(|span| span.start <= range.start && range.end <= span.end)
    }

    /// Whether every byte of `others` is here.
    pub fn covers_all(&self, others: &Self) -> bool {
        others.0.iter().all(|range| self.covers(range))
    }

    /// The ranges.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }
}

impl FromIterator<Range<u64>> for Spans {
    fn from_iter<I: IntoIterator<Item = Range<u64>>>(ranges: I) -> Self {
        let mut spans = Self::default();
        ranges.into_iter().for_each(|range| spans.add(range));
        spans
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let spans: Spans = [10..20, 30..40, 20..30, 5..5].into_iter().collect();
        assert_eq!(spans, std::iter::once(10..40).collect());
        assert!(spans.covers(&(15..35)) && !spans.covers(&(9..11)));
    }

    #[test]
    fn of_too_many_ranges_the_shortest_are_forgotten_and_none_is_made_up() {
        let spans: Spans = (0..3_000).map(|i| i * 10..i * 10 + 1 + i % 2).collect();
        assert_eq!(spans.ranges().len(), MOST);
        assert!(spans.ranges().iter().all(|span| span.end - span.start == 2));
        assert!(!spans.covers(&(0..30_000)));
    }

    proptest! {
        #[test]
        fn a_byte_is_here_exactly_if_it_was_added(ranges in prop::collection::vec((0u64..60, 0u64..20), 0..20)) {
            let ranges: Vec<_> = ranges.into_iter().map(|(start, len)| start..start + len).collect();
            let spans: Spans = ranges.iter().cloned().collect();
            for byte in 0..90 {
                let added = ranges.iter().any(|range| range.contains(&byte));
                prop_assert_eq!(spans.covers(&(byte..byte + 1)), added);
            }
            prop_assert!(spans.ranges().windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
