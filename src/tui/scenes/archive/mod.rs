//! "Is it in my archive": a dataset's pictures in tabs (new, unsure, there, ...), each beside its best match in the
//! other datasets.

mod couples;
mod draw;
mod scene;
mod state;

pub use scene::KEYS;
pub use state::ArchiveTabs;
