//! Rotations and reflections of a picture.

use std::borrow::Cow;

use image::RgbImage;

use super::pair_sums::PairSums;
use crate::dataset::SmallPicture;

/// One of eight: mirrored left to right (1) and top to bottom (2), after exchanging its axes (4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turn(u8);

/// A turn is accepted at this correlation, and if it exceeds the upright one by this much.
const TURNED: f64 = 0.75;
const THAN_UPRIGHT: f64 = 0.1;

impl Turn {
    pub const NONE: Turn = Turn(0);

    /// The turn by which the first small picture is most similar to the second.
    pub fn between(a: &[u8; SmallPicture::BYTES], b: &[u8; SmallPicture::BYTES]) -> Turn {
        Turn::likeliest(a, b)[0].0
    }

    /// All turns of the first small picture, ordered by correlation with the second one.
    pub fn likeliest(a: &[u8; SmallPicture::BYTES], b: &[u8; SmallPicture::BYTES]) -> [(Turn, f64); 8] {
        let mut all: [(Turn, f64); 8] = std::array::from_fn(|number| {
            let turn = Turn(number as u8);
            (turn, turn.correlation(a, b))
        });
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }

    /// The likeliest of all, unless it is only a guess.
    pub fn sure(likeliest: &[(Turn, f64); 8]) -> Option<Turn> {
        let upright = likeliest.iter().find(|(turn, _)| *turn == Turn::NONE)?.1;
        let (turn, alike) = likeliest[0];
        (alike >= TURNED && alike >= upright + THAN_UPRIGHT).then_some(turn)
    }

    fn correlation(self, a: &[u8; SmallPicture::BYTES], b: &[u8; SmallPicture::BYTES]) -> f64 {
        let mut sums = PairSums::default();
        (0..a.len()).for_each(|at| sums.add(f64::from(a[self.place(at, SmallPicture::EDGE)]), f64::from(b[at])));
        sums.correlation()
    }

    /// The position of the pixel `at` in the square picture before turning, with `edge` pixels along each edge.
    pub fn place(self, at: usize, edge: usize) -> usize {
        let (x, y) = self.from((at % edge, at / edge), (edge, edge));
        y * edge + x
    }

    /// The position of a pixel before turning, in a picture of this size.
    fn from(self, (mut x, mut y): (usize, usize), (width, height): (usize, usize)) -> (usize, usize) {
        if self.0 & 4 != 0 {
            (x, y) = (y, x);
        }
        if self.0 & 1 != 0 {
            x = width - 1 - x;
        }
        if self.0 & 2 != 0 {
            y = height - 1 - y;
        }
        (x, y)
    }

    /// The size after turning.
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.0 & 4 != 0 { (height, width) } else { (width, height) }
    }

    pub fn of(self, picture: &RgbImage) -> Cow<'_, RgbImage> {
        if self == Turn::NONE {
            return Cow::Borrowed(picture);
        }
        let (width, height) = self.size(picture.dimensions());
        let before = (picture.width() as usize, picture.height() as usize);
        Cow::Owned(RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = self.from((x as usize, y as usize), before);
            *picture.get_pixel(x as u32, y as u32)
        }))
    }
}
