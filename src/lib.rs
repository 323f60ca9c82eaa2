//! SIMages joins two sets of images by similarity, in the terminal. The data flows one way:
//!
//! ```text
//!  folder of pictures ─► dataset ─► vgg16 ─► features ─► join ─► tui        (two screens and a viewer)
//!                         scan       network   matrix,     metric,  └► commands  (index, query, join, doctor, ...)
//!                         decode     weights   npz store,  predicate,
//!                         thumbnail            indexer     query, sets
//! ```
//!
//! `tui` and `commands` are two faces of the same library: whatever one can do, the other can.

#![deny(unsafe_code)]

pub mod cancel;
mod checksum;
pub mod cli;
pub mod commands;
pub mod dataset;
pub mod defects;
pub mod descriptor;
pub mod error;
pub mod index;
pub mod join;
pub mod log;
mod mapped;
mod pace;
mod priority;
pub mod signals;
pub mod simd;
pub mod storage;
pub mod terminal;
pub mod text;
pub mod tui;
pub mod vgg16;
mod whole_file;
pub mod worker;

pub use error::{Error, Result};
