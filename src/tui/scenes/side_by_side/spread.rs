//! The contents of the two halves: which picture is where, what is known of them, and the slots that follow.

use super::places::Places;
use super::view::{Stage, View};
use crate::duplicates::SharedPart;
use crate::terminal::Graphics;
use crate::tui::couples::{Couple, Side, Which};
use crate::tui::jobs::Told;
use crate::tui::pictures::{Part, Slot};
use crate::tui::world::World;

/// How a couple is viewed.
#[derive(Clone, Copy)]
pub struct Arrangement {
    pub view: View,
    /// The first picture is on the right.
    pub is_flipped: bool,
    /// The right half shows the difference.
    pub shows_difference: bool,
}

/// From left to right.
pub struct Spread {
    pub sides: [Side; 2],
    pub told: [Option<Told>; 2],
    /// The mean difference, in grey levels.
    pub difference: Option<f64>,
    /// Width and height, if known.
    pub pixels: [Option<(u32, u32)>; 2],
    pub stage: Option<Stage>,
    pub slots: [Slot; 2],
}

impl Arrangement {
    /// Which of the couple is on the right.
    pub fn right(self) -> Which {
        usize::from(!self.is_flipped)
    }

    pub fn spread(self, couple: Couple, world: &World) -> Spread {
        let comparison = world.comparisons.get(&couple.files());
        let difference = comparison.map(|comparison| comparison.difference);
        let mut told = comparison.map_or([None, None], |comparison| comparison.told.clone().map(Some));
        let mut shared = comparison.map_or([SharedPart::ALL; 2], |comparison| comparison.shared);
        let mut sides = couple.sides;
        if self.is_flipped {
            sides.reverse();
            told.reverse();
            shared.reverse();
        }
        if !self.view.is_zoomed() && !self.shows_difference {
            // As they are.
            shared = [SharedPart::ALL; 2];
        }
        let room = Places::new(world).pictures[0].as_size();
        let slot = |which: usize, part: Part| Slot { part, ..world.slot(sides[which].picture.clone(), room) };
        let all = View::FIT.parts(None);
        let pixels = [0, 1].map(|which| {
            let facts = sides[which].facts.or(told[which].as_ref().map(|told| told.facts));
            facts.map(|facts| (facts.width, facts.height)).or_else(|| world.shelf.pixels(&slot(which, all[which])))
        });
        let stage = match pixels {
            [Some(left), Some(right)] => {
                let pixels = [shared[0].size(left), shared[1].size(right)];
                Some(Stage { pixels, room: slot(0, all[0]).pixels(), dot: dot(world) })
            }
            _ => None,
        };
        let parts = self.view.parts(stage.as_ref());
        let mut slots = [0, 1].map(|which| Slot { shared: shared[which], ..slot(which, parts[which]) });
        if self.shows_difference {
            slots[1].against = Some((sides[0].file(), shared[0]));
        }
        Spread { sides, told, difference, pixels, stage, slots }
    }
}

fn dot(world: &World) -> u32 {
    match world.terminal.graphics {
        Graphics::HalfBlocks => u32::from(world.terminal.cell.0).max(1),
        _ => 1,
    }
}
