//! How wide a table's columns are, by what is in its first rows.

/// What a column would like: as wide as its longest word, and as its longest line.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Wish {
    pub(super) word: f32,
    pub(super) line: f32,
}

/// How a table is set.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    /// Cells side by side, on pages that lie on their side or not.
    Grid {
        /// On their side.
        wide: bool,
        /// Of each column.
        widths: Vec<f32>,
    },
    /// Row after row, its cells one below the other: there are too many of them.
    Records,
}

/// Words that are longer are broken.
const LONGEST_WORD: f32 = 110.0;
/// Lines that are longer count as this long.
const LONGEST_LINE: f32 = 420.0;
/// No column is narrower: what is in its first rows may not be all.
const NARROWEST: f32 = 38.0;
/// As many columns as are set side by side at most.
const MOST: usize = 16;

/// The best plan for columns with these wishes, on pages so wide: upright, and on their side.
pub(super) fn plan(wishes: &[Wish], [upright, on_side]: [f32; 2], padding: f32) -> Plan {
    let wishes: Vec<_> = wishes.iter().map(|wish| bounded(*wish, padding)).collect();
    if wishes.len() > MOST {
        return Plan::Records;
    }
    // Few columns read well upright even when their lines are broken.
    let few = wishes.len() <= 5;
    if let Some(widths) = widths(&wishes, upright).filter(|widths| few || fits(&wishes, widths)) {
        return Plan::Grid { wide: false, widths };
    }
    widths(&wishes, on_side).map_or(Plan::Records, |widths| Plan::Grid { wide: true, widths })
}

fn bounded(wish: Wish, padding: f32) -> Wish {
    let word = (wish.word.min(LONGEST_WORD) + padding).max(NARROWEST);
    Wish { word, line: (wish.line.min(LONGEST_LINE) + padding).max(word) }
}

/// Whether no line is broken.
fn fits(wishes: &[Wish], widths: &[f32]) -> bool {
    wishes.iter().zip(widths).all(|(wish, width)| wish.line <= width + 0.01)
}

/// Shares `room` out: lines if they fit, else at least words; `None` if not even these.
fn widths(wishes: &[Wish], room: f32) -> Option<Vec<f32>> {
    let words: f32 = wishes.iter().map(|wish| wish.word).sum();
    let lines: f32 = wishes.iter().map(|wish| wish.line).sum();
    if lines <= room {
        return Some(wishes.iter().map(|wish| wish.line).collect());
    }
    if words <= room {
        let share = (room - words) / (lines - words);
        return Some(wishes.iter().map(|wish| wish.word + (wish.line - wish.word) * share).collect());
    }
    let narrowed: Vec<_> = wishes.iter().map(|wish| wish.word * room / words).collect();
    narrowed.iter().all(|width| *width >= NARROWEST).then_some(narrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [f32; 2] = [511.0, 758.0];

    fn wish(word: f32, line: f32) -> Wish {
        Wish { word, line }
    }

    #[test]
    fn a_small_table_is_as_wide_as_its_lines() {
        let plan = plan(&[wish(30.0, 60.0), wish(50.0, 100.0)], PAGES, 6.0);
        assert_eq!(plan, Plan::Grid { wide: false, widths: vec![66.0, 106.0] });
    }

    #[test]
    fn what_does_not_fit_upright_lies_on_its_side_and_what_fits_nowhere_is_set_as_records() {
        let of = |columns: usize| plan(&vec![wish(50.0, 70.0); columns], PAGES, 6.0);
        assert!(matches!(of(6), Plan::Grid { wide: false, .. }));
        assert!(matches!(of(12), Plan::Grid { wide: true, .. }));
        assert_eq!(of(29), Plan::Records);
    }

    #[test]
    fn a_long_text_gets_what_the_others_leave() {
        let Plan::Grid { wide, widths } = plan(&[wish(40.0, 40.0), wish(60.0, 9_000.0)], PAGES, 6.0) else {
            panic!("two columns fit");
        };
        assert!(!wide && (widths[0] - 46.0).abs() < 0.1 && widths[1] > 400.0, "{widths:?}");
        assert!(widths.iter().sum::<f32>() <= PAGES[0] + 0.1);
    }

    #[test]
    fn columns_of_any_width_are_never_wider_than_the_page() {
        for columns in 0..=20 {
            for (word, line) in [(0.0, 0.0), (3.0, 5.0), (1e6, 1e9), (45.0, 46.0), (300.0, 301.0)] {
                if let Plan::Grid { wide, widths } = plan(&vec![wish(word, line); columns], PAGES, 6.0) {
                    let room = PAGES[usize::from(wide)] + 0.5;
                    assert!(widths.iter().sum::<f32>() <= room, "{columns} of {word}: {widths:?}");
                }
            }
        }
    }
}
