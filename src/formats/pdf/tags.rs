//! What is a heading, a paragraph, a cell: for those who do not see the page (ISO 32000-1, 14.8).

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

/// Parts that are told one by one; the rest of a longer document is told as text, page by page. The
/// tree is held in memory, and would be larger than the pages.
const MOST: usize = 40_000;

/// A place in the tree.
pub(super) type Knot = usize;

/// The tree of a document's parts.
pub(super) struct Tags {
    knots: Vec<(TagKind, Vec<Child>)>,
}

enum Child {
    Knot(Knot),
    Leaf(Identifier),
}

/// Where everything hangs.
pub(super) const ROOT: Knot = 0;

impl Tags {
    /// A tree of nothing but its root.
    pub(super) fn new() -> Self {
        Self { knots: vec![(Tag::Part.into(), Vec::new())] }
    }

    /// Another part of `parent`, if there is room for it.
    pub(super) fn part(&mut self, parent: Knot, kind: impl Into<TagKind>) -> Option<Knot> {
        (self.knots.len() < MOST).then(|| self.add(parent, kind))
    }

    /// Another part of `parent`, in any case.
    pub(super) fn add(&mut self, parent: Knot, kind: impl Into<TagKind>) -> Knot {
        let knot = self.knots.len();
        self.knots.push((kind.into(), Vec::new()));
        self.knots[parent].1.push(Child::Knot(knot));
        knot
    }

    /// What is drawn of a part.
    pub(super) fn leaf(&mut self, parent: Knot, drawn: Identifier) {
        self.knots[parent].1.push(Child::Leaf(drawn));
    }

    /// A heading.
    pub(super) fn heading(&mut self, level: u8, text: &str) -> Option<Knot> {
        let level = NonZeroU16::new(u16::from(level.max(1))).expect("at least 1");
        self.part(ROOT, Tag::Hn(level, Some(text.to_owned())))
    }

    /// A table.
    pub(super) fn table(&mut self, summary: &str) -> Option<Knot> {
        self.part(ROOT, Tag::Table.with_summary(Some(summary.to_owned())))
    }

    /// The cells of another row of a table.
    pub(super) fn row(&mut self, table: Option<Knot>, cells: usize, head: bool) -> Option<Vec<Knot>> {
        let row = self.part(table?, Tag::TR)?;
        let cell = |_| {
            if head { self.add(row, Tag::TH(TableHeaderScope::Column)) } else { self.add(row, Tag::TD) }
        };
        Some((0..cells).map(cell).collect())
    }

    /// The tree, as the document wants it.
    pub(super) fn finish(mut self) -> TagTree {
        let mut tree = TagTree::new();
        for child in self.children(ROOT) {
            tree.push(child);
        }
        tree
    }

    fn children(&mut self, knot: Knot) -> Vec<Node> {
        let children = std::mem::take(&mut self.knots[knot].1);
        let mut nodes = Vec::with_capacity(children.len());
        for child in children {
            nodes.push(match child {
                Child::Leaf(drawn) => Node::Leaf(drawn),
                Child::Knot(knot) => {
                    let children = self.children(knot);
                    Node::Group(TagGroup::with_children(self.knots[knot].0.clone(), children))
                }
            });
        }
        nodes
    }
}
