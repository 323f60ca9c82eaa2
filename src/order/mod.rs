//! Meaningful orders of pictures: by similarity, or outliers first.
//!
//! Input: a [`MapGround`](crate::map::MapGround), pictures with their `gap` descriptors. Output: all of them
//! ([`Ordering::of`]), in the same order on any number of threads. By similarity, the order is a `path` along which
//! consecutive pictures are similar; `solitude` is how far a picture is from others.

mod ordering;
mod path;
mod shorter;
mod solitude;
#[cfg(test)]
mod tests;

pub use ordering::{OrderedBy, Ordering};
pub use path::path;
pub use solitude::solitude;
