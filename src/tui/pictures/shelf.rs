//! What has been encoded, so that it needn't be again: bounded in bytes, the least recently wanted goes first.

use lru::LruCache;

use super::{Picture, Quality, Slot};

const MAX_BYTES: usize = 128 << 20;

pub struct Shelf {
    pictures: LruCache<Slot, Result<Picture, String>>,
    bytes: usize,
    /// Numbers of pictures that the terminal should forget.
    dropped: Vec<u32>,
}

/// The best there is for a slot.
pub enum Shown<'a> {
    Picture(&'a Picture),
    Failed(&'a str),
    Nothing,
}

impl Default for Shelf {
    fn default() -> Self {
        Shelf { pictures: LruCache::unbounded(), bytes: 0, dropped: Vec::new() }
    }
}

impl Shelf {
    pub fn put(&mut self, slot: Slot, picture: Result<Picture, String>) {
        self.bytes += picture.as_ref().map_or(0, |p| p.bytes);
        if let Some((_, old)) = self.pictures.push(slot, picture) {
            self.forget(old);
        }
        while self.bytes > MAX_BYTES {
            let Some((_, old)) = self.pictures.pop_lru() else { break };
            self.forget(old);
        }
    }

    fn forget(&mut self, picture: Result<Picture, String>) {
        if let Ok(picture) = picture {
            self.bytes -= picture.bytes;
            self.dropped.extend(picture.id);
        }
    }

    /// Sharp if there is, else rough.
    pub fn best(&self, slot: &Slot) -> Shown<'_> {
        let of = |quality| self.pictures.peek(&slot.with(quality));
        match (of(Quality::Sharp), of(Quality::Rough)) {
            (Some(Ok(picture)), _) | (_, Some(Ok(picture))) => Shown::Picture(picture),
            (Some(Err(error)), _) | (_, Some(Err(error))) => Shown::Failed(error),
            (None, None) => Shown::Nothing,
        }
    }

    /// Whether there is room for pictures that may be wanted next.
    pub fn has_room(&self) -> bool {
        self.bytes < MAX_BYTES / 2
    }

    /// Whether `slot` is there; marks it as wanted.
    pub fn holds(&mut self, slot: &Slot) -> bool {
        self.pictures.get(slot).is_some()
    }

    /// Everything is to be encoded and sent again: the terminal may have lost it.
    pub fn clear(&mut self) {
        while let Some((_, picture)) = self.pictures.pop_lru() {
            self.forget(picture);
        }
    }

    /// Numbers that the terminal should forget since the last call.
    pub fn take_dropped(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.dropped)
    }
}
