//! The terminal's size. Some don't know it: in `docker exec`, on serial lines.

use crossterm::terminal::window_size;

use super::cells::Cells;

/// A larger size is someone's mistake, and would take more memory than there is.
const MOST: Cells = Cells::new(2_000, 1_000);
/// What every terminal has.
const USUAL: Cells = Cells::new(80, 24);

/// Columns and rows: from the system, else from `COLUMNS` and `LINES`.
pub fn size() -> Cells {
    let told = window_size().map(|size| Cells::new(size.columns, size.rows)).unwrap_or_default();
    let variable = |name| std::env::var(name).ok()?.trim().parse().ok();
    or_else(told, variable("COLUMNS"), variable("LINES"))
}

fn or_else(told: Cells, columns: Option<u16>, lines: Option<u16>) -> Cells {
    let known = |told: u16, said: Option<u16>, usual| match told {
        0 => said.filter(|said| *said > 0).unwrap_or(usual),
        told => told,
    };
    let (width, height) = (known(told.width, columns, USUAL.width), known(told.height, lines, USUAL.height));
    Cells::new(width.min(MOST.width), height.min(MOST.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_knows_no_size_has_the_one_that_is_said_or_the_usual_one() {
        let none = Cells::default();
        assert_eq!(or_else(Cells::new(100, 30), Some(90), Some(20)), Cells::new(100, 30));
        assert_eq!(or_else(none, Some(90), Some(20)), Cells::new(90, 20));
        assert_eq!(or_else(none, Some(0), None), USUAL);
        assert_eq!(or_else(Cells::new(65_535, 50), None, None), Cells::new(MOST.width, 50));
        assert_eq!(or_else(Cells::new(100, 0), None, None), Cells::new(100, 24));
    }
}
