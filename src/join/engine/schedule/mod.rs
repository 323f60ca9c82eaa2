//! Decides when and where the blocks of a join are computed, and which thresholds they get. One schedule so far: the
//! threads of this process ([`threads`]).

mod choose;
mod shortlists;
mod spent;
mod threads;

pub use choose::choose;
pub use threads::{Observer, run, run_to};
