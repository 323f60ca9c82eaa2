//! Clusters: pictures that belong together by likeness, without anybody saying how many kinds there are.
//!
//! In: a [`Collection`](crate::duplicates::Collection) of indexed pictures. Out: a [`Clustering`], the same one on any number of
//! threads: [`ClusterGround`] finds each picture's nearest neighbours once, then makes coarser or finer clusters of them at once. They
//! are the communities of that graph (Leiden; [`communities`]). [`adjusted_rand_index`] measures them; [`write()`] writes them.

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
