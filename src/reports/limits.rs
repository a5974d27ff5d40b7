//! How far a report may go. A template is written by anyone who may ask for exports, so nothing that it
//! says may cost more than this, whatever the data.

/// Bytes of a template, as it is sent.
pub const LONGEST_TEMPLATE: usize = 256 << 10;
/// Parts of a template, those within `each` included.
pub const MOST_PARTS: usize = 200;
/// Bytes of one text.
pub const LONGEST_TEXT: usize = 16 << 10;
/// Characters of a title, a caption or a name.
pub const LONGEST_TITLE: usize = 200;
/// Columns that a table or a chart may name.
pub const MOST_COLUMNS: usize = 100;

/// Steps that the rendering of one text may take: some hundredths of a second. A step looks at one
/// [`LONGEST_JOINED`] or at one [`LONGEST_RANGE`] at most.
pub const STEPS_OF_TEXT: u64 = 100_000;
/// Steps that all texts of a report may take together.
pub const STEPS: u64 = 1_000_000;
/// Bytes that filters may make while a report is rendered, whether they are still needed or not.
pub const MADE: u64 = 32 << 20;
/// Bytes that the texts of a report may have, once they are rendered.
pub const PRINTED: u64 = 1 << 20;
/// Bytes of what `join` puts together.
pub const LONGEST_JOINED: usize = 16 << 10;
/// Numbers that `range` counts.
pub const LONGEST_RANGE: i64 = 1_000;
/// How deep parentheses, and `if` and `for`, may stand in each other.
pub const DEEPEST: usize = 16;
/// Words and signs between `{{` and `}}`.
pub const MOST_WORDS: usize = 200;
/// `elif` of one text.
pub const MOST_ELIFS: usize = 30;

/// Rows of a section that texts may look at.
pub const KEPT_ROWS: usize = 1_000;
/// Characters of a cell that texts may look at.
pub const LONGEST_CELL: usize = 2_000;
/// Rows of a table that is sorted, or that is told how many rows it has at most.
pub const MOST_RANKED: usize = 1_000;
/// Points of a chart.
pub const MOST_POINTS: usize = 1_000;
/// Labels that rows are grouped under; the rows of any others become one group.
pub const MOST_GROUPS: usize = 10_000;
/// Bytes of rows, points and groups that one report holds at a time.
pub const HELD: usize = 32 << 20;
/// Parts that a report has once every `each` is written out.
pub const MOST_STEPS: usize = 2_000;
