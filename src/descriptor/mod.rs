//! Descriptors, by which pictures are compared.
//!
//! Input: the network's `[7, 7, 512]` values for a picture. Output: a [`Descriptor`], the same without zeros; a
//! [`Row`], the descriptor of a dataset's picture; a [`FeatureMatrix`], all rows of a dataset; and data derived from a
//! descriptor, by which pictures are compared instead.

mod axes;
pub mod columns;
mod crops;
pub mod derived;
pub mod entries;
mod fetch;
mod first_use;
mod geometry;
mod matrix;
mod pooling;
mod region;
mod regions;
mod row;
pub mod sketch;
mod sparse;
mod words;

pub use axes::Axes;
pub use columns::{Column, Columns};
pub use crops::Crops;
pub use fetch::{all_regions, fetch_entries, fetch_sketches};
pub use first_use::RowChecksums;
pub use geometry::{BANDS, CHANNELS, DESCRIPTOR_LEN, ENDS, POSITIONS, SIDE};
pub use matrix::{FeatureMatrix, check_whole};
pub use pooling::Pooling;
pub use region::{REGIONS, Region, regions};
pub use regions::{LARGEST_CODE, RegionSet, WEIGHTS, cube, unit};
pub use row::Row;
pub use sketch::Sketch;
pub use sparse::{Descriptor, Shape, cosine};
