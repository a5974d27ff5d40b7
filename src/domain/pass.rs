//! What counts as one download by a link that allows so many.
//!
//! A link's limit is a number of **passes**. A pass is one visitor's download, however many
//! requests it takes: pieces over several connections, a resume after a cut, the whole once more
//! after the line broke. Only a request for the whole package while it lacks nothing (every byte
//! was sent, or is promised to a transfer under way) is another download and takes another pass.
//!
//! What was sent is not always what arrived, so bytes may be sent again by the same pass; but no
//! pass ever carries more than [`BUDGET`] times the package.

use std::ops::Range;

use uuid::Uuid;

use super::Spans;

/// How many times the bytes of the package one pass may carry, those that were lost included.
pub const BUDGET: u64 = 2;

/// One download of a link's limit, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Which; also the id of the download that it is counted as.
    pub id: Uuid,
    /// The bytes that were sent.
    pub covered: Spans,
    /// What transfers under way are to carry, each.
    pub promised: Vec<Vec<Range<u64>>>,
    /// Bytes sent, repeated ones included, and bytes promised.
    pub spent: u64,
}

impl Pass {
    /// A pass of which nothing has been used.
    pub fn new() -> Self {
        Self { id: Uuid::now_v7(), covered: Spans::default(), promised: Vec::new(), spent: 0 }
    }

    /// Promises the bytes of `planned` to a transfer that begins.
    pub fn promise(&mut self, planned: Vec<Range<u64>>) {
        self.spent = self.spent.saturating_add(length(&planned));
        self.promised.push(planned);
    }

    /// The transfer that was to carry `planned` ended after the first `sent` bytes of it. What it
    /// did not send is free again, unless its promise had lapsed and was free already.
    pub fn give_back(&mut self, planned: &[Range<u64>], sent: u64) {
        let sent = sent.min(length(planned));
        let promise = self.promised.iter().position(|promised| promised == planned);
        if let Some(index) = promise {
            self.promised.swap_remove(index);
            self.spent = self.spent.saturating_sub(length(planned));
        }
        self.spent = self.spent.saturating_add(sent);
        first(planned, sent).for_each(|range| self.covered.add(range));
    }

    /// Whether a request for the bytes of `wanted`, of a package of `size`, goes on with this pass.
    fn takes(&self, wanted: &Spans, size: u64) -> bool {
        let is_whole = wanted.covers(&(0..size));
        let has_room = self.spent.saturating_add(length(wanted.ranges())) <= size.saturating_mul(BUDGET);
        has_room && (!is_whole || self.lacks(wanted))
    }

    /// Whether some byte of `wanted` was neither sent nor is promised.
    fn lacks(&self, wanted: &Spans) -> bool {
        let mut known = self.covered.clone();
        self.promised.iter().flatten().for_each(|range| known.add(range.clone()));
        !known.covers_all(wanted)
    }
}

impl Default for Pass {
    fn default() -> Self {
        Self::new()
    }
}

/// Which of a visitor's `passes`, oldest first, a request for `wanted` goes on with: the newest
/// that lacks some of it, or else the newest that takes it. `None` when it needs another pass.
pub fn joined<'p>(passes: &'p [Pass], wanted: &[Range<u64>], size: u64) -> Option<&'p Pass> {
    let wanted: Spans = wanted.iter().cloned().collect();
    let newest_first = || passes.iter().rev().filter(|pass| pass.takes(&wanted, size));
    newest_first().find(|pass| pass.lacks(&wanted)).or_else(|| newest_first().next())
}

/// Bytes of `ranges` together.
pub fn length(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end.saturating_sub(range.start)).fold(0, u64::saturating_add)
}

