//! Key select: the pictures of a dataset, one of which becomes the key.

mod draw;
mod order;
mod scene;
mod state;

pub use scene::KEYS;
pub use state::KeySelect;
