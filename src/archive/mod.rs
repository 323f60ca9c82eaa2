//! Is it in my archive: which pictures of a card are in other folders, and which aren't.
//!
//! In: a [`Collection`](crate::duplicates::Collection) whose first source is the card. Each of its pictures gets a
//! [`Standing`] ([`CardCheck`]), by the same evidence that near-duplicates are marked by. Whoever formats a card afterwards
//! must not lose a picture: in doubt it isn't there.

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
