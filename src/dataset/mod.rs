//! Datasets: folders of pictures.
//!
//! Input: the datasets directory, and folders given by the user. Output: each folder's pictures ([`Dataset::scan`]),
//! and a picture's pixels, upright ([`decode::open`]).

pub mod apart;
mod beyond_rgb8;
mod content;
pub mod decode;
mod exclude;
mod file_id;
mod file_system;
mod folder;
pub mod formats;
mod further_name;
mod hash_file;
mod jpeg_size;
mod labels;
mod left_out;
mod look;
mod meant;
mod memory;
pub mod names;
mod part;
mod patience;
mod picture;
mod pieces;
mod reduced;
mod sample;
mod scan;
pub mod sharpness;
mod stamp;
mod system_folders;
pub mod thumbnail;
pub mod thumbnails;
mod unreadable;
mod watch;
mod watched_file;

pub use beyond_rgb8::BeyondRgb8;
pub use content::ContentHash;
pub use exclude::Exclude;
pub use file_id::{FileId, Sameness};
pub use file_system::renumbers;
pub use folder::{DCIM, Dataset, broken_links, distinct, in_directory, is_descriptor_file, resolved_folder};
pub use further_name::{FurtherName, ReachedBy};
pub use hash_file::hash_file;
pub use labels::{Label, Labels, LabelsFile, Misfit, MisfitReason};
pub use left_out::{LeftOut, LeftOutBy};
pub use look::{Averages, Exif, Facts, FileFormat, FileLook, Notes, PerceptualHash, SmallPicture, hash_inside};
pub use meant::{NO_SUCH_FILE, meant, read_meant, why_not};
pub use part::{PicturePart, part_of};
pub use picture::{ImageFile, Skipped};
pub use scan::{Scan, ScanProgress, others_in_words};
pub use stamp::{Stamp, ctime_ns, mtime_ns};
pub use unreadable::Unreadable;
pub use watch::FolderWatch;
