//! Fax pages (ITU-T T.4 and T.6): rows of white and black runs. In two-dimensional coding, a row is stored as
//! differences from the one above. The crate `fax` has the run codes.

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, slice_reader};

use super::header::compression;

/// An option bit: rows may refer to the one above.
const IN_TWO_DIMENSIONS: u32 = 1;
const EOL_BITS: u8 = 12;
/// More zeros than any run's code begins with.
const ZEROS_OF_EOL: u8 = 11;

/// Rows of bits, each starting at a byte, black set. None if the codes are invalid.
pub fn unpack(data: &[u8], kind: u16, options: u32, (width, height): (u32, u32)) -> Option<Vec<u8>> {
    // Looking up the last code may need more bits than are left.
    let padded = [data, &[0; 4]].concat();
    let mut page = Page { bits: slice_reader(&padded), width };
    let row_bytes = width.div_ceil(8) as usize;
    let mut pixels = vec![0; row_bytes * height as usize];
    let mut above = Vec::new();
    let mut row = Vec::new();
    for out in pixels.chunks_exact_mut(row_bytes.max(1)) {
        row.clear();
        let is_there = match kind {
            compression::FAX4 => page.told_by(&above, &mut row)?,
            compression::FAX3 => match page.begin(options)? {
                Begins::Ended => false,
                Begins::Row => page.row(&mut row).map(|()| true)?,
                Begins::RowByTheOneAbove => page.told_by(&above, &mut row)?,
            },
            _ => page.row_of_bytes(&mut row).map(|()| true)?,
        };
        if !is_there {
            // Trailing white may be left out.
            break;
        }
        fill(out, &row, width);
        std::mem::swap(&mut above, &mut row);
    }
    Some(pixels)
}

/// Sets the bits of the black runs: between the first and second change, the third and fourth, and so on.
fn fill(out: &mut [u8], changes: &[u32], width: u32) {
    for run in changes.chunks(2) {
        let end = run.get(1).copied().unwrap_or(width).min(width);
        for x in run[0].min(width)..end {
            out[x as usize / 8] |= 0x80 >> (x % 8);
        }
    }
}

enum Begins {
    Row,
    RowByTheOneAbove,
    Ended,
}

struct Page<B> {
    bits: B,
    width: u32,
}

impl<B: BitReader> Page<B> {
    /// Starts a row of T.4: after a mark, and a bit for its kind.
    fn begin(&mut self, options: u32) -> Option<Begins> {
        let mut marks = 0;
        let mut is_plain = true;
        while self.bits.peek(ZEROS_OF_EOL) == Some(0) {
            while self.bits.peek(EOL_BITS)? == 0 {
                self.bits.consume(1).ok()?;
            }
            self.bits.consume(EOL_BITS).ok()?;
            marks += 1;
            if options & IN_TWO_DIMENSIONS != 0 {
                is_plain = self.bits.peek(1)? == 1;
                self.bits.consume(1).ok()?;
            }
            if marks == 2 {
                return Some(Begins::Ended);
            }
        }
        Some(if is_plain { Begins::Row } else { Begins::RowByTheOneAbove })
    }

    /// A one-dimensional row: the positions of colour changes, white first.
    fn row(&mut self, row: &mut Vec<u32>) -> Option<()> {
        let (mut at, mut is_black) = (0, false);
        while at < self.width {
            if self.bits.peek(ZEROS_OF_EOL) == Some(0) {
                // The rest is white.
                return Some(());
            }
            at += self.run(is_black)?;
            row.push(at);
            is_black = !is_black;
        }
        Some(())
    }

    /// The same without marks, starting at a byte.
    fn row_of_bytes(&mut self, row: &mut Vec<u32>) -> Option<()> {
        self.bits.consume(self.bits.bits_to_byte_boundary()).ok()?;
        self.row(row)
    }

    fn run(&mut self, is_black: bool) -> Option<u32> {
        let mut sum = 0u32;
        loop {
            let part = if is_black { black::decode(&mut self.bits) } else { white::decode(&mut self.bits) }?;
            sum = sum.checked_add(part.into())?;
            if part < 64 || sum > self.width {
                return (sum <= self.width).then_some(sum);
            }
        }
    }

    /// A two-dimensional row. Returns false at the end of the page.
    fn told_by(&mut self, above: &[u32], row: &mut Vec<u32>) -> Option<bool> {
        // At the start, before the first pixel.
        let (mut at, mut is_black) = (-1i64, false);
        let width = i64::from(self.width);
        let mut next = 0;
        while at < width {
            while next > 0 && above.get(next - 1).is_some_and(|change| i64::from(*change) > at) {
                next -= 1;
            }
            while above.get(next).is_some_and(|change| i64::from(*change) <= at) {
                next += 1;
            }
            // A change to the opposite colour.
            let first = next + usize::from((next % 2 == 1) != is_black);
            let change = |at: usize| above.get(at).map_or(width, |change| i64::from(*change).min(width));
            match mode::decode(&mut self.bits)? {
                Mode::Pass => at = change(first + 1),
                Mode::Horizontal => {
                    let begin = at.max(0) as u32;
                    let middle = begin + self.run(is_black)?;
                    let end = middle + self.run(!is_black)?;
                    row.extend([middle, end]);
                    at = end.into();
                }
                Mode::Vertical(by) => {
                    let to = change(first) + i64::from(by);
                    if to < at.max(0) || to > width {
                        return None;
                    }
                    row.push(to as u32);
                    is_black = !is_black;
                    at = to;
                }
                Mode::EOF if at < 0 => return Some(false),
                Mode::EOF | Mode::Extension => return None,
            }
        }
        Some(true)
    }
}
