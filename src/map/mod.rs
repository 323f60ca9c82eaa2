//! The map: all pictures of a collection on a plane, with similar ones near each other.
//!
//! Input: a [`Collection`](crate::duplicates::Collection) of indexed pictures. Output: a [`PictureMap`], a place for
//! each; at once by principal components ([`MapGround::first`]), then by neighbours ([`MapGround::arranged`]), which is
//! stored ([`KeptMaps`]). The same pictures give the same map, on any number of threads. [`without_overlap`] chooses
//! those with room to be shown as tiles; [`write_csv`] and [`MapSheet`] write it, [`trustworthiness()`] measures it.
//! Places are computed from `gap` descriptors.
//!
//! We don't use the existing libraries (umap-rs, bhtsne): with several threads their results differ from run to run,
//! and they can't be cancelled.

mod affinities;
mod graph;
mod ground;
mod kept;
mod pca;
mod picture_map;
mod points;
mod quadtree;
mod sheet;
mod symmetric;
#[cfg(test)]
pub mod tests;
mod tiles;
mod trustworthiness;
mod tsne;
mod write;

pub use graph::{GraphNeighbour, NeighbourGraph};
pub use ground::MapGround;
pub use kept::KeptMaps;
pub use picture_map::{MapKind, PictureMap};
pub use points::Points;
pub use sheet::{MapSheet, SheetSize};
pub use tiles::{TileSize, showing_order, without_overlap};
pub use trustworthiness::trustworthiness;
pub use write::write_csv;
