//! What has been encoded, so that it needn't be again: bounded in bytes, the least recently wanted goes first.

use lru::LruCache;

use super::{Picture, Quality, Slot};

const MAX_BYTES: usize = 128 << 20;

pub struct Shelf {
    pictures: LruCache<Slot, Encoded>,
    bytes: usize,
    /// Numbers of pictures that the terminal should forget.
    dropped: Vec<u32>,
}

struct Encoded {
    picture: Result<Picture, String>,
    /// Whether it may be drawn. Those that take many bytes wait for their turn.
    admitted: bool,
}

/// The best there is for a slot.
pub enum Shown<'a> {
    Picture(&'a Picture),
    Failed(&'a str),
    Nothing,
}

/// What was admitted: bytes that go with it, and those of them that must be sent before it is drawn.
#[derive(Default)]
pub struct Admitted {
    pub bytes: usize,
    pub transmissions: String,
}

impl Default for Shelf {
    fn default() -> Self {
        Shelf { pictures: LruCache::unbounded(), bytes: 0, dropped: Vec::new() }
    }
}

impl Shelf {
    pub fn put(&mut self, slot: Slot, picture: Result<Picture, String>) {
        self.bytes += picture.as_ref().map_or(0, |p| p.bytes);
        let admitted = slot.quality == Quality::Rough;
        if let Some((_, old)) = self.pictures.push(slot, Encoded { picture, admitted }) {
            self.forget(old);
        }
        while self.bytes > MAX_BYTES {
            let Some((_, old)) = self.pictures.pop_lru() else { break };
            self.forget(old);
        }
    }

    fn forget(&mut self, old: Encoded) {
        if let Ok(picture) = old.picture {
            self.bytes -= picture.bytes;
            self.dropped.extend(picture.kept.filter(|_| old.admitted).map(|kept| kept.id));
        }
    }

    /// Sharp if there is one that may be drawn, else rough.
    pub fn best(&self, slot: &Slot) -> Shown<'_> {
        let of = |quality| self.pictures.peek(&slot.with(quality)).map(|e| (e.admitted, e.picture.as_ref()));
        match (of(Quality::Sharp), of(Quality::Rough)) {
            (Some((true, Ok(picture))), _) | (_, Some((_, Ok(picture)))) => Shown::Picture(picture),
            (Some((_, Err(error))), _) | (_, Some((_, Err(error)))) => Shown::Failed(error),
            _ => Shown::Nothing,
        }
    }

    /// Lets sharp pictures of `slots` be drawn, in this order, up to about so many bytes: one at least.
    pub fn admit(&mut self, slots: &[Slot], bytes: usize) -> Admitted {
        let mut all = Admitted::default();
        for slot in slots {
            let Some(encoded) = self.pictures.peek_mut(&slot.with(Quality::Sharp)) else { continue };
            let (false, Ok(picture)) = (encoded.admitted, &encoded.picture) else { continue };
            if all.bytes > 0 && all.bytes + picture.bytes > bytes {
                break;
            }
            encoded.admitted = true;
            all.bytes += picture.bytes;
            all.transmissions.extend(picture.kept.iter().map(|kept| kept.transmission.as_str()));
        }
        all
    }

    /// The screen was cleared: what the terminal doesn't keep has to be sent again.
    pub fn cleared(&mut self) {
        let sharp = self.pictures.iter_mut().filter(|(slot, _)| slot.quality == Quality::Sharp);
        sharp
            .filter(|(_, encoded)| encoded.picture.as_ref().is_ok_and(|p| p.kept.is_none()))
            .for_each(|(_, encoded)| encoded.admitted = false);
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