/// The first `count` bytes of `ranges`, one after the other.
fn first(ranges: &[Range<u64>], mut count: u64) -> impl Iterator<Item = Range<u64>> {
    ranges.iter().map(move |range| {
        let taken = count.min(range.end.saturating_sub(range.start));
        count -= taken;
        range.start..range.start + taken
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: u64 = 1_000;

    /// A visitor of a link that allows `left` more downloads.
    struct Visitor {
        passes: Vec<Pass>,
        left: u32,
    }

    impl Visitor {
        fn of(left: u32) -> Self {
            Self { passes: Vec::new(), left }
        }

        /// Asks for `wanted`: the number of the pass that it belongs to, if it is let in.
        fn ask(&mut self, wanted: &[Range<u64>]) -> Option<usize> {
            let id = joined(&self.passes, wanted, SIZE).map(|pass| pass.id);
            let index = match id {
                Some(id) => self.passes.iter().position(|pass| pass.id == id)?,
                None => {
                    self.left = self.left.checked_sub(1)?;
                    self.passes.push(Pass::new());
                    self.passes.len() - 1
                }
            };
            self.passes[index].promise(wanted.to_vec());
            Some(index)
        }

        /// Asks for one range, of which `sent` bytes are sent.
        fn fetch(&mut self, wanted: Range<u64>, sent: u64) -> Option<usize> {
            let wanted = one(wanted);
            let index = self.ask(&wanted)?;
            self.passes[index].give_back(&wanted, sent);
            Some(index)
        }
    }

    fn one(range: Range<u64>) -> Vec<Range<u64>> {
        std::iter::once(range).collect()
    }

    #[test]
    fn a_resume_is_not_another_download_and_the_whole_again_is() {
        let mut visitor = Visitor::of(1);
        assert_eq!(visitor.fetch(0..SIZE, 400), Some(0));
        assert_eq!(visitor.fetch(400..SIZE, 600), Some(0));
        assert_eq!(visitor.fetch(0..SIZE, SIZE), None);
    }

    #[test]
    fn a_download_that_broke_may_begin_again() {
        let mut visitor = Visitor::of(1);
        assert_eq!(visitor.fetch(0..SIZE, 999), Some(0));
        assert_eq!(visitor.fetch(0..SIZE, SIZE), Some(0));
        assert_eq!(visitor.fetch(0..SIZE, SIZE), None);
    }

    #[test]
    fn the_whole_beside_the_whole_is_another_download() {
        let mut visitor = Visitor::of(3);
        let asked: Vec<_> = (0..64).map(|_| visitor.ask(&one(0..SIZE))).collect();
        assert_eq!(asked.iter().flatten().count(), 3);
    }

    #[test]
    fn pieces_over_several_connections_are_one_download_whatever_was_asked_for_first() {
        for first in [0..SIZE, 0..125] {
            let mut visitor = Visitor::of(1);
            assert_eq!(visitor.ask(&one(first)), Some(0));
            for piece in 1..8 {
                assert_eq!(visitor.ask(&one(piece * 125..(piece + 1) * 125)), Some(0), "piece {piece}");
            }
        }
    }

    #[test]
    fn a_look_at_the_first_byte_is_part_of_the_download_that_follows() {
        let mut visitor = Visitor::of(1);
        assert_eq!(visitor.fetch(0..1, 1), Some(0));
        assert_eq!(visitor.fetch(0..SIZE, SIZE), Some(0));
        assert_eq!(visitor.fetch(0..1, 1), Some(0), "to see whether it is still the same");
    }

    #[test]
    fn bytes_that_were_lost_on_the_way_are_sent_again_until_the_budget_is_spent() {
        let mut visitor = Visitor::of(1);
        assert_eq!(visitor.fetch(0..SIZE, SIZE), Some(0));
        assert_eq!(visitor.fetch(500..SIZE, 500), Some(0));
        assert_eq!(visitor.fetch(500..SIZE, 500), Some(0));
        assert_eq!(visitor.fetch(SIZE - 1..SIZE, 1), None);
    }

    #[test]
    fn what_a_lapsed_promise_sent_after_all_is_counted() {
        let mut pass = Pass::new();
        pass.give_back(&one(0..SIZE), 700);
        assert_eq!((pass.spent, pass.covered), (700, std::iter::once(0..700).collect()));
    }

    proptest! {
        /// Whatever visitors ask for, in whatever order their transfers begin and end.
        #[test]
        fn no_link_sends_more_than_its_limit_times_the_budget(
            limit in 1u32..4,
            steps in prop::collection::vec((0u64..SIZE, 1u64..=SIZE, 0u64..=SIZE, 0usize..6), 1..60),
        ) {
            let mut visitor = Visitor::of(limit);
            let (mut under_way, mut sent) = (Vec::new(), 0);
            for (start, long, arrives, ends) in steps {
                let wanted = one(start..(start + long).min(SIZE));
                if let Some(index) = visitor.ask(&wanted) {
                    let arrives = arrives.min(length(&wanted));
                    sent += arrives;
                    under_way.push((index, wanted, arrives));
                }
                if ends < under_way.len() {
                    let (index, planned, arrived) = under_way.swap_remove(ends);
                    visitor.passes[index].give_back(&planned, arrived);
                }
            }
            prop_assert!(visitor.passes.len() <= limit as usize);
            prop_assert!(sent <= u64::from(limit) * BUDGET * SIZE, "{sent} bytes sent");
            for (index, planned, arrived) in under_way {
                visitor.passes[index].give_back(&planned, arrived);
            }
            let spent: u64 = visitor.passes.iter().map(|pass| pass.spent).sum();
            prop_assert_eq!(spent, sent, "what was not sent was given back");
        }

        /// A client that goes on where it was cut, however often, needs one pass.
        #[test]
        fn a_client_that_goes_on_where_it_was_cut_needs_one_pass(cuts in prop::collection::btree_set(1u64..SIZE, 0..12)) {
            let mut visitor = Visitor::of(1);
            let mut from = 0;
            for to in cuts.into_iter().chain([SIZE]) {
                prop_assert_eq!(visitor.fetch(from..SIZE, to - from), Some(0));
                from = to;
            }
            prop_assert_eq!(visitor.fetch(0..SIZE, SIZE), None);
        }

        /// Pieces of any cut, in any order and all at once, need one pass.
        #[test]
        fn pieces_in_any_order_need_one_pass(
            cuts in prop::collection::btree_set(1u64..SIZE, 0..12),
            order in any::<prop::sample::Index>(),
        ) {
            let mut visitor = Visitor::of(1);
            let ends: Vec<u64> = [0].into_iter().chain(cuts).chain([SIZE]).collect();
            let mut pieces: Vec<_> = ends.windows(2).map(|pair| pair[0]..pair[1]).collect();
            let turned = order.index(pieces.len());
            pieces.rotate_left(turned);
            for piece in &pieces {
                prop_assert_eq!(visitor.ask(&one(piece.clone())), Some(0));
            }
        }
    }
}
