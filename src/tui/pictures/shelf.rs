//! A cache of encoded pictures, bounded in bytes; the least recently wanted is evicted first.

use lru::LruCache;

use super::picture::{Picture, Strip};
use super::slot::{Quality, Slot};
use crate::error::Error;

const MAX_BYTES: usize = 128 << 20;

pub struct Shelf {
    pictures: LruCache<Slot, Shelved>,
    bytes: usize,
    /// Ids of pictures that the terminal should delete.
    dropped: Vec<u32>,
}

struct Shelved {
    picture: Result<Picture, Error>,
    /// How many of its strips may be drawn; the others wait for their turn.
    admitted: usize,
}

impl Shelved {
    fn is_complete(&self) -> bool {
        self.picture.as_ref().is_ok_and(|picture| self.admitted == picture.strips.len())
    }

    /// Strips that may be drawn.
    fn drawn(&self) -> &[Strip] {
        self.picture.as_ref().map_or(&[], |picture| &picture.strips[..self.admitted])
    }
}

/// The best picture for a slot.
pub enum Shown<'a> {
    /// Pictures to draw one over another, the best one last, each with the strips that may be drawn.
    Pictures(Vec<(&'a Picture, &'a [Strip])>),
    Failed(&'a Error),
    Nothing,
}

impl Shown<'_> {
    /// Width and height of the whole picture, in pixels.
    pub fn pixels(&self) -> Option<(u32, u32)> {
        match self {
            Shown::Pictures(layers) => layers.last().map(|(picture, _)| picture.pixels),
            _ => None,
        }
    }
}

