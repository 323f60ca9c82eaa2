//! Which part of a picture is shown, and how large; for two pictures the same detail, whatever their sizes in pixels.

use crate::dataset::thumbnail::Section;

/// Positions along a picture's edge are given in parts of this.
pub const WHOLE: u32 = 1_000_000;
/// The middle of a picture.
pub const MIDDLE: Spot = (WHOLE / 2, WHOLE / 2);

/// A position in a picture, in millionths of its width and height.
pub type Spot = (u32, u32);

/// The section of a picture of `pixels` visible in `room` around `centre`, if the whole picture would take `whole`; and
/// the section's size on the screen. It starts at a whole screen pixel, so that a picture at its own size isn't
/// blurred.
pub fn seen(pixels: (u32, u32), whole: (u32, u32), centre: Spot, room: (u32, u32)) -> (Section, (u32, u32)) {
    let (left, width, across) = along(pixels.0, whole.0, centre.0, room.0);
    let (top, height, down) = along(pixels.1, whole.1, centre.1, room.1);
    (Section { left, top, width, height }, (across, down))
}

fn along(edge: u32, whole: u32, centre: u32, room: u32) -> (f64, f64, u32) {
    let whole = whole.max(1);
    let shown = whole.min(room.max(1));
    let middle = (u64::from(whole) * u64::from(centre) / u64::from(WHOLE)) as u32;
    let begin = middle.saturating_sub(shown / 2).min(whole - shown);
    let pixels = f64::from(edge) / f64::from(whole);
    let begin = f64::from(begin) * pixels;
    (begin, f64::from(shown) * pixels, shown)
}

/// The position of `centre` after `steps` of a quarter of `seen`, all in parts of `whole`; the visible section stays
/// inside.
pub fn panned(centre: u32, steps: i32, seen: u32, whole: u32) -> u32 {
    let margin = seen.min(whole) / 2;
    let inside = |centre: i64| centre.clamp(margin.into(), (whole - margin).into());
    let step = i64::from((seen / 4).max(1));
    inside(inside(centre.into()) + i64::from(steps) * step) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::sharpness::matched;

    #[test]
    fn what_is_seen_is_around_the_centre_and_inside() {
        let (source, shown) = seen((4000, 3000), (4000, 3000), MIDDLE, (600, 400));
        assert_eq!((source, shown), (Section { left: 1700.0, top: 1300.0, width: 600.0, height: 400.0 }, (600, 400)));
        let at = |centre| seen((4000, 3000), (4000, 3000), centre, (600, 400)).0;
        assert_eq!((at((0, 0)).left, at((0, 0)).top), (0.0, 0.0));
        assert_eq!((at((WHOLE, WHOLE)).left, at((WHOLE, WHOLE)).top), (3400.0, 2600.0));
        // Smaller than the room: all of it.
        let (source, shown) = seen((300, 200), (300, 200), (0, WHOLE), (600, 400));
        assert_eq!((source, shown), (Section { left: 0.0, top: 0.0, width: 300.0, height: 200.0 }, (300, 200)));
    }

    #[test]
    fn two_of_different_sizes_show_the_same_detail() {
        let (pixels, room) = ([(4000, 3000), (1333, 1000)], (601, 399));
        let wholes = matched(pixels).map(|(width, height)| (width as u32, height as u32));
        assert_eq!(wholes, [(4000, 3000); 2]);
        for centre in [MIDDLE, (0, 0), (123_456, 987_654), (WHOLE, WHOLE / 3)] {
            let (large, shown) = seen(pixels[0], wholes[0], centre, room);
            let (small, shown_too) = seen(pixels[1], wholes[1], centre, room);
            assert_eq!(shown, shown_too);
            assert_eq!((large.left.fract(), large.width), (0.0, 601.0), "the larger one is at 1:1, not between pixels");
            let same = |large: f64, small: f64, scale: f64| (large - small * scale).abs() < 1e-6;
            assert!(same(large.left, small.left, 4000.0 / 1333.0) && same(large.width, small.width, 4000.0 / 1333.0));
            assert!(same(large.top, small.top, 3.0) && same(large.height, small.height, 3.0));
            assert!(small.left + small.width < 1333.001 && small.top + small.height < 1000.001);
        }
    }

    #[test]
    fn panning_stops_at_the_edges() {
        assert_eq!(panned(500, 1, 100, 1000), 525);
        assert_eq!(panned(500, -1, 100, 1000), 475);
        assert_eq!((panned(940, 1, 100, 1000), panned(60, -9, 100, 1000)), (950, 50));
        assert_eq!(panned(0, 1, 1000, 1000), 500, "all is seen");
        assert_eq!(panned(10, 1, 2000, 1000), 500);
        assert_eq!(panned(500, 1, 2, 1000), 501, "never stuck");
    }
}
