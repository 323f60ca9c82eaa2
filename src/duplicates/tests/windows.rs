//! Which part of a picture another one shows.

use super::super::window;
use crate::dataset::SmallPicture;

/// A picture with structure, sampled at `window` of it: 32 x 32 cells, each the mean of 4 x 4 points.
fn small(window: [f64; 4], frame: Option<u8>) -> [u8; SmallPicture::BYTES] {
    let value = |x: f64, y: f64| {
        if let Some(colour) = frame
            && !((0.06..0.94).contains(&x) && (0.06..0.94).contains(&y))
        {
            return f64::from(colour);
        }
        let (x, y) = if frame.is_some() { ((x - 0.06) / 0.88, (y - 0.06) / 0.88) } else { (x, y) };
        let (x, y) = (window[0] + x * window[2], window[1] + y * window[3]);
        120.0
            + 50.0 * (11.0 * x + 3.0 * y).sin()
            + 40.0 * (5.0 * x * y + 13.0 * y).cos()
            + 30.0 * (17.0 * (x - y)).sin()
    };
    std::array::from_fn(|at| {
        let points = (0..16).map(|point| {
            let (x, y) = (
                (at % 32) as f64 + (point % 4) as f64 / 4.0 + 0.125,
                (at / 32) as f64 + (point / 4) as f64 / 4.0 + 0.125,
            );
            value(x / 32.0, y / 32.0)
        });
        (points.sum::<f64>() / 16.0) as u8
    })
}

fn cut(whole: &[u8], whole_size: (u32, u32), part: &[u8], part_size: (u32, u32)) -> Option<window::Cut> {
    let pictures = window::TwoPictures { whole, part, sizes: [whole_size, part_size] };
    window::cut(&pictures, window::promising(&pictures)?)
}

#[test]
fn a_cut_picture_is_found_in_the_whole_one_and_another_is_not() {
    let whole = small([0.0, 0.0, 1.0, 1.0], None);
    for [x, y, width, height] in [[0.03, 0.07, 0.9, 0.9], [0.0, 0.0, 0.8, 1.0], [0.13, 0.1, 0.8, 0.75]] {
        let part = small([x, y, width, height], None);
        let size = ((800.0 * width) as u32, (600.0 * height) as u32);
        let found = cut(&whole, (800, 600), &part, size).unwrap_or_else(|| panic!("{x} {y} {width} {height}"));
        assert!(!found.is_framed);
        let found = found.window;
        for (found, real) in [(found.x, x), (found.y, y), (found.width, width), (found.height, height)] {
            assert!((found - real).abs() < 0.03, "{found} {real}");
        }
        // Scaled as well.
        assert!(cut(&whole, (800, 600), &part, (size.0 / 3, size.1 / 3)).is_some());
        assert_eq!(cut(&part, size, &whole, (800, 600)), None);
        // One part of it shows something else.
        let mut changed = part;
        for at in (0..changed.len()).filter(|at| at % 32 < 14 && at / 32 < 14) {
            changed[at] = (at * 37 % 200) as u8;
        }
        assert_eq!(cut(&whole, (800, 600), &changed, size), None);
    }
    let other = small([0.5, 0.3, 1.0, 1.0], None);
    assert_eq!(cut(&whole, (800, 600), &other, (720, 540)), None);
    let framed = small([0.0, 0.0, 1.0, 1.0], Some(250));
    assert!(cut(&framed, (900, 680), &whole, (800, 600)).is_some_and(|cut| cut.is_framed));
}
