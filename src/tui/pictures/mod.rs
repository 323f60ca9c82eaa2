//! Pictures on the screen: requests ([`Slot`]), encoded pictures ([`Picture`]), their cache ([`shelf`]), and when to
//! send them ([`wire`]). Encoding itself is a job ([`super::jobs`]).

pub mod detail;
pub mod difference;
pub mod heat;
mod picture;
pub mod shelf;
mod slot;
pub mod wire;

pub use picture::{Picture, Strip};
pub use slot::{Heat, Part, PictureFile, Quality, Slot};
