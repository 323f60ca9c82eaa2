//! Two pictures side by side, to tell which is the better one: the same detail of both, facts, how they differ. What lies
//! below says which two ([`crate::tui::couples`]).

mod draw;
mod facts;
mod places;
mod scene;
mod spread;
mod view;

pub use scene::{KEYS, SideBySide};
