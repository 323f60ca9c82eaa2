//! The map: all pictures of a collection on a plane, those that are alike near each other.
//!
//! In: a [`Collection`](crate::duplicates::Collection) of indexed pictures. Out: a [`PictureMap`], a place for each; at once by
//! principal components ([`MapGround::first`]), then by neighbours ([`MapGround::arranged`]), which is kept ([`KeptMaps`]): the same
//! pictures have the same map, on any number of threads. [`without_overlap`] says which of them have room to be shown as
//! tiles; [`write_csv`] and [`MapSheet`] write it, [`trustworthiness`] measures it. Places are by `gap`.
//!
//! Written here, though there are libraries (umap-rs, bhtsne): what those make on several threads differs from run to run, and they
//! can't be stopped half way.

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
