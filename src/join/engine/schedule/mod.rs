//! Which blocks of a join are computed when, by whom, and what is known by then. One schedule so far: the threads of this
//! process ([`threads`]).

mod choose;
mod shortlists;
mod spent;
mod threads;

pub use choose::choose;
pub use threads::{Observer, run, run_to};
