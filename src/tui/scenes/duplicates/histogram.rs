//! A histogram of the pairs' values, showing what a range includes and excludes.

use ratatui::text::Span;

use crate::duplicates::SimilarPairs;
use crate::tui::theme;

/// Counted finely; drawn as room allows.
const BINS: usize = 240;
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Pairs that have a value, from the floor to 1.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    floor: f64,
    counts: Vec<u32>,
}

impl Histogram {
    pub fn new(similar: &SimilarPairs) -> Histogram {
        let mut counts = vec![0; BINS];
        let width = (1.0 - similar.floor).max(1e-9);
        for value in similar.pairs.iter().filter_map(|pair| pair.value) {
            let bin = ((value - similar.floor) / width * BINS as f64).max(0.0) as usize;
            counts[bin.min(BINS - 1)] += 1;
        }
        Histogram { floor: similar.floor, counts }
    }

    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// In this many columns, on a logarithmic scale. The part within the range is emphasized, and its boundary marked.
    pub fn spans(&self, range: f64, width: usize) -> Vec<Span<'static>> {
        if self.counts.is_empty() || width == 0 {
            return Vec::new();
        }
        let of_column = |column: usize| -> u32 {
            let bins = column * BINS / width..((column + 1) * BINS / width).max(column * BINS / width + 1);
            self.counts[bins.start..bins.end.min(BINS)].iter().sum()
        };
        let columns: Vec<u32> = (0..width).map(of_column).collect();
        let most = f64::from(columns.iter().copied().max().unwrap_or(0)).ln_1p().max(1e-9);
        let cursor = (range - self.floor) / (1.0 - self.floor).max(1e-9) * width as f64;
        let cursor = (cursor.max(0.0) as usize).min(width - 1);
        let span = |(column, count): (usize, &u32)| {
            let height = (f64::from(*count).ln_1p() / most * 8.0).ceil() as usize;
            let text = EIGHTHS[height.min(8)].to_string();
            match column.cmp(&cursor) {
                std::cmp::Ordering::Less => Span::styled(text, theme::quiet()),
                std::cmp::Ordering::Equal => Span::styled("│".to_owned(), theme::selected_frame()),
                std::cmp::Ordering::Greater => Span::styled(text, theme::progress()),
            }
        };
        columns.iter().enumerate().map(span).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duplicates::Likeness;

    #[test]
    fn pairs_are_counted_by_value_and_the_range_is_where_it_belongs() {
        let pair = |value: f64| Likeness::new((0, 1), Some(value), None);
        let by_hash = Likeness { distance: Some((3, 3)), ..Likeness::new((0, 1), None, None) };
        let pairs = [0.5, 0.55, 0.55, 0.99, 1.0].map(pair).into_iter().chain([by_hash]).collect();
        let histogram = Histogram::new(&SimilarPairs { pairs, floor: 0.5, is_cut: false });
        let drawn =
            |range, width| histogram.spans(range, width).iter().map(|s| s.content.to_string()).collect::<String>();
        assert_eq!(drawn(0.75, 10), "▆█   │   █");
        assert_eq!(drawn(0.5, 10).chars().next(), Some('│'));
        assert_eq!(drawn(1.0, 10).chars().last(), Some('│'));
        assert_eq!(drawn(0.75, 0), "");
        assert_eq!(Histogram::default().spans(0.5, 10), []);
    }
}
