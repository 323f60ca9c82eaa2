//! SIMages joins two sets of images by similarity, in the terminal. The data flows one way, and imports run down only:
//!
//! ```text
//!   commands, tui      two faces of the same library: whatever one can do, the other can
//!   terminal           what the terminal is and can show
//!   order, clusters    pictures in an order, and in groups, by likeness
//!   archive            which pictures of a card are in other folders
//!   map                pictures on a plane, by likeness
//!   duplicates         which pictures are copies, what is kept of them, what may go
//!   join               which pictures are like which: metrics, predicates, the engine
//!   index              bringing a dataset's descriptors up to date
//!   storage            descriptors in files
//!   page               a page of pictures for a browser
//!   vgg16              the network that describes pictures
//!   descriptor         what a picture is compared by
//!   dataset            folders of pictures, and decoding them
//!   simd, worker, ...  the ground floor, which knows nothing of all this
//! ```
//!
//! What is public is for programs that describe pictures, find and join them: `examples/` begins with `describe`, `query` and
//! `join`. The faces, and what only they need, are not.
//!
//! `docs/architecture.md` tells more: what words mean, and where what is to be changed or added.

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
