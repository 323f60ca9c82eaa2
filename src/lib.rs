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
//! The public modules are for programs that describe pictures, query and join them; start with `describe`, `query` and
//! `join` in `examples/`. The two faces, and what only they use, are not part of the interface.
//!
//! `docs/architecture.md` says more: the vocabulary, and where to change or add something.

#![deny(unsafe_code)]

pub mod archive;
pub mod cancel;
mod checksum;
#[doc(hidden)]
pub mod cli;
pub mod clusters;
mod commands;
mod cpu_time;
pub mod dataset;
#[doc(hidden)]
pub mod defects;
pub mod descriptor;
pub mod duplicates;
pub mod error;
pub mod grid;
mod home;
pub mod index;
pub mod join;
mod kept_files;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod log;
pub mod map;
mod mapped;
pub mod marks;
pub mod order;
mod page;
mod parallel;
mod preferences;
mod priority;
pub mod progress;
mod shown;
#[doc(hidden)]
pub mod signals;
pub mod simd;
pub mod storage;
mod terminal;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod tui;
pub mod vgg16;
mod whole_file;
mod worker;

pub use error::{Error, Result};
