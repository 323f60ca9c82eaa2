//! Results as others read them. In: neighbours, best first. Out: text or Parquet, to a pipe or to a file that is there
//! whole or not at all.

mod extension;
mod keys;
mod new_file;
mod pairs;
mod parquet;
mod ranking;
mod shown;

pub use keys::LonelyKeyWriter;
pub use new_file::NewFile;
pub use pairs::{PairFormat, PairWriter};
pub use ranking::{IDENTICAL, ResultFormat, ResultKey};
pub use shown::{ShownFormat, ShownResults};
