//! Descriptors: what a picture is compared by.
//!
//! In: the network's `[7, 7, 512]` values of a picture. Out: a [`Descriptor`], the same without its zeros; a [`Row`], the
//! descriptor of a picture of a dataset; a [`FeatureMatrix`], all rows of one; and what is derived from a descriptor, to
//! compare pictures by instead of it.

mod axes;
pub mod columns;
mod crops;
pub mod derived;
pub mod entries;
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
pub use geometry::{BANDS, CHANNELS, DESCRIPTOR_LEN, ENDS, POSITIONS, SIDE};
pub use matrix::{FeatureMatrix, check_whole};
pub use pooling::Pooling;
pub use region::{REGIONS, Region, regions};
pub use regions::{LARGEST_CODE, RegionSet, WEIGHTS, cube, unit};
pub use row::Row;
pub use sketch::Sketch;
pub use sparse::{Descriptor, Shape, cosine};
