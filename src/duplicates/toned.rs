//! Whether a picture's colours follow from its brightness: a grey picture that was toned, as in sepia, not the coloured
//! original of a grey one.

use super::close;

/// Levels of brightness, and the most by which colours deviate at a level, on average over the picture, in levels of 255.
const LEVELS: usize = 32;
const DEVIATE: f64 = 3.0;

/// By red, green and blue, up to 255, in many places.
pub fn is_toned(colours: &[[f64; 3]]) -> bool {
    let mut levels = [Level::default(); LEVELS];
    for colour in colours {
        let grey = close::luma(colour);
        let level = (grey * LEVELS as f64 / 256.0) as usize;
        levels[level.min(LEVELS - 1)].add([colour[0] - grey, colour[2] - grey]);
    }
    let squares: f64 = levels.iter().map(Level::deviation).sum();
    (squares / colours.len().max(1) as f64).sqrt() <= DEVIATE
}

/// Red and blue without grey, of the places of one level.
#[derive(Clone, Copy, Default)]
struct Level {
    count: f64,
    sums: [f64; 2],
    squares: f64,
}

impl Level {
    fn add(&mut self, colour: [f64; 2]) {
        self.count += 1.0;
        for (sum, value) in self.sums.iter_mut().zip(colour) {
            *sum += value;
            self.squares += value * value;
        }
    }

    /// The sum of squared deviations from the mean.
    fn deviation(&self) -> f64 {
        let of_mean: f64 = self.sums.iter().map(|sum| sum * sum / self.count.max(1.0)).sum();
        (self.squares - of_mean).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_that_follow_from_brightness_are_a_tone() {
        let mut random = fastrand::Rng::with_seed(5);
        let greys: Vec<f64> = (0..4096).map(|_| f64::from(random.u8(..))).collect();
        let sepia = |grey: &f64| [grey + 0.2 * (255.0 - grey), *grey, 0.7 * grey];
        assert!(is_toned(&greys.iter().map(|grey| [*grey; 3]).collect::<Vec<_>>()));
        assert!(is_toned(&greys.iter().map(sepia).collect::<Vec<_>>()));
        let mut coloured = |grey: &f64| [grey + f64::from(random.u8(..20)), *grey, grey + f64::from(random.u8(..20))];
        assert!(!is_toned(&greys.iter().map(&mut coloured).collect::<Vec<_>>()));
        assert!(is_toned(&[]));
    }
}
