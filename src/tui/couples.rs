//! Couples: the pairs of pictures that a screen offers for viewing side by side.

use super::msg::Task;
use super::pictures::PictureFile;
use super::set::KeyPicture;
use super::world::World;
use crate::dataset::Facts;

/// A reference picture (the key, or a group's centre) and one similar to it; or a card's picture and what an archive
/// has.
#[derive(Clone, Debug, PartialEq)]
pub struct Couple {
    pub sides: [Side; 2],
}

/// One picture of a couple.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub picture: KeyPicture,
    /// The facts found when it was indexed.
    pub facts: Option<Facts>,
}

/// A direction to move in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the next picture of the group; after the last one, to the next group. With pairs, to the next pair.
    Next,
    Previous,
    /// To the next pair or group.
    NextRow,
    PreviousRow,
}

/// One of a couple: 0 is the reference picture, 1 the other.
pub type Which = usize;

/// A list of couples, one of which is selected.
pub trait Couples {
    /// The selected couple, if any is left.
    fn couple(&self, world: &World) -> Option<Couple>;

    /// The couple after it.
    fn next_couple(&self, world: &World) -> Option<Couple>;

    /// Selects another couple, if there is one in that direction.
    fn go(&mut self, way: Way);

    /// Marks or unmarks one of the two.
    fn toggle_mark(&mut self, which: Which, world: &mut World);

    /// Keeps one of the two and marks the pictures similar to it; or unmarks them.
    fn keep(&mut self, _which: Which, _: &mut World) {}

    /// Selects the next picture that the rules leave to the user.
    fn next_unsure(&mut self, world: &mut World) {
        world.inform("u works in near-duplicates (D)");
    }

    /// Declares the two not duplicates.
    fn part(&mut self, world: &mut World) -> Option<Task> {
        world.inform("n works in near-duplicates (D) and the archive (I)");
        None
    }

    /// The couple's position: `3 of 12`.
    fn place(&self, is_short: bool) -> String;

    /// The datasets of both pictures.
    fn names(&self, world: &World) -> String;

    /// Their similarity, in words.
    fn likeness(&self, is_short: bool) -> String;
}

impl Couple {
    /// Their files.
    pub fn files(&self) -> [PictureFile; 2] {
        [0, 1].map(|which| self.sides[which].file())
    }
}

impl Side {
    pub fn file(&self) -> PictureFile {
        self.picture.file()
    }
}
