//! Results: the pictures similar to the key, best first.

mod draw;
mod scene;
mod state;

pub use scene::KEYS;
pub use state::Results;
