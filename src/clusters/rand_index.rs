//! How well two partitions of the same pictures agree.

use std::collections::HashMap;

/// The adjusted Rand index: Hubert and Arabie, 1985, Comparing partitions, equation 5. 1 if both partitions are the
/// same, about 0 if one is random; it may be negative. Takes each picture's part in both.
pub fn adjusted_rand_index(one: &[usize], other: &[usize]) -> f64 {
    assert_eq!(one.len(), other.len(), "of the same pictures");
    let mut together: HashMap<(usize, usize), u64> = HashMap::new();
    one.iter().zip(other).for_each(|(a, b)| *together.entry((*a, *b)).or_default() += 1);
    let sizes = |labels: &[usize]| {
        let mut sizes: HashMap<usize, u64> = HashMap::new();
        labels.iter().for_each(|label| *sizes.entry(*label).or_default() += 1);
        pairs(sizes.into_values())
    };
    let (both, of_one, of_other) = (pairs(together.into_values()), sizes(one), sizes(other));
    let all = pairs([one.len() as u64]);
    let (expected, most) = (of_one * of_other / all, (of_one + of_other) / 2.0);
    // All in one part, or each alone, in both; or fewer than two pictures.
    if all == 0.0 || most == expected { 1.0 } else { (both - expected) / (most - expected) }
}

/// The number of pairs within parts of these sizes.
fn pairs(sizes: impl IntoIterator<Item = u64>) -> f64 {
    sizes.into_iter().map(|size| size * size.saturating_sub(1) / 2).sum::<u64>() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_scikit_learn() {
        // sklearn.metrics.adjusted_rand_score of the same.
        let near = |one: &[usize], other: &[usize], expected: f64| {
            let index = adjusted_rand_index(one, other);
            assert!((index - expected).abs() < 1e-12, "{index}");
        };
        near(&[0, 0, 1, 1], &[1, 1, 0, 0], 1.0);
        near(&[0, 0, 1, 2], &[0, 0, 1, 1], 4.0 / 7.0);
        near(&[0, 0, 0, 0], &[0, 1, 2, 3], 0.0);
        near(&[0, 0, 1, 1], &[0, 1, 0, 1], -0.5);
    }

    #[test]
    fn where_nothing_can_differ_both_agree() {
        assert_eq!(adjusted_rand_index(&[], &[]), 1.0);
        assert_eq!(adjusted_rand_index(&[3], &[5]), 1.0);
        assert_eq!(adjusted_rand_index(&[0, 0, 0], &[2, 2, 2]), 1.0);
    }
}
