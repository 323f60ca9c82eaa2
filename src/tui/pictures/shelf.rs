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
        if let Some((_, old)) = self.pictures.push(slot, Encoded { picture, admitted: false }) {
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
            (Some((true, Ok(picture))), _) | (_, Some((true, Ok(picture)))) => Shown::Picture(picture),
            (Some((_, Err(error))), _) | (_, Some((_, Err(error)))) => Shown::Failed(error),
            _ => Shown::Nothing,
        }
    }

    /// Lets pictures of `slots` in this quality be drawn, in this order, up to about so many bytes: one at least. None
    /// that take the place of sharp ones.
    pub fn admit(&mut self, slots: &[Slot], quality: Quality, bytes: usize) -> Admitted {
        let mut all = Admitted::default();
        for slot in slots {
            if quality == Quality::Rough && matches!(self.best(slot), Shown::Picture(_)) {
                continue;
            }
            let Some(encoded) = self.pictures.peek_mut(&slot.with(quality)) else { continue };
            let (false, Ok(picture)) = (encoded.admitted, &encoded.picture) else { continue };
            if all.bytes > 0 && all.bytes + picture.wire > bytes {
                break;
            }
            encoded.admitted = true;
            all.bytes += picture.wire;
            all.transmissions.extend(picture.kept.iter().map(|kept| kept.transmission.as_str()));
        }
        all
    }

    /// Other pictures are on the screen, or none: what the terminal doesn't keep has to be sent again.
    pub fn cleared(&mut self) {
        let painted = self.pictures.iter_mut().filter(|(_, e)| e.picture.as_ref().is_ok_and(|p| p.kept.is_none()));
        painted.for_each(|(_, encoded)| encoded.admitted = false);
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

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use ratatui::layout::Size;
    use ratatui_image::protocol::Protocol;
    use ratatui_image::protocol::halfblocks::Halfblocks;

    use super::super::Kept;
    use super::*;

    fn slot(name: &str) -> Slot {
        Slot::preview(name.into(), None, Size::new(4, 2), (10, 20))
    }

    /// A picture of 100 bytes on the wire, which `kept` makes the terminal keep.
    fn picture(kept: Option<u32>) -> Picture {
        let protocol = Halfblocks::new(RgbImage::new(4, 4).into(), Size::new(4, 2)).unwrap();
        let kept = kept.map(|id| Kept { id, transmission: format!("<{id}>") });
        Picture { protocol: Protocol::Halfblocks(protocol), pixels: (4, 4), kept, wire: 100, bytes: 1000 }
    }

    fn shelf(kept: bool) -> (Shelf, Vec<Slot>) {
        let slots: Vec<_> = ["a", "b", "c"].map(slot).into();
        let mut shelf = Shelf::default();
        for (slot, id) in slots.iter().zip(1..) {
            shelf.put(slot.clone(), Ok(picture(None)));
            shelf.put(slot.with(Quality::Sharp), Ok(picture(kept.then_some(id))));
        }
        (shelf, slots)
    }

    fn shows(shelf: &Shelf, slot: &Slot) -> Option<Option<u32>> {
        match shelf.best(slot) {
            Shown::Picture(picture) => Some(picture.kept.as_ref().map(|kept| kept.id)),
            _ => None,
        }
    }

    #[test]
    fn pictures_are_drawn_when_their_turn_has_come() {
        let (mut shelf, slots) = shelf(true);
        assert_eq!(shows(&shelf, &slots[0]), None);
        assert_eq!(shelf.admit(&slots, Quality::Rough, 250).bytes, 200);
        assert_eq!((shows(&shelf, &slots[1]), shows(&shelf, &slots[2])), (Some(None), None));
        let first = shelf.admit(&slots, Quality::Sharp, 10);
        assert_eq!((first.bytes, first.transmissions.as_str()), (100, "<1>"), "one at least");
        assert_eq!(shelf.admit(&slots, Quality::Sharp, 1000).transmissions, "<2><3>");
        assert_eq!(shows(&shelf, &slots[2]), Some(Some(3)));
        // Sharp ones are there: rough ones would be for nothing.
        assert_eq!(shelf.admit(&slots, Quality::Rough, 1000).bytes, 0);
    }

    #[test]
    fn what_the_terminal_keeps_is_sent_once_other_pictures_each_time() {
        let (mut kitty, slots) = shelf(true);
        kitty.admit(&slots, Quality::Sharp, 1000);
        kitty.cleared();
        assert_eq!(shows(&kitty, &slots[0]), Some(Some(1)));
        let (mut sixel, slots) = shelf(false);
        sixel.admit(&slots, Quality::Sharp, 1000);
        sixel.cleared();
        assert_eq!(shows(&sixel, &slots[0]), None);
        assert_eq!(sixel.admit(&slots, Quality::Sharp, 1000).bytes, 300);
    }

    #[test]
    fn the_terminal_forgets_what_is_dropped_if_it_ever_had_it() {
        let (mut shelf, slots) = shelf(true);
        shelf.admit(&slots[..2], Quality::Sharp, 1000);
        shelf.clear();
        let mut dropped = shelf.take_dropped();
        dropped.sort();
        assert_eq!(dropped, [1, 2]);
        assert_eq!(shelf.bytes, 0);
    }
}
