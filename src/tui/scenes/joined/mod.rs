//! Joined sets: what a join of whole sets found, pairs or groups of near-duplicates, best first.

mod couples;
mod draw;
mod scene;

pub use scene::{Joined, KEYS};
