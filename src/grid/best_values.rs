//! The best values that were found of each key of a block so far.

use std::ops::Range;

use crate::join::Metric;

pub struct BestValues {
    metric: Metric,
    /// Values of a key that count.
    k: usize,
    keys: Range<usize>,
    /// Of each of them, in any order.
    values: Vec<Vec<f64>>,
}

impl BestValues {
    /// None yet of `keys`.
    pub fn new(metric: Metric, k: usize, keys: Range<usize>) -> BestValues {
        BestValues { metric, k, values: vec![Vec::new(); keys.len()], keys }
    }

    /// Keys and values.
    pub fn add(&mut self, found: impl IntoIterator<Item = (u32, f64)>) {
        let most = self.k.saturating_mul(2);
        for (key, value) in found {
            let at = (key as usize).checked_sub(self.keys.start);
            let Some(values) = at.and_then(|at| self.values.get_mut(at)) else { continue };
            values.push(value);
            if values.len() > most {
                values.select_nth_unstable_by(self.k, |a, b| self.metric.compare(*a, *b));
                values.truncate(self.k);
            }
        }
    }

    /// Of each key the best k, best first, or all there are.
    pub fn finish(mut self) -> Vec<Vec<f64>> {
        for values in &mut self.values {
            values.sort_unstable_by(|a, b| self.metric.compare(*a, *b));
            values.truncate(self.k);
        }
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_of_each_key_whatever_the_order() {
        for (metric, expected) in [(Metric::Cosine, [19.0, 18.0]), (Metric::Euclidean, [0.0, 1.0])] {
            let mut best = BestValues::new(metric, 2, 5..8);
            for row in [3.0, 19.0, 0.0, 7.0, 1.0, 18.0, 12.0, 2.0] {
                best.add([6, 9, 4].map(|key| (key, row)));
            }
            best.add([(7, 0.5)]);
            assert_eq!(best.finish(), [vec![], expected.to_vec(), vec![0.5]]);
        }
    }
}
