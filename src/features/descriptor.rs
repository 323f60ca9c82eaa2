//! One picture's descriptor: 25,088 float32 values, about nine in ten of them zero, so only the others are kept.

use crate::vgg16::DESCRIPTOR_LEN;

/// Non-zero values in index order: 6 bytes each, 15 KB a picture instead of 100 KB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Descriptor {
    indices: Box<[u16]>,
    values: Box<[f32]>,
    squared_norm: f64,
}

impl Descriptor {
    /// From all 25,088 values. None if one of them is not finite.
    pub fn from_dense(dense: &[f32]) -> Option<Descriptor> {
        assert_eq!(dense.len(), DESCRIPTOR_LEN);
        if !dense.iter().all(|v| v.is_finite()) {
            return None;
        }
        let non_zero = || dense.iter().enumerate().filter(|(_, v)| **v != 0.0);
        let indices = non_zero().map(|(i, _)| i as u16).collect();
        let values: Box<[f32]> = non_zero().map(|(_, v)| *v).collect();
        // Not `sum`: the sum of nothing is -0.0.
        let squared_norm = values.iter().fold(0.0, |sum, v| sum + f64::from(*v) * f64::from(*v));
        Some(Descriptor { indices, values, squared_norm })
    }

    /// All values, zeros included.
    pub fn to_dense(&self) -> Vec<f32> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        for (index, value) in self.entries() {
            dense[usize::from(index)] = value;
        }
        dense
    }

    fn entries(&self) -> impl Iterator<Item = (u16, f32)> {
        self.indices.iter().copied().zip(self.values.iter().copied())
    }

    /// Sum of squares, float64, in index order.
    pub fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// Inner product: float64 sum of exact products, in index order.
    pub fn dot(&self, other: &Descriptor) -> f64 {
        let mut sum = 0.0;
        self.merge(other, |a, b| sum += a * b);
        sum
    }

    /// Cosine similarity: <x, y> / (|x| |y|); 0 if either is zero.
    pub fn cosine(&self, other: &Descriptor) -> f64 {
        let norms = self.squared_norm * other.squared_norm;
        // Rounding may exceed 1 by a hair between pictures that are the same.
        if norms > 0.0 { (self.dot(other) / norms.sqrt()).min(1.0) } else { 0.0 }
    }

    /// Squared Euclidean distance: float64 sum of squared differences, in index order.
    pub fn squared_distance(&self, other: &Descriptor) -> f64 {
        let mut sum = 0.0;
        self.merge(other, |a, b| sum += (a - b) * (a - b));
        sum
    }

    /// Calls `visit` with both values at each index where either is not zero, in index order.
    fn merge(&self, other: &Descriptor, mut visit: impl FnMut(f64, f64)) {
        let (mut i, mut j) = (0, 0);
        while i < self.indices.len() && j < other.indices.len() {
            let (a, b) = (self.indices[i], other.indices[j]);
            let left = if a <= b { f64::from(self.values[i]) } else { 0.0 };
            let right = if b <= a { f64::from(other.values[j]) } else { 0.0 };
            visit(left, right);
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
        self.values[i..].iter().for_each(|v| visit(f64::from(*v), 0.0));
        other.values[j..].iter().for_each(|v| visit(0.0, f64::from(*v)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Few indices, few values: zeros, ties and shared positions are common.
    fn dense() -> impl Strategy<Value = Vec<f32>> {
        let entry = (0..DESCRIPTOR_LEN, prop_oneof![Just(0.0f32), Just(1.0), 0.0f32..100.0]);
        prop::collection::vec(entry, 0..60).prop_map(|entries| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            for (i, v) in entries {
                dense[i % 97 * 7] = v;
                dense[i] = v;
            }
            dense
        })
    }

    proptest! {
        #[test]
        fn sparse_equals_the_dense_double_loop_to_the_bit(a in dense(), b in dense()) {
            let (x, y) = (Descriptor::from_dense(&a).unwrap(), Descriptor::from_dense(&b).unwrap());
            let mut dot = 0.0f64;
            let mut distance = 0.0f64;
            for (p, q) in a.iter().zip(&b) {
                let (p, q) = (f64::from(*p), f64::from(*q));
                dot += p * q;
                distance += (p - q) * (p - q);
            }
            prop_assert_eq!(x.dot(&y).to_bits(), dot.to_bits());
            prop_assert_eq!(x.squared_distance(&y).to_bits(), distance.to_bits());
            prop_assert_eq!(x.squared_norm().to_bits(), x.dot(&x).to_bits());
            prop_assert_eq!(x.to_dense(), a);
        }
    }

    #[test]
    fn values_that_are_not_finite_are_refused() {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[7] = f32::NAN;
        assert_eq!(Descriptor::from_dense(&dense), None);
        dense[7] = f32::INFINITY;
        assert_eq!(Descriptor::from_dense(&dense), None);
    }
}
