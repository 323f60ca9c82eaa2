//! "Is it in my archive": which pictures of a card are in other folders, and which aren't.
//!
//! Input: a [`Collection`](crate::duplicates::Collection) whose first source is the card. Each of its pictures gets a
//! [`Standing`] ([`CardCheck`]), by the same evidence as for near-duplicates. A user who formats the card afterwards
//! must not lose a picture: in doubt it counts as missing.

mod card_check;
mod on_page;
mod report;
mod standing;
#[cfg(test)]
mod tests;

pub use card_check::{ArchiveMatch, CardCheck, CardPicture, CardRanges};
pub use on_page::on_page;
pub use report::{CardFormat, to_marks, write};
pub use standing::{Lack, Standing, StandingKind};
