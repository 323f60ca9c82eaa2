//! Results of comparing the files of pairs of pictures.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::fineness::Fineness;
use super::window::Cut;
use crate::dataset::ContentHash;

#[derive(Debug, Default)]
pub struct SeenPairs {
    /// The crop relation of pairs.
    cuts: Mutex<HashMap<(u32, u32), Option<PartLook>>>,
    /// Hashes of pictures' pixels; None if they can't be decoded now.
    pixels: Mutex<HashMap<u32, Option<ContentHash>>>,
    close: Mutex<HashMap<(u32, u32), CloseLook>>,
}

/// The comparison of two pictures that seem to be the same apart from scale and compression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CloseLook {
    /// Or one of them can't be decoded now.
    Different,
    /// One is grey, and the colours of the other one follow from its brightness.
    Toned,
    /// They differ in one place.
    Retouched,
    Same(Fineness),
}

/// A picture that is a crop of another one, or has a frame added in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartLook {
    pub cut: Cut,
    /// What the other one shows in the window, relative to the crop.
    pub fineness: Fineness,
}

impl CloseLook {
    fn reversed(self) -> CloseLook {
        match self {
            CloseLook::Same(fineness) => CloseLook::Same(fineness.reversed()),
            CloseLook::Different | CloseLook::Toned | CloseLook::Retouched => self,
        }
    }
}

impl SeenPairs {
    /// The position of a picture in another one that it is a crop of, or that adds a frame to it. Outer None: not
    /// checked yet.
    pub fn cut(&self, whole: u32, part: u32) -> Option<Option<PartLook>> {
        self.cuts.lock().get(&(whole, part)).copied()
    }

    /// Whether two pictures of the same size have the same pixels. None: not checked yet.
    pub fn have_same_pixels(&self, a: u32, b: u32) -> Option<bool> {
        let pixels = self.pixels.lock();
        let (a, b) = (pixels.get(&a)?, pixels.get(&b)?);
        Some(a.is_some() && a == b)
    }

    /// Whether they show the same. None: not checked yet.
    pub fn close(&self, a: u32, b: u32) -> Option<CloseLook> {
        self.close.lock().get(&(a, b)).copied()
    }

    /// Records it in both directions.
    pub fn tell(&self, (a, b): (u32, u32), look: CloseLook) {
        self.close.lock().extend([((a, b), look), ((b, a), look.reversed())]);
    }

    /// The position of the second in the first.
    pub fn tell_cut(&self, pair: (u32, u32), cut: Option<PartLook>) {
        self.cuts.lock().insert(pair, cut);
    }

    /// The hash of a picture's pixels, computed by `find` the first time.
    pub fn find_pixels(&self, picture: u32, find: impl FnOnce() -> Option<ContentHash>) {
        let is_known = self.pixels.lock().contains_key(&picture);
        if !is_known {
            // Decode without the lock, so that others can work meanwhile.
            let pixels = find();
            self.pixels.lock().insert(picture, pixels);
        }
    }
}
