//! The map: all pictures of a dataset (and of the one that it is joined with) on a plane by likeness, thumbnails where they fit, dots
//! for the others, the cursor's picture large beside it.

mod draw;
mod laid;
mod moving;
mod scene;
mod state;
mod view;

pub use scene::KEYS;
pub use state::MapScreen;
