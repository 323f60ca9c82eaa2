//! SIMages joins two sets of images by similarity, in the terminal. The data flows one way, and imports point down
//! only:
//!
//! ```text
//!   commands, tui      two faces of one library: each can do what the other can
//!   terminal           what the terminal is, and what it can show
//!   order, clusters    pictures ordered, and grouped, by similarity
//!   archive            which pictures of a card are already in other folders
//!   map                pictures on a plane, placed by similarity
//!   duplicates         near-duplicates: which picture of a group to keep, which may go
//!   join               similar pictures: metrics, predicates, the join engine
//!   index              keeps a dataset's descriptors up to date
//!   storage            descriptor files
//!   page               HTML pages of pictures
//!   vgg16              the network that computes descriptors
//!   descriptor         descriptors, and everything derived from them
//!   dataset            folders of pictures, and decoding
//!   simd, worker, ...  the ground floor, which depends on none of the above
//! ```
//!
//! `docs/architecture.md` says more: the vocabulary, and where to change or add something.

#![deny(unsafe_code)]

pub mod archive;
pub mod cancel;
mod checksum;
pub mod cli;
pub mod clusters;
pub mod commands;
mod cpu_time;
pub mod dataset;
pub mod defects;
pub mod descriptor;
pub mod duplicates;
pub mod error;
pub mod grid;
pub mod index;
pub mod join;
mod kept_files;
pub mod limits;
pub mod log;
pub mod map;
mod mapped;
pub mod marks;
pub mod order;
pub mod page;
pub mod preferences;
mod priority;
pub mod progress;
pub mod shown;
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
