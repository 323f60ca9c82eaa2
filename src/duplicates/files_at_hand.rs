//! Decoded files of a collection, kept for the next pairs: many pairs share a picture.

use std::sync::Arc;

use super::close_window::{WHOLE_CELLS, Whole};
use super::collection::Collection;
use super::fineness::Complete;
use super::window::CLOSE;
use crate::dataset::{Averages, BeyondRgb8, ContentHash, decode, thumbnail};
use crate::error::{Error, Result};
use crate::limits::Limit;

/// The averages kept; each takes at most 2 MB.
const AVERAGES: usize = 16;
/// The pictures kept that others may be crops of, usually the kept one of a group and one with a banner; each takes
/// up to 25 MB.
const WHOLES: usize = 2;
/// A larger picture, in pixels, isn't kept.
const MOST_PIXELS: usize = 25_000_000;

/// Files decoded one after the other. A file that can't be decoded now counts as no copy.
pub struct FilesAtHand<'a> {
    collection: &'a Collection,
    /// The latest averages, by picture.
    averages: Vec<(u32, Arc<Averages>)>,
    /// The latest pictures that others may be crops of.
    wholes: Vec<(u32, Arc<Whole>)>,
    /// The latest complete picture.
    opened: Option<(u32, Arc<Complete>)>,
    /// The limit that prevented reading a file, although nothing is wrong with it.
    limited: Option<Limit>,
}

impl<'a> FilesAtHand<'a> {
    pub fn new(collection: &'a Collection) -> FilesAtHand<'a> {
        FilesAtHand { collection, averages: Vec::new(), wholes: Vec::new(), opened: None, limited: None }
    }

    pub fn collection(&self) -> &'a Collection {
        self.collection
    }

    /// An error if a limit prevented reading a file.
    pub fn check(&self) -> Result<()> {
        self.limited.map_or(Ok(()), |limit| Err(Error::Limit(limit)))
    }

    /// A hash of the picture's pixels.
    pub fn pixels(&mut self, picture: u32) -> Option<ContentHash> {
        self.there(decode::pixels(&self.collection.image(picture).path))
    }

    /// The picture, averaged down to `cells` along each edge.
    pub fn averages(&mut self, picture: u32, cells: usize) -> Option<Arc<Averages>> {
        let fitting =
            |(of, averages): &(u32, Arc<Averages>)| (*of == picture).then(|| at_cells(averages, cells)).flatten();
        let found = self.averages.iter().find_map(fitting);
        let averages = match found {
            Some(averages) => averages,
            None => {
                // Other pairs, and other questions about this one, need other numbers of cells.
                let fine = Arc::new(self.decoded(picture, cells.max(CLOSE))?);
                keep(&mut self.averages, AVERAGES, picture, fine.clone());
                match at_cells(&fine, cells) {
                    Some(averages) => averages,
                    None => Arc::new(self.decoded(picture, cells)?),
                }
            }
        };
        keep(&mut self.averages, AVERAGES, picture, averages.clone());
        Some(averages)
    }

    /// The picture as one that others may be crops of.
    pub fn whole(&mut self, picture: u32) -> Option<Arc<Whole>> {
        let found = self.wholes.iter().find(|(of, _)| *of == picture).map(|(_, whole)| whole.clone());
        let whole = match found {
            Some(whole) => whole,
            None => {
                let averages = decode::averages_up_to(&self.collection.image(picture).path, WHOLE_CELLS);
                Arc::new(Whole::new(&self.there(averages)?))
            }
        };
        keep(&mut self.wholes, WHOLES, picture, whole.clone());
        Some(whole)
    }

    /// Both pictures, complete. The first one is kept.
    pub fn both(&mut self, [first, second]: [u32; 2]) -> Option<[Arc<Complete>; 2]> {
        let first = match &self.opened {
            Some((of, opened)) if *of == first => opened.clone(),
            _ => {
                self.opened = None;
                let opened = Arc::new(self.open(first)?);
                if opened.pixels.len() <= 3 * MOST_PIXELS {
                    self.opened = Some((first, opened.clone()));
                }
                opened
            }
        };
        Some([first, Arc::new(self.open(second)?)])
    }

    fn open(&mut self, picture: u32) -> Option<Complete> {
        let opened = self.there(decode::open(&self.collection.image(picture).path))?;
        let beyond = BeyondRgb8::of(&opened);
        Some(Complete { pixels: thumbnail::flatten(opened), beyond })
    }

    fn decoded(&mut self, picture: u32, cells: usize) -> Option<Averages> {
        self.there(decode::averages(&self.collection.image(picture).path, cells))
    }

    fn there<T>(&mut self, decoded: Result<T>) -> Option<T> {
        if let Err(Error::Limit(limit)) = &decoded {
            self.limited = Some(*limit);
        }
        decoded.ok()
    }
}

/// Puts it first; the oldest beyond `most` goes.
fn keep<T>(kept: &mut Vec<(u32, Arc<T>)>, most: usize, picture: u32, what: Arc<T>) {
    kept.retain(|(_, other)| !Arc::ptr_eq(other, &what));
    kept.truncate(most - 1);
    kept.insert(0, (picture, what));
}

fn at_cells(averages: &Arc<Averages>, cells: usize) -> Option<Arc<Averages>> {
    match averages.cells() == (cells, cells) {
        true => Some(averages.clone()),
        false => averages.coarser(cells).map(Arc::new),
    }
}
