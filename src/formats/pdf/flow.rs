//! Columns of text down the page, and on to the next.

use super::ink::Ink;
use super::pour::Pour;
use super::setter::{LEADING, Setter, Style};
use super::sheets::{Mark, Owner, SIDE, Sheets};

/// With less room than this many lines, text begins on the next page.
const LINES: f32 = 2.8;

/// Text in its column.
pub(super) struct Cell {
    /// Where the column begins.
    pub(super) x: f32,
    pub(super) text: Pour,
    pub(super) owner: Owner,
}

/// What is drawn where a table goes on.
pub(super) trait Again {
    /// How high it is.
    fn height(&self) -> f32;
    /// Draws it once more at the top of a page.
    fn draw(&self, sheets: &mut Sheets, setter: &mut Setter);
}

/// Nothing is repeated.
impl Again for () {
    fn height(&self) -> f32 {
        0.0
    }
    fn draw(&self, _: &mut Sheets, _: &mut Setter) {}
}

/// Columns on their way down.
pub(super) struct Flow {
    pub(super) sheets: Sheets,
    pub(super) setter: Setter,
}

impl Flow {
    /// Sets cells side by side, from where the page is filled to. What has room on a page is not
    /// torn; what has not goes on where the next page begins.
    pub(super) fn row(&mut self, cells: Vec<Cell>, padding: f32, again: &impl Again) {
        let fits_a_page = self.sheets.whole_room() - again.height() - 2.0 * padding;
        self.columns(cells, padding, fits_a_page, again);
    }

    /// Sets cells side by side; they are torn if they are higher than `whole_to`.
    fn columns(&mut self, mut cells: Vec<Cell>, padding: f32, whole_to: f32, again: &impl Again) {
        loop {
            let whole = self.whole(&cells);
            let room = self.sheets.room() - 2.0 * padding;
            if whole.is_some_and(|whole| whole <= room) {
                self.pour(&mut cells, padding, f32::INFINITY);
                return;
            }
            let size = cells.iter().map(|cell| cell.text.style().size).fold(0.0, f32::max);
            let is_torn = whole.is_none_or(|whole| whole > whole_to);
            if is_torn && room >= size * LINES || self.sheets.is_fresh() {
                self.pour(&mut cells, padding, room);
            }
            if cells.iter().all(|cell| cell.text.is_empty()) {
                return;
            }
            self.sheets.turn(&mut self.setter);
            again.draw(&mut self.sheets, &mut self.setter);
            if self.sheets.room() < size * LINES + 2.0 * padding {
                // What is repeated leaves no room for anything.
                self.sheets.turn(&mut self.setter);
            }
        }
    }

    /// One column from side to side, `indent` from the left.
    pub(super) fn text(&mut self, text: &str, style: Style, indent: f32, owner: Owner) {
        let width = self.width() - indent;
        let text = Pour::new(text, style, width, &mut self.setter);
        self.columns(vec![Cell { x: SIDE + indent, text, owner }], 0.0, style.size * LEADING * 3.0, &());
    }

    /// How wide the present page's text is.
    pub(super) fn width(&self) -> f32 {
        Sheets::width(self.sheets.is_wide() == Some(true))
    }

    /// Free room, unless a page begins.
    pub(super) fn space(&mut self, height: f32) {
        if !self.sheets.is_fresh() {
            self.sheets.y += height;
        }
    }

    /// Turns the page unless there is so much room.
    pub(super) fn keep(&mut self, height: f32) {
        if self.sheets.room() < height && !self.sheets.is_fresh() {
            self.sheets.turn(&mut self.setter);
        }
    }

    fn whole(&self, cells: &[Cell]) -> Option<f32> {
        cells.iter().try_fold(0.0_f32, |highest, cell| Some(highest.max(cell.text.whole()?)))
    }

    /// Sets as many lines of each cell as have `room`.
    fn pour(&mut self, cells: &mut [Cell], padding: f32, room: f32) {
        let top = self.sheets.y + padding;
        let mut lowest = top;
        for cell in cells {
            let mut y = top;
            let ink = cell.text.style().ink;
            while let Some(line) = cell.text.next(room - (y - top), &mut self.setter) {
                for piece in line.pieces {
                    let (x, y) = (cell.x + piece.x, y + line.baseline);
                    self.sheets.put(cell.owner, Mark::Text { x, y, piece, ink });
                }
                y += line.height;
            }
            lowest = lowest.max(y);
        }
        self.sheets.y = lowest + padding;
    }

    /// A thin line from `from`, so wide, where the page is filled to.
    pub(super) fn rule(&mut self, from: f32, width: f32) {
        let y = self.sheets.y;
        self.sheets.rule(from, from + width, y, Ink::Rule);
    }
}
