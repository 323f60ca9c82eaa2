//! Two pictures at a time: what a screen offers to be looked at side by side.

use super::msg::Task;
use super::pictures::PictureFile;
use super::set::KeyPicture;
use super::world::World;
use crate::dataset::Facts;

/// The one that others are compared with (the key, a group's centre), and one that is like it.
#[derive(Clone, Debug, PartialEq)]
pub struct Couple {
    pub sides: [Side; 2],
}

/// One of two pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub picture: KeyPicture,
    /// What was found when it was indexed.
    pub facts: Option<Facts>,
}

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the next picture of the same group; after its last one to the next group. Of pairs, to the next pair.
    Next,
    Previous,
    /// To the next pair or group.
    NextRow,
    PreviousRow,
}

/// One of a couple, by number: 0 is what the other one is compared with.
pub type Which = usize;

/// Couples, one of which is selected.
pub trait Couples {
    /// The one that is selected, if there is any (still).
    fn couple(&self, world: &World) -> Option<Couple>;

    /// The one after it.
    fn next_couple(&self, world: &World) -> Option<Couple>;

    /// Selects another one, if there is one that way.
    fn go(&mut self, way: Way);

    /// Marks one of the two, or unmarks it.
    fn toggle_mark(&mut self, which: Which, world: &mut World);

    /// Keeps one of the two, and marks what is like it; or unmarks that.
    fn keep(&mut self, which: Which, world: &mut World);

    /// Selects the next one that nobody has judged yet.
    fn next_unsure(&mut self, world: &mut World) {
        world.inform("u goes through near-duplicates (D)");
    }

    /// Says that the two are not the same.
    fn part(&mut self, world: &mut World) -> Option<Task> {
        world.inform("n is for near-duplicates (D) and the archive (I)");
        None
    }

    /// Which couple it is, of how many.
    fn place(&self, is_short: bool) -> String;

    /// Where they are from.
    fn names(&self, world: &World) -> String;

    /// How alike they are, in words.
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
        PictureFile { path: self.picture.path.clone(), stamp: self.picture.stamp }
    }
}
