//! What looking at the files themselves has told of pairs of pictures, as far as somebody looked.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::window::Cut;
use crate::dataset::ContentHash;

#[derive(Debug, Default)]
pub struct SeenPairs {
    /// How pictures lie in others.
    cuts: Mutex<HashMap<(u32, u32), Option<Cut>>>,
    /// What the pixels of pictures are; None where they can't be decoded now.
    pixels: Mutex<HashMap<u32, Option<ContentHash>>>,
    close: Mutex<HashMap<(u32, u32), CloseLook>>,
}

/// Of two pictures that seem to be the same but for scale and compression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CloseLook {
    /// Or one of them can't be decoded now.
    Different,
    /// How much finer the first one's detail is than the second one's: their sharpness divided. 1 where both have as many pixels.
    Same { finer: f64 },
}

impl CloseLook {
    fn reversed(self) -> CloseLook {
        match self {
            CloseLook::Same { finer } => CloseLook::Same { finer: 1.0 / finer },
            CloseLook::Different => self,
        }
    }
}

impl SeenPairs {
    /// How a picture lies in another one, if it is cut from it, or that one has a frame around it. None: nobody has looked yet.
    pub fn cut(&self, whole: u32, part: u32) -> Option<Option<Cut>> {
        self.cuts.lock().get(&(whole, part)).copied()
    }

    /// Whether two pictures of the same size are the same pixel by pixel. None: nobody has looked yet.
    pub fn have_same_pixels(&self, a: u32, b: u32) -> Option<bool> {
        let pixels = self.pixels.lock();
        let (a, b) = (pixels.get(&a)?, pixels.get(&b)?);
        Some(a.is_some() && a == b)
    }

    /// Whether they show the same. None: nobody has looked yet.
    pub fn close(&self, a: u32, b: u32) -> Option<CloseLook> {
        self.close.lock().get(&(a, b)).copied()
    }

    /// Both ways.
    pub fn tell(&self, (a, b): (u32, u32), look: CloseLook) {
        self.close.lock().extend([((a, b), look), ((b, a), look.reversed())]);
    }

    /// How the second lies in the first.
    pub fn tell_cut(&self, pair: (u32, u32), cut: Option<Cut>) {
        self.cuts.lock().insert(pair, cut);
    }

    /// What the pixels of a picture are, made by `find` if nobody has looked yet.
    pub fn find_pixels(&self, picture: u32, find: impl FnOnce() -> Option<ContentHash>) {
        let is_known = self.pixels.lock().contains_key(&picture);
        if !is_known {
            // Decoded without the lock: others look meanwhile.
            let pixels = find();
            self.pixels.lock().insert(picture, pixels);
        }
    }
}
