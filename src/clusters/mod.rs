//! Clusters: groups of similar pictures, without a given number of groups.
//!
//! Input: a [`Collection`](crate::duplicates::Collection) of indexed pictures. Output: a [`Clustering`], the same on
//! any number of threads. [`ClusterGround`] finds each picture's nearest neighbours once; then coarser or finer
//! clusters take a moment. They are the communities of the neighbour graph (Leiden; `communities`).
//! [`adjusted_rand_index`] measures them; [`write()`] writes them.

mod clustering;
mod communities;
mod ground;
mod on_page;
mod rand_index;
mod report;
#[cfg(test)]
mod tests;

pub use clustering::{Cluster, Clustering};
pub use ground::ClusterGround;
pub use on_page::on_page;
pub use rand_index::adjusted_rand_index;
pub use report::{ClusterFormat, write};
