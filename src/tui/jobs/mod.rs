//! Work that the loop starts off the screen's thread, and its answers. A job knows what it does and whom it reports to,
//! but no screen.

mod archive;
mod clusters;
mod compare;
mod complete;
mod copy;
pub mod decoded;
mod dropped;
mod duplicates;
pub mod encode;
mod findings;
mod index;
mod join;
mod map;
mod open;
mod order;
mod request;
mod search;
mod watching;
pub mod write;

pub use archive::{ArchiveAnswer, ArchiveJob};
pub use clusters::{ClustersAnswer, ClustersJob, ClustersWork};
pub use compare::{CompareJob, Compared, Told};
pub use complete::complete;
pub use copy::CopyJob;
pub use dropped::{readings, undropped};
pub use duplicates::{DuplicatesAnswer, DuplicatesJob};
pub use findings::{Findings, JoinAnswer};
pub use index::{IndexNews, IndexStep, Indexing};
pub use join::{JoinGoal, JoinJob, JoinNews, JoinOutcome, JoinStep, Joiner};
pub use map::{MapAnswer, MapJob, MapWork};
pub use open::{OpenedFile, OpenedPicture, ReadList, open};
pub use order::OrderJob;
pub use request::Request;
pub use search::{DescribedKey, KeySource, SearchAnswer, SearchJob, Searched, Searcher};
