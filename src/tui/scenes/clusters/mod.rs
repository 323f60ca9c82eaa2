//! Clusters: what kinds of pictures a dataset holds (and the one that it is joined with), each shown by its most central picture; one of
//! them is opened to see all of its pictures.

mod draw;
mod scene;
mod state;

pub use scene::KEYS;
pub use state::ClustersScreen;