/// What was admitted: its bytes, and those of them that must be sent before it is drawn.
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
    pub fn put(&mut self, slot: Slot, picture: Result<Picture, Error>) {
        self.bytes += picture.as_ref().map_or(0, |p| p.bytes);
        if let Some((_, old)) = self.pictures.push(slot, Shelved { picture, admitted: 0 }) {
            self.forget(old);
        }
        while self.bytes > MAX_BYTES {
            let Some((_, old)) = self.pictures.pop_lru() else { break };
            self.forget(old);
        }
    }

    fn forget(&mut self, old: Shelved) {
        self.dropped.extend(old.drawn().iter().filter_map(|strip| Some(strip.kept.as_ref()?.id)));
        self.bytes -= old.picture.map_or(0, |picture| picture.bytes);
    }

    pub fn shown(&self, slot: &Slot) -> Shown<'_> {
        let mut layers = Vec::new();
        let mut failed = None;
        for encoded in Quality::ALL.iter().filter_map(|quality| self.pictures.peek(&slot.with(*quality))) {
            if encoded.is_complete() {
                layers.clear();
            }
            match &encoded.picture {
                Ok(picture) if encoded.admitted > 0 => layers.push((picture, encoded.drawn())),
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            _ if !layers.is_empty() => Shown::Pictures(layers),
            Some(error) => Shown::Failed(error),
            None => Shown::Nothing,
        }
    }

    /// Width and height of the whole picture, in pixels, once it was encoded in any quality.
    pub fn pixels(&self, slot: &Slot) -> Option<(u32, u32)> {
        let mut encoded = Quality::ALL.iter().filter_map(|quality| self.pictures.peek(&slot.with(*quality)));
        encoded.find_map(|encoded| Some(encoded.picture.as_ref().ok()?.pixels))
    }

    /// Whether all of it may be drawn, in this quality or a better one.
    fn shows(&self, slot: &Slot, quality: Quality) -> bool {
        let mut good = Quality::ALL.iter().filter(|other| **other >= quality);
        good.any(|quality| self.pictures.peek(&slot.with(*quality)).is_some_and(Shelved::is_complete))
    }

    /// Admits strips of `slots` in this quality, in this order, up to about `bytes`, but at least one. Strips never
    /// replace better ones.
    pub fn admit(&mut self, slots: &[Slot], quality: Quality, bytes: usize) -> Admitted {
        let mut all = Admitted::default();
        for slot in slots {
            if self.shows(slot, quality) {
                continue;
            }
            let Some(encoded) = self.pictures.peek_mut(&slot.with(quality)) else { continue };
            let Ok(picture) = &encoded.picture else { continue };
            for strip in &picture.strips[encoded.admitted..] {
                if all.bytes > 0 && all.bytes + strip.wire > bytes {
                    return all;
                }
                encoded.admitted += 1;
                all.bytes += strip.wire;
                all.transmissions.extend(strip.kept.iter().map(|kept| kept.transmission.as_str()));
            }
        }
        all
    }

    /// Other pictures are on the screen, or none: those that the terminal doesn't store must be sent again.
    pub fn cleared(&mut self) {
        for (_, encoded) in self.pictures.iter_mut() {
            if encoded.drawn().iter().any(|strip| strip.kept.is_none()) {
                encoded.admitted = 0;
            }
        }
    }

    /// Whether there is room for pictures that may be wanted next.
    pub fn has_room(&self) -> bool {
        self.bytes < MAX_BYTES / 2
    }

    /// Whether `slot` is cached; marks it as wanted.
    pub fn holds(&mut self, slot: &Slot) -> bool {
        self.pictures.get(slot).is_some()
    }

    /// Everything must be encoded and sent again: the terminal may have lost it.
    pub fn clear(&mut self) {
        while let Some((_, picture)) = self.pictures.pop_lru() {
            self.forget(picture);
        }
    }

    /// Ids that the terminal should delete, since the last call.
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

    use super::*;
    use crate::terminal::graphics::Kept;

    fn slot(name: &str) -> Slot {
        Slot::preview(name.into(), None, Size::new(4, 2), (10, 20))
    }

    /// A picture whose strips take 100 bytes each on the wire, and which the terminal keeps under these numbers.
    fn picture(ids: &[Option<u32>]) -> Picture {
        let strip = |id: &Option<u32>| {
            let protocol = Protocol::Halfblocks(Halfblocks::new(RgbImage::new(4, 4).into(), Size::new(4, 2)).unwrap());
            Strip { protocol, kept: id.map(|id| Kept { id, transmission: format!("<{id}>"), file: None }), wire: 100 }
        };
        let cells = Size::new(4, 2 * ids.len() as u16);
        Picture { strips: ids.iter().map(strip).collect(), cells, pixels: (4, 4), bytes: 1000 }
    }

    fn shelf(kept: bool) -> (Shelf, Vec<Slot>) {
        let slots: Vec<_> = ["a", "b", "c"].map(slot).into();
        let mut shelf = Shelf::default();
        for (slot, id) in slots.iter().zip(1..) {
            shelf.put(slot.clone(), Ok(picture(&[None])));
            shelf.put(slot.with(Quality::Sharp), Ok(picture(&[kept.then_some(id)])));
        }
        (shelf, slots)
    }

    /// The number of the best picture shown, and how many lie one over another.
    fn shows(shelf: &Shelf, slot: &Slot) -> Option<(Option<u32>, usize)> {
        match shelf.shown(slot) {
            Shown::Pictures(layers) => {
                let (_, strips) = layers.last().unwrap();
                Some((strips.last().unwrap().kept.as_ref().map(|kept| kept.id), layers.len()))
            }
            _ => None,
        }
    }

    #[test]
    fn pictures_are_drawn_when_their_turn_has_come() {
        let (mut shelf, slots) = shelf(true);
        assert_eq!(shows(&shelf, &slots[0]), None);
        assert_eq!(shelf.admit(&slots, Quality::Rough, 250).bytes, 200);
        assert_eq!((shows(&shelf, &slots[1]), shows(&shelf, &slots[2])), (Some((None, 1)), None));
        let first = shelf.admit(&slots, Quality::Sharp, 10);
        assert_eq!((first.bytes, first.transmissions.as_str()), (100, "<1>"), "one at least");
        assert_eq!(shelf.admit(&slots, Quality::Sharp, 1000).transmissions, "<2><3>");
        assert_eq!(shows(&shelf, &slots[2]), Some((Some(3), 1)));
        // Sharp pictures are there: rough ones are useless.
        assert_eq!(shelf.admit(&slots, Quality::Rough, 1000).bytes, 0);
    }

    #[test]
    fn a_large_picture_comes_strip_by_strip_over_the_rough_one() {
        let slot = slot("a");
        let mut shelf = Shelf::default();
        shelf.put(slot.clone(), Ok(picture(&[None])));
        shelf.put(slot.with(Quality::Sharp), Ok(picture(&[Some(1), Some(2), Some(3)])));
        let slots = [slot.clone()];
        shelf.admit(&slots, Quality::Rough, 1000);
        assert_eq!(shelf.admit(&slots, Quality::Sharp, 250).transmissions, "<1><2>");
        assert_eq!(shows(&shelf, &slot), Some((Some(2), 2)));
        assert_eq!(shelf.admit(&slots, Quality::Sharp, 250).transmissions, "<3>");
        assert_eq!(shows(&shelf, &slot), Some((Some(3), 1)), "nothing of the rough one is left to see");
        // A finer one takes its place only when it is there.
        shelf.put(slot.with(Quality::Fine), Ok(picture(&[Some(4)])));
        assert_eq!(shows(&shelf, &slot), Some((Some(3), 1)));
        assert_eq!(shelf.admit(&slots, Quality::Fine, 250).transmissions, "<4>");
        assert_eq!(shows(&shelf, &slot), Some((Some(4), 1)));
    }

    #[test]
    fn what_the_terminal_keeps_is_sent_once_other_pictures_each_time() {
        let (mut kitty, slots) = shelf(true);
        kitty.admit(&slots, Quality::Sharp, 1000);
        kitty.cleared();
        assert_eq!(shows(&kitty, &slots[0]), Some((Some(1), 1)));
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
