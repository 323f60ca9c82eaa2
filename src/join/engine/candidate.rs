//! Rows that may be among a key's results.

use bytemuck::{Pod, Zeroable};

use crate::join::metric::Metric;

/// A row with bounds of its closeness to a key.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Candidate {
    pub row: u32,
    pub lower: f32,
    pub upper: f32,
}

/// A row whose exact value is already known.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Known {
    pub row: u32,
    pub closeness: f32,
    pub value: f64,
}

/// Bounds of a candidate's closeness. Larger is better; bounds may be off in the safe direction only.
pub trait Bounded: Copy + Send + Pod {
    fn row(&self) -> u32;
    /// The lower bound. Not more than [`Bounded::upper`].
    fn lower(&self) -> f32;
    /// The upper bound.
    fn upper(&self) -> f32;
}

impl Candidate {
    /// A row of this value; its bounds are in terms of [`Metric::around`].
    pub fn of_value(row: u32, value: f64, metric: Metric) -> Candidate {
        let closeness = metric.needed(value);
        Candidate::around(row, closeness, closeness)
    }

    /// A row with these bounds, rounded outwards.
    pub fn around(row: u32, lower: f64, upper: f64) -> Candidate {
        Candidate { row, lower: (lower as f32).next_down(), upper: (upper as f32).next_up() }
    }

    /// A row without bounds.
    pub fn unknown(row: usize) -> Candidate {
        Candidate { row: row as u32, lower: f32::NEG_INFINITY, upper: f32::INFINITY }
    }
}

impl Bounded for Candidate {
    fn row(&self) -> u32 {
        self.row
    }

    fn lower(&self) -> f32 {
        self.lower
    }

    fn upper(&self) -> f32 {
        self.upper
    }
}

impl Bounded for Known {
    fn row(&self) -> u32 {
        self.row
    }

    fn lower(&self) -> f32 {
        self.closeness
    }

    fn upper(&self) -> f32 {
        self.closeness
    }
}
