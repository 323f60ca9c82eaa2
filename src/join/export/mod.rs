//! Writes results for other programs. Input: neighbours, best first. Output: text or Parquet, to a pipe or to a file
//! that appears only when complete; or groups of pictures for a page.

mod extension;
mod keys;
mod new_file;
mod on_page;
mod pairs;
mod parquet;
mod ranking;
mod shown;

pub use extension::by_extension;
pub use keys::LonelyKeyWriter;
pub use new_file::NewFile;
pub use on_page::{JoinOnPage, PictureFiles, results_on_page};
pub use pairs::{PairFormat, PairWriter};
pub use ranking::{IDENTICAL, ResultFormat, ResultKey};
pub use shown::{RankedResult, ShownFormat, ShownResults};
