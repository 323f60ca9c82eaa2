//! The part of each of two pictures that the other one shows too: where a crop lies in its original, with turned copies
//! turned back.

use std::borrow::Cow;

use image::{RgbImage, imageops};

use super::close;
use super::close_window::{self, WHOLE_CELLS, Whole};
use super::turn::Turn;
use super::window::{self, CLOSE, TwoPictures, Window};
use crate::dataset::{Averages, SmallPicture};

/// A part of a picture that may have to be turned first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SharedPart {
    turn: Turn,
    /// Its position, width and height in pixels. None: all of it.
    section: Option<[u32; 4]>,
}

impl SharedPart {
    pub const ALL: SharedPart = SharedPart { turn: Turn::NONE, section: None };

    /// The parts of two pictures that show the same. The first picture isn't turned.
    pub fn of_both(first: &RgbImage, second: &RgbImage) -> [SharedPart; 2] {
        let small = |picture: &RgbImage| -> Option<SmallGreys> {
            Averages::of(picture, SmallPicture::EDGE).greys().try_into().ok()
        };
        let (Some(first_small), Some(second_small)) = (small(first), small(second)) else {
            return [SharedPart::ALL; 2];
        };
        let turns = Turn::likeliest(&second_small, &first_small);
        let cut = |turn: Turn| cut([first, second], [&first_small, &second_small], turn);
        turns.into_iter().find_map(|(turn, _)| cut(turn)).unwrap_or_else(|| {
            let turn = Turn::sure(&turns).unwrap_or(Turn::NONE);
            [SharedPart::ALL, SharedPart { turn, section: None }]
        })
    }

    /// Its width and height, given the size of the picture.
    pub fn size(self, pixels: (u32, u32)) -> (u32, u32) {
        self.section.map_or_else(|| self.turn.size(pixels), |[_, _, width, height]| (width, height))
    }

    pub fn of(self, picture: &RgbImage) -> Cow<'_, RgbImage> {
        let turned = self.turn.of(picture);
        match self.section {
            None => turned,
            Some([x, y, width, height]) => Cow::Owned(imageops::crop_imm(&*turned, x, y, width, height).to_image()),
        }
    }
}

type SmallGreys = [u8; SmallPicture::BYTES];

/// The shared parts if the second picture, turned like this, is a crop of the first, or the other way round.
fn cut([first, second]: [&RgbImage; 2], [a, b]: [&SmallGreys; 2], turn: Turn) -> Option<[SharedPart; 2]> {
    let b: SmallGreys = std::array::from_fn(|at| b[turn.place(at, SmallPicture::EDGE)]);
    let (small, sizes) = ([a, &b], [first.dimensions(), turn.size(second.dimensions())]);
    let promising = |[whole, part]: [usize; 2]| {
        let sizes = [sizes[whole], sizes[part]];
        Some(([whole, part], window::promising(&TwoPictures { whole: small[whole], part: small[part], sizes })?))
    };
    let ([whole, part], promising) = [[0, 1], [1, 0]].into_iter().find_map(promising)?;
    let second = turn.of(second);
    let pictures = [first, &second];
    let window = closer([pictures[whole], pictures[part]], promising)?;
    let mut parts = [SharedPart::ALL, SharedPart { turn, section: None }];
    parts[whole].section = Some(section(window, sizes[whole]));
    Some(parts)
}

/// The window of the whole that the part shows, unless that is everything.
fn closer([whole, part]: [&RgbImage; 2], promising: Window) -> Option<Window> {
    let sizes = [whole, part].map(RgbImage::dimensions);
    let [whole_greys, part_greys] = [whole, part].map(|picture| Averages::of(picture, CLOSE).greys());
    let window = window::cut(&TwoPictures { whole: &whole_greys, part: &part_greys, sizes }, promising)?.window;
    let whole = Whole::new(&Averages::of_up_to(whole, WHOLE_CELLS));
    let window = close_window::nearest(&whole, &Averages::of(part, close::cells(sizes)), window, sizes);
    (!window.is_whole()).then_some(window)
}

/// In whole pixels.
fn section(window: Window, (width, height): (u32, u32)) -> [u32; 4] {
    let along = |begin: f64, size: f64, edge: u32| {
        let [begin, end] = [begin, begin + size].map(|at| ((at * f64::from(edge)).round() as u32).min(edge));
        let begin = begin.min(edge - 1);
        (begin, end.max(begin + 1) - begin)
    };
    let ((x, across), (y, down)) = (along(window.x, window.width, width), along(window.y, window.height, height));
    [x, y, across, down]
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::dataset::thumbnail;

    #[test]
    fn a_crop_and_a_turned_copy_lie_on_their_original() {
        let mut random = fastrand::Rng::with_seed(5);
        let coarse = RgbImage::from_fn(16, 12, |_, _| Rgb([random.u8(..), random.u8(..), random.u8(..)]));
        let picture = thumbnail::resize(&coarse, 640, 480);
        let part = imageops::crop_imm(&picture, 37, 21, 560, 420).to_image();
        assert_eq!(SharedPart::of_both(&picture, &picture), [SharedPart::ALL; 2]);
        let [whole, other] = SharedPart::of_both(&picture, &part);
        assert_eq!((whole.section, other), (Some([37, 21, 560, 420]), SharedPart::ALL));
        assert!(*whole.of(&picture) == part && whole.size((640, 480)) == (560, 420));
        let turned = imageops::flip_horizontal(&imageops::rotate90(&part));
        let [whole, other] = SharedPart::of_both(&picture, &turned);
        assert!(*other.of(&turned) == *whole.of(&picture), "{other:?} {whole:?}");
        assert_eq!(other.size(turned.dimensions()), (560, 420));
        let [other, whole] = SharedPart::of_both(&turned, &picture);
        assert!(*other.of(&turned) == *whole.of(&picture), "{other:?} {whole:?}");
    }
}
