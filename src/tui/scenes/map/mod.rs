//! The map: all pictures of a dataset (and of the one joined with it) on a plane, placed by similarity. Thumbnails
//! where they fit, dots for the others, and the selected picture large beside the map.

mod draw;
mod laid;
mod moving;
mod scene;
mod state;
mod view;

pub use scene::KEYS;
pub use state::MapScreen;
