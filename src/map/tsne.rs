//! The map that preserves neighbours: t-SNE. Van der Maaten and Hinton, 2008, with the forces of van der Maaten, 2014
//! ([`Quadtree`]), started from principal components (Kobak and Berens, 2019), with the step length of Belkina et al.,
//! 2019.
//!
//! All points move at once, each by the forces at the previous places, summed in a fixed order. Exponentials come from
//! our own library, not the system's. So the map is bit-identical on any number of threads, and on every machine with
//! IEEE arithmetic.

use rayon::prelude::*;

use super::affinities::Affinities;
use super::quadtree::Quadtree;
use crate::cancel::Cancel;
use crate::error::Result;

/// Rounds with exaggerated attraction, so that groups form; its factor; then normal rounds.
const GATHERING: usize = 250;
const EXAGGERATION: f64 = 12.0;
pub const ROUNDS: usize = 750;
const MOMENTUM: [f64; 2] = [0.5, 0.8];
/// The standard deviation of the initial places along the longer axis.
const FIRST_SPREAD: f64 = 1e-4;
const SHORTEST_STEP: f64 = 200.0;
const SMALLEST_GAIN: f64 = 0.01;
/// The longest move: far beyond where anything is attracted, but keeps numbers finite.
const LONGEST_MOVE: f64 = 50.0;

#[derive(Clone, Copy)]
struct Moving {
    place: [f64; 2],
    speed: [f64; 2],
    gain: [f64; 2],
}

/// Lays points out from these initial places, `[n, 2]`. `progress` receives the number of [`ROUNDS`] done. Ends early
/// with [`crate::Error::Cancelled`].
pub fn arrange(
    affinities: &Affinities,
    first: &[[f64; 2]],
    cancel: &Cancel,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<[f64; 2]>> {
    let mut moving: Vec<Moving> = begun(first);
    let step = (moving.len() as f64 / EXAGGERATION).max(SHORTEST_STEP);
    for round in 0..ROUNDS {
        cancel.check()?;
        let is_gathering = round < GATHERING;
        let pull = if is_gathering { EXAGGERATION } else { 1.0 };
        let places: Vec<_> = moving.iter().map(|point| point.place).collect();
        let forces = forces(affinities, &places, pull);
        let momentum = MOMENTUM[usize::from(!is_gathering)];
        moving.par_iter_mut().with_min_len(512).zip(forces).for_each(|(point, force)| point.go(force, step, momentum));
        centre(&mut moving);
        progress(round + 1);
    }
    Ok(moving.into_iter().map(|point| point.place).collect())
}

impl Moving {
    fn go(&mut self, force: [f64; 2], step: f64, momentum: f64) {
        for axis in [0, 1] {
            let turns = force[axis] * self.speed[axis] < 0.0;
            // Accelerate while the direction holds (Jacobs, 1988).
            self.gain[axis] = if turns { self.gain[axis] * 0.8 } else { self.gain[axis] + 0.2 }.max(SMALLEST_GAIN);
            let speed = momentum * self.speed[axis] + step * self.gain[axis] * force[axis];
            self.speed[axis] = speed.clamp(-LONGEST_MOVE, LONGEST_MOVE);
            self.place[axis] += self.speed[axis];
        }
    }
}

fn begun(first: &[[f64; 2]]) -> Vec<Moving> {
    let longest = [0, 1].map(|axis| {
        let mean = first.iter().map(|place| place[axis]).sum::<f64>() / first.len().max(1) as f64;
        let squares = first.iter().map(|place| (place[axis] - mean) * (place[axis] - mean));
        squares.sum::<f64>() / first.len().max(1) as f64
    });
    let deviation = longest[0].max(longest[1]).sqrt();
    let scale = if deviation > 0.0 { FIRST_SPREAD / deviation } else { 0.0 };
    // Points at the same place would never separate.
    let mut random = fastrand::Rng::with_seed(1);
    let mut aside = || (random.f64() - 0.5) * FIRST_SPREAD * 1e-3;
    let point =
        |place: &[f64; 2]| Moving { place: place.map(|x| x * scale + aside()), speed: [0.0; 2], gain: [1.0; 2] };
    first.iter().map(point).collect()
}

/// The negative gradient, without its factor 4: attraction by neighbours, repulsion by all.
fn forces(affinities: &Affinities, places: &[[f64; 2]], pull: f64) -> Vec<[f64; 2]> {
    let tree = Quadtree::new(places);
    let pushes: Vec<_> = (0..places.len()).into_par_iter().with_min_len(64).map(|at| tree.push(at)).collect();
    let sum: f64 = pushes.iter().map(|push| push.sum).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut away = vec![[0.0; 2]; places.len()];
    for (at, push) in tree.order.iter().zip(&pushes) {
        away[*at as usize] = push.force.map(|force| force / sum);
    }
    let force = |(at, away): (usize, [f64; 2])| {
        let (here, mut force) = (places[at], away);
        for (other, similar) in affinities.row(at) {
            let (x, y) = (here[0] - places[other][0], here[1] - places[other][1]);
            let weight = pull * similar / (1.0 + x * x + y * y);
            force = [force[0] - weight * x, force[1] - weight * y];
        }
        force
    };
    away.into_par_iter().with_min_len(64).enumerate().map(force).collect()
}

fn centre(moving: &mut [Moving]) {
    let count = moving.len().max(1) as f64;
    let mean = [0, 1].map(|axis| moving.iter().map(|point| point.place[axis]).sum::<f64>() / count);
    moving.iter_mut().for_each(|point| point.place = [point.place[0] - mean[0], point.place[1] - mean[1]]);
}
