//! The terminal: what it is, what it can show, and how a picture becomes what it understands. Knows no screen of ours.
//!
//! It is asked ([`probe`]), [`Terminal`] is what is known of it then, and [`graphics`] are the ways of showing pictures. What it
//! sends is cut into sequences ([`stream`]); [`questions`] counts what it has not answered.

pub mod answers;
mod cells;
mod colour_choice;
mod colours;
pub mod gnu_screen;
pub mod graphics;
mod inline;
mod known;
pub mod paint;
pub mod palette;
pub mod probe;
pub mod questions;
mod remote;
pub mod shared;
mod size;
pub mod stream;
pub mod tmux;
mod usable;

pub use cells::Cells;
pub use colour_choice::ColourChoice;
pub use colours::ColourDepth;
pub use graphics::{Graphics, ProtocolChoice};
pub use inline::{Inline, InlineRow};
pub use known::{Terminal, TerminalChoices, decide, over_ssh};
pub use remote::scp_line;
pub use size::size;
pub use usable::{check_usable, is_in_foreground};
