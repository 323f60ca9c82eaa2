//! `features.npz`: the record of a dataset's descriptors that other programs read too.
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `features` | float32 `[n, 25088]`, C order | descriptor rows, Keras' order height x width x channel |
//! | `filenames` | `<U...` `[n]` | path inside the dataset, `/` between folders |
//! | `sizes`, `mtimes` | uint64, int64 `[n]` | bytes, nanoseconds since 1970: tell a changed picture from a known one |
//! | `model` | `<U...` scalar | weights' SHA-256, preprocessing, version |
//! | `blocks` | uint64 `[b, 2]` | where in `features` a thread may begin to read, see `blocks.rs` |
//! | `columns`, `columns/NAME` | `<U...` `[c]`, uint8 `[n, bytes]` | what else is known of pictures, see `columns.rs` |
//!
//! Columns of today (`descriptor/row.rs`): `blake3`, 32 bytes, the hash of the file; `inode`, 8 bytes, its number in its file system;
//! `absent`, 1 where the picture was not there when the dataset was last looked at.
//!
//! All but the first two are ours; a file written by `numpy.savez_compressed(features=..., filenames=...)` loads without.
//! Nothing a file says is believed unchecked: on any bytes, reading ends with what was written or with an error.

mod arrays;
mod blocks;
mod columns;
mod file;
mod member;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use file::{is_ours, read, read_bytes, write_to};
