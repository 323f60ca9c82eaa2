//! Compares the files of pairs of pictures, each pair at most once.

use super::close;
use super::close_window;
use super::collection::Collection;
use super::evidence::{RECOMPRESSED, may_be_the_same, may_have_same_pixels};
use super::files_at_hand::FilesAtHand;
use super::seen_pairs::{CloseLook, Fineness};
use super::turn::Turn;
use super::window::{self, Cut, TwoPictures};
use crate::cancel::Cancel;
use crate::dataset::sharpness::{Examined, examined, is_reduced};
use crate::error::Result;

/// Below this sharpness, a picture has no detail to lose.
const DETAILED: f64 = 0.03;

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
            self.seen.tell((a, b), CloseLook::Same(Fineness { sharper: pixels(a) / pixels(b), richer: 1.0 }));
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
        if !close::show_the_same([&first, &second], turn, sizes, is_one_grey(collection, a, b)) {
            return Some(CloseLook::Different);
        }
        let is_scaled = !close::has_as_many_pixels(sizes);
        let matters = is_scaled || self.may_be_worse(a, b, turn == Turn::NONE);
        Some(CloseLook::Same(if matters { self.fineness(a, b, is_scaled)? } else { Fineness::EQUAL }))
    }

    /// Of two pictures of one size: whether one may be marked in favour of the other, which may have been made from a
    /// worse copy.
    fn may_be_worse(&self, a: u32, b: u32, is_upright: bool) -> bool {
        let collection = self.collection();
        let facts = |at: u32| collection.picture(at).facts;
        let (Some(first), Some(second)) = (facts(a), facts(b)) else { return true };
        let [size, other] = [a, b].map(|at| collection.image(at).size as f64);
        let has_far_fewer_bytes = size <= RECOMPRESSED * other || other <= RECOMPRESSED * size;
        let are_lossless = first.is_lossless && second.is_lossless;
        let may_be_marked = first.format != second.format || has_far_fewer_bytes || is_one_grey(collection, a, b);
        !is_upright || may_be_marked && !are_lossless
    }

    fn fineness(&mut self, a: u32, b: u32, is_scaled: bool) -> Option<Fineness> {
        let is_grey = is_one_grey(self.collection(), a, b);
        let [a, b] = self.both([a, b])?;
        let examined = examined([&a, &b]);
        let sharpness = examined.each_ref().map(Examined::sharpness);
        if sharpness[0].max(sharpness[1]) < DETAILED {
            return Some(Fineness::EQUAL);
        }
        let ratio = |[a, b]: [f64; 2]| a / b.max(f64::MIN_POSITIVE);
        let sharper = if is_scaled { ratio(sharpness) } else { 1.0 };
        // Dither looks like detail. Grey pictures have few colours by nature.
        let richer = match (!is_grey && is_reduced(&a), !is_grey && is_reduced(&b)) {
            (true, false) => 0.0,
            (false, true) => f64::INFINITY,
            _ => ratio(examined.map(|picture| picture.detail())),
        };
        Some(Fineness { sharper, richer })
    }

    fn cut(&mut self, whole: u32, part: u32) -> Option<Cut> {
        let collection = self.collection();
        let sizes = [collection.size(whole)?, collection.size(part)?];
        let small = |at: u32| collection.picture(at).row.small_picture();
        let (whole_small, part_small) = (small(whole)?, small(part)?);
        let promising = window::promising(&TwoPictures { whole: whole_small, part: part_small, sizes })?;
        let greys = [self.averages(whole, window::CLOSE)?.greys(), self.averages(part, window::CLOSE)?.greys()];
        let cut = window::cut(&TwoPictures { whole: &greys[0], part: &greys[1], sizes }, promising)?;
        let (whole_cells, part_cells) = (self.whole(whole)?, self.averages(part, close::cells(sizes))?);
        let is_grey = is_one_grey(collection, whole, part);
        close_window::shows_the_same(&whole_cells, &part_cells, cut.window, sizes, is_grey).then_some(cut)
    }
}

fn is_one_grey(collection: &Collection, a: u32, b: u32) -> bool {
    [a, b].iter().any(|at| collection.picture(*at).facts.is_some_and(|facts| facts.is_grey()))
}
