//! The terminal: what it is, what it can show, and how a picture is encoded for it. Knows none of our screens.
//!
//! It is asked ([`probe`]), which yields a [`Terminal`]; [`graphics`] has the ways of showing pictures. Its input is
//! cut into sequences ([`stream`]); [`questions`] counts the unanswered ones.

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
