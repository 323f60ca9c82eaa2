//! The terminal: what it is, what it can show, and how a picture becomes what it understands. Knows no screen of ours.
//!
//! It is asked ([`probe`]), [`Terminal`] is what is known of it then, and [`graphics`] are the ways of showing pictures.

mod cells;
pub mod graphics;
mod known;
pub mod probe;
mod remote;
pub mod shared;
pub mod tmux;

pub use cells::Cells;
pub use graphics::{Graphics, ProtocolChoice};
pub use known::{Terminal, decide, over_ssh};
pub use remote::scp_line;
