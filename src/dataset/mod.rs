//! Datasets: folders of pictures.
//!
//! In: the datasets directory, and folders given by the user. Out: each folder's pictures ([`Dataset::scan`]), and a
//! picture's pixels, upright ([`decode::open`]).

mod content;
pub mod decode;
mod folder;
pub mod formats;
mod hash_file;
mod labels;
mod memory;
pub mod names;
mod patience;
mod picture;
mod sample;
mod scan;
mod stamp;
pub mod thumbnail;
pub mod thumbnails;
mod unreadable;

pub use content::ContentHash;
pub use folder::{Dataset, distinct, in_directory};
pub use hash_file::hash_file;
pub use labels::Labels;
pub use picture::{ImageFile, Skipped};
pub use scan::Scan;
pub use stamp::{Stamp, ctime_ns, mtime_ns};
pub use unreadable::Unreadable;
