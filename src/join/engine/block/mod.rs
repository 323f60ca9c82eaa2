//! Some keys against some rows: which pairs may be results. Pure: no threads, no files, the same answer whenever it is
//! asked. One file for each way: every pair as it is ([`EveryPair`]), by small integers that bound how close it is
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
