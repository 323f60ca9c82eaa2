//! Compares the files of pairs of pictures, each pair at most once.

use std::cell::Cell;
use std::sync::Arc;

use super::close;
use super::close_window;
use super::collection::Collection;
use super::evidence::{may_be_the_same, may_have_same_pixels};
use super::seen_pairs::CloseLook;
use super::turn::Turn;
use super::window::{self, Cut, TwoPictures};
use crate::cancel::Cancel;
use crate::dataset::sharpness::sharpness;
use crate::dataset::{Averages, decode, thumbnail};
use crate::error::{Error, Result};
use crate::limits::Limit;

/// Averages kept while pairs are compared: many pairs share a picture.
const AT_HAND: usize = 4;
/// Below this sharpness, a picture has no detail to lose.
const DETAILED: f64 = 0.03;

impl Collection {
    /// Compares the files of pairs: for each the next question, whether their pixels are equal, whether they show the
    /// same, or whether one is a crop of the other.
    pub fn look_at(&self, pairs: &[(u32, u32)], cancel: &Cancel) -> Result<()> {
        let mut files = Files { collection: self, at_hand: Vec::new(), limited: Cell::new(None) };
        for (a, b) in pairs {
            cancel.check()?;
            let is_looked_at = self.seen.close(*a, *b).is_some();
            if may_have_same_pixels(self, *a, *b) && self.seen.have_same_pixels(*a, *b).is_none() {
                for picture in [*a, *b] {
                    self.seen.find_pixels(picture, || files.there(decode::pixels(&self.image(picture).path)));
                }
                files.check()?;
            } else if !is_looked_at && (may_be_the_same(self, *a, *b) || self.seen.cut(*a, *b).is_some()) {
                let close = files.close(*a, *b).unwrap_or(CloseLook::Different);
                files.check()?;
                self.seen.tell((*a, *b), close);
            } else {
                for (whole, part) in [(*a, *b), (*b, *a)] {
                    let cut = files.cut(whole, part);
                    files.check()?;
                    self.seen.tell_cut((whole, part), cut);
                }
            }
        }
        Ok(())
    }

    /// For rehearsals, whose pictures have no files: pretends that all pairs that may show the same do, with finer
    /// detail in the one with more pixels.
    pub fn pretend_to_look(&self) {
        let pixels = |at: u32| self.picture(at).facts.map_or(1.0, |facts| facts.pixels() as f64);
        let pairs = (0..self.len() as u32).flat_map(|a| (0..a).map(move |b| (a, b)));
        for (a, b) in pairs.filter(|(a, b)| may_be_the_same(self, *a, *b)) {
            self.seen.tell((a, b), CloseLook::Same { finer: pixels(a) / pixels(b) });
        }
    }

    /// Width and height in pixels, upright.
    fn size(&self, at: u32) -> Option<(u32, u32)> {
        self.picture(at).facts.map(|facts| (facts.width, facts.height))
    }
}

/// Files compared one after the other. A file that can't be decoded now counts as no copy.
struct Files<'a> {
    collection: &'a Collection,
    /// The latest averages, by picture and number of cells along each edge.
    at_hand: Vec<((u32, usize), Arc<Averages>)>,
    /// The limit that prevented reading a file, although nothing is wrong with it.
    limited: Cell<Option<Limit>>,
}

impl Files<'_> {
    fn there<T>(&self, decoded: Result<T>) -> Option<T> {
        if let Err(Error::Limit(limit)) = &decoded {
            self.limited.set(Some(*limit));
        }
        decoded.ok()
    }

    fn check(&self) -> Result<()> {
        self.limited.get().map_or(Ok(()), |limit| Err(Error::Limit(limit)))
    }

    fn averages(&mut self, picture: u32, cells: usize) -> Option<Arc<Averages>> {
        if let Some((_, averages)) = self.at_hand.iter().find(|(what, _)| *what == (picture, cells)) {
            return Some(averages.clone());
        }
        let averages = Arc::new(self.there(decode::averages(&self.collection.image(picture).path, cells))?);
        self.at_hand.truncate(AT_HAND - 1);
        self.at_hand.insert(0, ((picture, cells), averages.clone()));
        Some(averages)
    }

    fn close(&mut self, a: u32, b: u32) -> Option<CloseLook> {
        let collection = self.collection;
        let small = |at: u32| collection.picture(at).row.small_picture();
        let turn = Turn::between(small(a)?, small(b)?);
        let sizes = [collection.size(a)?, collection.size(b)?];
        let cells = close::cells(sizes);
        let (first, second) = (self.averages(a, cells)?, self.averages(b, cells)?);
        if !close::show_the_same([&first, &second], turn, sizes, self.is_one_grey(a, b)) {
            return Some(CloseLook::Different);
        }
        Some(CloseLook::Same { finer: if close::has_as_many_pixels(sizes) { 1.0 } else { self.finer(a, b)? } })
    }

    fn finer(&self, a: u32, b: u32) -> Option<f64> {
        let open = |at: u32| self.there(decode::open(&self.collection.image(at).path)).map(thumbnail::flatten);
        let [a, b] = sharpness([&open(a)?, &open(b)?]);
        Some(if a.max(b) < DETAILED { 1.0 } else { a / b.max(f64::MIN_POSITIVE) })
    }

    fn cut(&mut self, whole: u32, part: u32) -> Option<Cut> {
        let collection = self.collection;
        let sizes = [collection.size(whole)?, collection.size(part)?];
        let small = |at: u32| collection.picture(at).row.small_picture();
        let (whole_small, part_small) = (small(whole)?, small(part)?);
        let promising = window::promising(&TwoPictures { whole: whole_small, part: part_small, sizes })?;
        let greys = [self.averages(whole, window::CLOSE)?.greys(), self.averages(part, window::CLOSE)?.greys()];
        let cut = window::cut(&TwoPictures { whole: &greys[0], part: &greys[1], sizes }, promising)?;
        let cells = [close_window::WHOLE_CELLS, close::cells(sizes)];
        let (whole_cells, part_cells) = (self.averages(whole, cells[0])?, self.averages(part, cells[1])?);
        let is_grey = self.is_one_grey(whole, part);
        close_window::shows_the_same([&whole_cells, &part_cells], cut.window, sizes, is_grey).then_some(cut)
    }

    fn is_one_grey(&self, a: u32, b: u32) -> bool {
        [a, b].iter().any(|at| self.collection.picture(*at).facts.is_some_and(|facts| facts.is_grey()))
    }
}
