//! Compares some keys with some rows, to find the pairs that may be results. Pure: no threads, no files, always the
//! same answer. One file per method: every pair exactly ([`EveryPair`]), by small integers that give bounds
//! ([`Coded`]), by regions ([`Regional`]).

mod coded;
mod coded_set;
mod codes;
mod every_pair;
mod grouped;
mod look;
mod pairing;
mod regional;
mod vectors;

pub use coded::Coded;
pub use coded_set::{CodedSet, CodedSides};
pub use codes::{Code, Scale};
pub use every_pair::EveryPair;
pub use look::{CodedKeys, CodedRows, look};
pub use pairing::{Pairing, covers, parts};
pub use regional::Regional;
pub use vectors::Vectors;
