//! Compares the files of pairs of pictures, each pair at most once.

use super::close;
use super::close_window;
use super::collection::Collection;
use super::evidence::{RECOMPRESSED, may_be_the_same, may_have_same_pixels};
use super::files_at_hand::FilesAtHand;
use super::fineness::{Fineness, have_palettes};
use super::retouched::is_retouched;
use super::seen_pairs::{CloseLook, PartLook};
use super::toned::is_toned;
use super::turn::Turn;
use super::window::{self, Cut, TwoPictures};
use crate::cancel::Cancel;
use crate::error::Result;

impl Collection {
    /// Compares the files of pairs: for each the next question, whether their pixels are equal, whether they show the
    /// same, or whether one is a crop of the other.
    pub fn look_at(&self, pairs: &[(u32, u32)], cancel: &Cancel) -> Result<()> {
        FilesAtHand::new(self).look_at(pairs, cancel)
    }

    /// For rehearsals, whose pictures have no files: pretends that all pairs that may show the same do, with finer
    /// detail in the one with more pixels.
    pub fn pretend_to_look(&self) {
        let pixels = |at: u32| self.picture(at).facts.map_or(1.0, |facts| facts.pixels() as f64);
        let pairs = (0..self.len() as u32).flat_map(|a| (0..a).map(move |b| (a, b)));
        for (a, b) in pairs.filter(|(a, b)| may_be_the_same(self, *a, *b)) {
            self.seen.tell((a, b), CloseLook::Same(Fineness { sharper: pixels(a) / pixels(b), ..Fineness::EQUAL }));
        }
    }

    /// Width and height in pixels, upright.
    fn size(&self, at: u32) -> Option<(u32, u32)> {
        self.picture(at).facts.map(|facts| (facts.width, facts.height))
    }
}

impl FilesAtHand<'_> {
    /// As [`Collection::look_at`]; questions about the same pictures are answered faster one after the other.
    pub fn look_at(&mut self, pairs: &[(u32, u32)], cancel: &Cancel) -> Result<()> {
        let collection = self.collection();
        let seen = &collection.seen;
        for (a, b) in pairs {
            cancel.check()?;
            let is_looked_at = seen.close(*a, *b).is_some();
            if may_have_same_pixels(collection, *a, *b) && seen.have_same_pixels(*a, *b).is_none() {
                for picture in [*a, *b] {
                    seen.find_pixels(picture, || self.pixels(picture));
                }
                self.check()?;
            } else if !is_looked_at && (may_be_the_same(collection, *a, *b) || seen.cut(*a, *b).is_some()) {
                let close = self.close(*a, *b).unwrap_or(CloseLook::Different);
                self.check()?;
                seen.tell((*a, *b), close);
            } else {
                for (whole, part) in [(*a, *b), (*b, *a)] {
                    let cut = self.cut(whole, part);
                    self.check()?;
                    seen.tell_cut((whole, part), cut);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, a: u32, b: u32) -> Option<CloseLook> {
        let collection = self.collection();
        let small = |at: u32| collection.picture(at).row.small_picture();
        let turn = Turn::between(small(a)?, small(b)?);
        let sizes = [collection.size(a)?, collection.size(b)?];
        let cells = close::cells(sizes);
        let (first, second) = (self.averages(a, cells)?, self.averages(b, cells)?);
        let is_grey = is_one_grey(collection, a, b);
        if !close::show_the_same([&first, &second], turn, sizes, is_grey) {
            return Some(CloseLook::Different);
        }
        if self.is_one_toned([a, b], cells) {
            return Some(CloseLook::Toned);
        }
        let is_scaled = !close::has_as_many_pixels(sizes);
        if !is_scaled && !self.may_be_worse(a, b, turn == Turn::NONE, is_grey) {
            return Some(CloseLook::Same(Fineness::EQUAL));
        }
        let [a, b] = self.both([a, b])?;
        let pixels = [&a.pixels, &b.pixels];
        let palettes = have_palettes(pixels, is_grey);
        Some(match palettes == [false; 2] && is_retouched(pixels, turn, is_grey) {
            true => CloseLook::Retouched,
            false => CloseLook::Same(Fineness::of([&a, &b], palettes, is_grey)),
        })
    }

    /// Of two pictures of one size: whether one may be marked in favour of the other, which may have been made from a
    /// worse copy.
    fn may_be_worse(&self, a: u32, b: u32, is_upright: bool, is_grey: bool) -> bool {
        let collection = self.collection();
        let facts = |at: u32| collection.picture(at).facts;
        let (Some(first), Some(second)) = (facts(a), facts(b)) else { return true };
        let [size, other] = [a, b].map(|at| collection.image(at).size as f64);
        let has_far_fewer_bytes = size <= RECOMPRESSED * other || other <= RECOMPRESSED * size;
        let are_lossless = first.is_lossless && second.is_lossless;
        let may_be_marked = !are_lossless && (first.format != second.format || has_far_fewer_bytes);
        !is_upright || is_grey || may_be_marked
    }

    fn cut(&mut self, whole: u32, part: u32) -> Option<PartLook> {
        let collection = self.collection();
        let sizes = [collection.size(whole)?, collection.size(part)?];
        let small = |at: u32| collection.picture(at).row.small_picture();
        let (whole_small, part_small) = (small(whole)?, small(part)?);
        let promising = window::promising(&TwoPictures { whole: whole_small, part: part_small, sizes })?;
        let greys = [self.averages(whole, window::CLOSE)?.greys(), self.averages(part, window::CLOSE)?.greys()];
        let cut = window::cut(&TwoPictures { whole: &greys[0], part: &greys[1], sizes }, promising)?;
        let (whole_cells, part_cells) = (self.whole(whole)?, self.averages(part, close::cells(sizes))?);
        let is_grey = is_one_grey(collection, whole, part);
        let window = close_window::same_window(&whole_cells, &part_cells, cut.window, sizes, is_grey)?;
        if self.is_one_toned([whole, part], close::cells(sizes)) {
            return None;
        }
        let [whole, part] = self.both([whole, part])?;
        let fineness = Fineness::of_window(&whole, window, &part, is_grey);
        Some(PartLook { cut: Cut { window, ..cut }, fineness })
    }

    /// Whether one is grey, and the other one is a grey picture that was toned.
    fn is_one_toned(&mut self, pictures: [u32; 2], cells: usize) -> bool {
        let is_grey = pictures.map(|at| self.collection().picture(at).facts.is_some_and(|facts| facts.is_grey()));
        let coloured = pictures[usize::from(is_grey[0])];
        is_grey[0] != is_grey[1] && self.averages(coloured, cells).is_some_and(|averages| is_toned(&averages.colours()))
    }
}

fn is_one_grey(collection: &Collection, a: u32, b: u32) -> bool {
    [a, b].iter().any(|at| collection.picture(*at).facts.is_some_and(|facts| facts.is_grey()))
}
