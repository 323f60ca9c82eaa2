//! How well a map preserves neighbours. Venna and Kaski, 2001, Neighborhood preservation in nonlinear projection
//! methods, equation 1.

use super::points::Points;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::parallel;

/// The trustworthiness of `places`, `[n, 2]`, for `k` neighbours, from 0 to 1. It is 1 if the k nearest of each point
/// on the map are its k nearest by descriptor. Each intruder lowers it, by its rank there. None unless k is below n /
/// 2.
pub fn trustworthiness(points: &Points, places: &[[f32; 2]], k: usize, cancel: &Cancel) -> Result<Option<f64>> {
    let count = points.len();
    if k == 0 || 2 * k >= count {
        return Ok(None);
    }
    let lost = |at: usize| -> Result<u64> {
        cancel.check()?;
        let [x, y] = places[at].map(f64::from);
        let near = |other: usize| {
            let [a, b] = places[other].map(f64::from);
            (a - x) * (a - x) + (b - y) * (b - y)
        };
        let on_map = order(count, at, near);
        let ranked = order(count, at, |other| points.squared_distance(at, other));
        let mut rank = vec![0; count];
        ranked.iter().zip(1u64..).for_each(|(other, place)| rank[*other as usize] = place);
        Ok(on_map[..k].iter().map(|other| rank[*other as usize].saturating_sub(k as u64)).sum())
    };
    let lost: Vec<u64> = parallel::try_map(count, lost)?;
    let (n, k) = (count as f64, k as f64);
    Ok(Some(1.0 - 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0)) * lost.iter().sum::<u64>() as f64))
}

/// All others, nearest first; ties by index.
fn order(count: usize, at: usize, distance: impl Fn(usize) -> f64) -> Vec<u32> {
    let mut others: Vec<(f64, u32)> =
        (0..count).filter(|other| *other != at).map(|other| (distance(other), other as u32)).collect();
    others.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    others.into_iter().map(|(_, other)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::CHANNELS;

    /// Points on a line, at 0, 1, 2 and so on.
    fn line(count: u16) -> Points {
        let mut values = vec![0.0; usize::from(count) * CHANNELS];
        values.chunks_exact_mut(CHANNELS).zip(0u16..).for_each(|(point, at)| point[9] = f32::from(at));
        Points::from_values(values)
    }

    fn measured(places: &[[f32; 2]], k: usize) -> Option<f64> {
        trustworthiness(&line(places.len() as u16), places, k, &Cancel::default()).unwrap()
    }

    #[test]
    fn a_map_that_keeps_all_neighbours_has_one() {
        let same: Vec<_> = (0..12u8).map(|at| [f32::from(at), 3.0]).collect();
        assert_eq!(measured(&same, 3), Some(1.0));
        assert_eq!(measured(&same, 6), None);
        assert_eq!(measured(&[], 1), None);
    }

    #[test]
    fn each_stranger_costs_its_rank_beyond_k() {
        // 0 and 5 have changed places; by hand, for k = 1. On the map 0 is next to 4, its fourth: 3 lost. 5 is next to
        // 1: 3 lost. 1 is next to 2, its second, because 0 is as near and comes first: 1 lost. 4 is next to 0, its
        // fifth: 4 lost.
        let places = [5.0f32, 1.0, 2.0, 3.0, 4.0, 0.0].map(|x| [x, 0.0]);
        let expected = 1.0 - 2.0 / (6.0 * (12.0 - 3.0 - 1.0)) * 11.0;
        assert!((measured(&places, 1).unwrap() - expected).abs() < 1e-12, "{:?}, not {expected}", measured(&places, 1));
    }
}
