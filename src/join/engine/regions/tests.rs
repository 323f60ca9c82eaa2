//! No bound is below the value it bounds.

use super::bound::PowerSums;
use super::bounded::{BoundedKeys, BoundedRow};
use super::products::{ENDS, Products, STOPS};
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor};
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// The upper bounds of pairs, at each stop and from Gram matrices.
struct Bounds<'a>(&'a BoundedKeys, &'a BoundedRow<'a>);

impl WithInstructions for Bounds<'_> {
    type Output = Vec<Vec<f32>>;
    fn call<K: Kernel, I: Integers>(self, floats: K, integers: I) -> Vec<Vec<f32>> {
        let Bounds(BoundedKeys { keys, grams }, row) = self;
        let squares = grams.squares(floats, &[&row.gram]);
        let by_grams = grams.upper(&squares[0], (&row.gram, &row.rests[0]));
        let all = keys.iter().zip(by_grams).map(|(key, by_gram)| {
            let (mut products, mut begin) = (Products::none(), 0);
            let at = |stop: usize| {
                products.add(integers, &key.codes, &row.codes, begin..ENDS[stop]);
                begin = ENDS[stop];
                let sums = PowerSums::new(&products, &row.codes.excess[stop], &key.scales, &row.scales);
                sums.upper(&key.rests[stop], &row.rests[stop])
            };
            (0..STOPS).map(at).chain([by_gram]).collect()
        });
        all.collect()
    }
}

#[test]
fn bounds_hold_and_become_closer() {
    // Some similar, some not, one nearly empty, one zero.
    let picture = |seed: usize| {
        let value =
            |i: usize| ((i * 2_654_435_761 + seed * i / 512 * 7919) % 1000) as f32 / 100.0 - 5.0 - seed as f32 / 4.0;
        let dense: Vec<f32> = (0..DESCRIPTOR_LEN).map(|i| value(i).max(0.0)).collect();
        Descriptor::from_dense(&dense).unwrap()
    };
    let mut one = vec![0.0; DESCRIPTOR_LEN];
    one[77] = 1.0;
    let mut pictures: Vec<_> = (0..20).map(picture).collect();
    pictures.extend([Descriptor::from_dense(&one).unwrap(), Descriptor::default()]);
    let sets: Vec<_> = pictures.iter().map(Descriptor::regions).collect();
    for instructions in Instructions::available() {
        let rows = BoundedRow::all(&sets, instructions);
        let keys = BoundedKeys::new(&rows);
        let mut looser = [0.0; STOPS + 1];
        for row in &rows {
            for (key, bounds) in sets.iter().zip(instructions.with(Bounds(&keys, row))) {
                let dot = key.dot(row.set) as f32;
                assert!(bounds.iter().all(|upper| *upper >= dot), "{bounds:?}, {dot}");
                looser.iter_mut().zip(bounds).for_each(|(sum, upper)| *sum += upper - dot);
            }
        }
        assert!(looser[..STOPS].is_sorted_by(|a, b| a > b) && looser[STOPS] > looser[0], "{looser:?}");
    }
}
