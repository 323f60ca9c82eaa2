//! The results of a join of whole datasets: pairs, or groups of near-duplicates, best first.

mod couples;
mod draw;
mod scene;

pub use scene::{Joined, KEYS};
