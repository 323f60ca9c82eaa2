//! Clusters of a dataset (and of the one joined with it), each shown by its most central picture. Opening one shows all
//! of its pictures.

mod draw;
mod scene;
mod state;

pub use scene::KEYS;
pub use state::ClustersScreen;
