//! Pictures on the screen: what is wanted ([`Slot`]), what was encoded for it ([`Picture`]), keeping that ([`shelf`]), and
//! when it is sent ([`wire`]). Encoding itself is a job ([`super::jobs`]).

pub mod detail;
pub mod difference;
pub mod heat;
mod picture;
pub mod shelf;
mod slot;
pub mod wire;

pub use picture::{Picture, Strip};
pub use slot::{Heat, Part, PictureFile, Quality, Slot};
