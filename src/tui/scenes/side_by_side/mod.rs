//! Two pictures side by side, to see which is better: the same detail of both, facts, and the difference. The screen
//! below says which two ([`crate::tui::couples`]).

mod draw;
mod facts;
mod keys;
mod places;
mod scene;
mod spread;
mod view;

pub use keys::{OF_CARD, OF_GROUPS};
pub use scene::SideBySide;
