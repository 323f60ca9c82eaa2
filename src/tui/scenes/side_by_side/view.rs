//! The zoom and position of both pictures: one view for the two, so that they show the same detail.

use crate::dataset::sharpness::matched;
use crate::tui::jobs::encode;
use crate::tui::pictures::Part;
use crate::tui::pictures::detail::{self, MIDDLE, Spot, WHOLE};

/// The scale at which one pixel of the larger picture takes one dot of the screen.
const ONE_TO_ONE: u32 = 1_000;
/// The steps of zoom, besides the scale that fits.
const STEPS: [u32; 19] =
    [10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, ONE_TO_ONE, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000];

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    zoom: Zoom,
    /// In both pictures.
    centre: Spot,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Zoom {
    /// Each picture as large as it fits.
    Fit,
    /// Dots of the screen per 1,000 pixels of the larger picture; the smaller one is enlarged to match.
    Scaled(u32),
}

/// The pictures and the room for them.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Width and height of both pictures in pixels.
    pub pixels: [(u32, u32); 2],
    /// For each of them, in pixels of the screen.
    pub room: (u32, u32),
    /// The edge of a dot in pixels of the screen: one, or a cell's width where pictures are half blocks.
    pub dot: u32,
}

impl Stage {
    /// The scale at which the larger picture fits.
    fn fit(&self) -> u32 {
        let [a, b] = self.pixels;
        let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        let larger = if area(b) > area(a) { b } else { a };
        let fitted = encode::fitted(larger, self.room);
        (f64::from(fitted.0) / (f64::from(larger.0) * f64::from(self.dot)) * f64::from(ONE_TO_ONE)).round().max(1.0)
            as u32
    }

    /// The size of each whole picture on the screen at a scale.
    fn wholes(&self, scale: u32) -> [(u32, u32); 2] {
        let by = f64::from(self.dot) * f64::from(scale) / f64::from(ONE_TO_ONE);
        let edge = |edge: f64| (edge * by).round().max(1.0) as u32;
        matched(self.pixels).map(|(width, height)| (edge(width), edge(height)))
    }
}

impl View {
    pub const FIT: View = View { zoom: Zoom::Fit, centre: MIDDLE };

    pub fn is_zoomed(&self) -> bool {
        self.zoom != Zoom::Fit
    }

    /// In words, unless the whole picture is visible.
    pub fn name(&self) -> Option<String> {
        match self.zoom {
            Zoom::Fit => None,
            Zoom::Scaled(ONE_TO_ONE) => Some("1:1".into()),
            Zoom::Scaled(scale) => Some(format!("{} %", (scale / 10).max(1))),
        }
    }

    pub fn one_to_one(&mut self) {
        self.zoom = Zoom::Scaled(ONE_TO_ONE);
    }

    pub fn larger(&mut self, stage: &Stage) {
        let (from, stops) = self.stops(stage);
        self.zoom_to(stops.filter(|stop| *stop > from).min(), stage);
    }

    pub fn smaller(&mut self, stage: &Stage) {
        let (from, stops) = self.stops(stage);
        self.zoom_to(stops.filter(|stop| *stop < from).max(), stage);
    }

    /// The current scale, and those that can be stepped to.
    fn stops(&self, stage: &Stage) -> (u32, impl Iterator<Item = u32> + use<>) {
        let fit = stage.fit();
        let from = match self.zoom {
            Zoom::Fit => fit,
            Zoom::Scaled(scale) => scale,
        };
        let useful = move |scale: &u32| *scale >= fit.min(ONE_TO_ONE);
        (from, STEPS.into_iter().filter(useful).chain([fit]))
    }

    fn zoom_to(&mut self, scale: Option<u32>, stage: &Stage) {
        match scale {
            None => {}
            Some(scale) if scale == stage.fit() => *self = View::FIT,
            Some(scale) => self.zoom = Zoom::Scaled(scale),
        }
    }

    /// Scrolls right and down (or back) by quarters of the visible part.
    pub fn pan(&mut self, right: i32, down: i32, stage: &Stage) {
        let Zoom::Scaled(scale) = self.zoom else { return };
        let wholes = stage.wholes(scale);
        let seen =
            |room: u32, whole: u32| (u64::from(room) * u64::from(WHOLE) / u64::from(whole)).min(WHOLE.into()) as u32;
        let across = seen(stage.room.0, wholes[0].0.max(wholes[1].0));
        let along = seen(stage.room.1, wholes[0].1.max(wholes[1].1));
        let (x, y) = self.centre;
        self.centre = (detail::panned(x, right, across, WHOLE), detail::panned(y, down, along, WHOLE));
    }

