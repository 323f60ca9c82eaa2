//! `features.npz`: the record of a dataset's descriptors, which other programs read too.
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
//! Current columns (`descriptor/row.rs`): `blake3`, 32 bytes, the hash of the file; `inode`, 8 bytes, its inode number;
//! `absent`, 1 if the picture was absent when the dataset was last scanned.
//!
//! All but the first two are ours; a file written by `numpy.savez_compressed(features=..., filenames=...)` loads
//! without them. Nothing in a file is used unchecked: whatever the bytes, reading returns either what was written or an
//! error.

mod arrays;
mod blocks;
mod columns;
mod file;
mod member;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use file::{check, has_descriptors, is_ours, read, read_bytes, write_to};
