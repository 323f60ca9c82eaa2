//! Pictures in an order that tells something: by likeness, or those that are alone first.
//!
//! In: a [`MapGround`](crate::map::MapGround), pictures with their `gap` descriptors. Out: all of them ([`Ordering::of`]), the same
//! order on any number of threads. By likeness it is a [`path`] along which pictures that follow each other are alike;
//! [`solitude`] is how far a picture is from others.

mod ordering;
mod path;
mod shorter;
mod solitude;
#[cfg(test)]
mod tests;

pub use ordering::{OrderedBy, Ordering};
pub use path::path;
pub use solitude::solitude;