    /// The visible part of each picture; all of it until their sizes are known.
    pub fn parts(&self, stage: Option<&Stage>) -> [Part; 2] {
        match (self.zoom, stage) {
            (Zoom::Scaled(scale), Some(stage)) => {
                stage.wholes(scale).map(|whole| Part::Scaled { whole, centre: self.centre })
            }
            _ => [Part::Zoomed { zoom: 100, centre: (500, 500) }; 2],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: (u32, u32) = (4000, 3000);
    const SMALL: (u32, u32) = (2000, 1500);

    fn stage(pixels: [(u32, u32); 2]) -> Stage {
        Stage { pixels, room: (600, 400), dot: 1 }
    }

    fn names(view: &mut View, step: impl Fn(&mut View), times: usize) -> Vec<String> {
        let name = |_| {
            step(view);
            view.name().unwrap_or_else(|| "fit".into())
        };
        (0..times).map(name).collect()
    }

    #[test]
    fn steps_stop_at_one_to_one_and_at_what_fits() {
        let stage = stage([SMALL, LARGE]);
        let mut view = View::FIT;
        assert_eq!(names(&mut view, |v| v.larger(&stage), 6), ["15 %", "20 %", "30 %", "50 %", "70 %", "1:1"]);
        assert_eq!(names(&mut view, |v| v.larger(&stage), 7)[4..], ["600 %", "800 %", "800 %"]);
        let down = names(&mut view, |v| v.smaller(&stage), 13);
        assert_eq!(down[5..], ["1:1", "70 %", "50 %", "30 %", "20 %", "15 %", "fit", "fit"]);
        assert_eq!(view, View::FIT);
        // A scale that was meant for other pictures.
        view.one_to_one();
        let huge = Stage { pixels: [(300_000, 200); 2], ..stage };
        assert_eq!(names(&mut view, |v| v.smaller(&huge), 1), ["70 %"]);
    }

    #[test]
    fn what_is_smaller_than_the_room_is_enlarged_to_fit_and_one_to_one_is_less() {
        let stage = stage([(100, 80), (50, 40)]);
        let mut view = View::FIT;
        assert_eq!(names(&mut view, |v| v.smaller(&stage), 5), ["400 %", "300 %", "200 %", "150 %", "1:1"]);
        view.smaller(&stage);
        assert_eq!(view.parts(Some(&stage)), [Part::Scaled { whole: (100, 80), centre: MIDDLE }; 2]);
        assert_eq!(names(&mut view, |v| v.larger(&stage), 5)[4], "fit");
    }

    #[test]
    fn both_show_the_same_detail() {
        let stage = stage([LARGE, SMALL]);
        let mut view = View::FIT;
        assert!(matches!(
            view.parts(Some(&stage))[..],
            [Part::Zoomed { zoom: 100, .. }, Part::Zoomed { zoom: 100, .. }]
        ));
        view.one_to_one();
        view.pan(1, -1, &stage);
        let [left, right] = view.parts(Some(&stage));
        assert_eq!(left, right, "the smaller one is enlarged to match");
        // A quarter of 600 of 4000 pixels; of 400 of 3000.
        let moved = Part::Scaled { whole: LARGE, centre: (500_000 + 37_500, 500_000 - 33_333) };
        assert_eq!(left, moved);
        assert!(matches!(view.parts(None)[0], Part::Zoomed { zoom: 100, .. }), "not known yet");
    }

    #[test]
    fn panning_ends_at_the_edges_and_comes_back_at_once() {
        let stage = stage([LARGE, SMALL]);
        let mut view = View::FIT;
        view.pan(1, 1, &stage);
        assert_eq!(view, View::FIT, "all is seen");
        view.one_to_one();
        (0..99).for_each(|_| view.pan(1, 1, &stage));
        let edge = (WHOLE - 75_000, WHOLE - 66_666);
        assert_eq!(view.centre, edge);
        view.pan(-1, -1, &stage);
        assert_eq!(view.centre, (edge.0 - 37_500, edge.1 - 33_333));
    }

    #[test]
    fn half_blocks_are_dots() {
        let stage = Stage { dot: 10, ..stage([LARGE, SMALL]) };
        let mut view = View::FIT;
        view.one_to_one();
        assert_eq!(view.parts(Some(&stage))[0], Part::Scaled { whole: (40_000, 30_000), centre: MIDDLE });
    }
}
