//! Is it in my archive: the pictures of a dataset in tabs, new ones, unsure ones, those that are there, each beside its best match
//! in the other datasets.

mod couples;
mod draw;
mod scene;
mod state;

pub use scene::KEYS;
pub use state::ArchiveTabs;
