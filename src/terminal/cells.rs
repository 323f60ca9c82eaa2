//! Sizes on a terminal.

/// Columns and rows of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cells {
    pub width: u16,
    pub height: u16,
}

impl Cells {
    pub const fn new(width: u16, height: u16) -> Cells {
        Cells { width, height }
    }

    pub fn count(self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }
}
