//! Sums of a picture's values over boxes with fractional edges.

/// A square picture's integral image: sums of all values above and to the left of each pixel corner.
pub struct Integral {
    edge: usize,
    sums: Vec<f64>,
}

impl Integral {
    pub fn new(values: impl Iterator<Item = f64>, edge: usize) -> Integral {
        let width = edge + 1;
        let mut sums = vec![0.0; width * width];
        for (at, value) in values.enumerate() {
            let corner = (at / edge + 1) * width + at % edge + 1;
            sums[corner] = value + sums[corner - width] + sums[corner - 1] - sums[corner - width - 1];
        }
        Integral { edge, sums }
    }

    /// Row by row, the sums over the boxes between each two of these coordinates (in pixels, from the left and from
    /// above). Anything outside the picture counts as zero.
    pub fn boxes(&self, across: &[f64], down: &[f64]) -> Vec<f64> {
        let corner = |place: &f64| {
            let place = place.clamp(0.0, self.edge as f64);
            let at = (place as usize).min(self.edge - 1);
            (at, place - at as f64)
        };
        let across: Vec<_> = across.iter().map(corner).collect();
        let mut boxes = Vec::with_capacity(across.len() * down.len());
        let [mut above, mut below] = [vec![0.0; across.len()], vec![0.0; across.len()]];
        for (row, place) in down.iter().map(corner).enumerate() {
            self.line(place, &across, &mut below);
            if row > 0 {
                let corners = above.windows(2).zip(below.windows(2));
                boxes.extend(corners.map(|(above, below)| below[1] - below[0] - above[1] + above[0]));
            }
            std::mem::swap(&mut above, &mut below);
        }
        boxes
    }

    /// The sums above and to the left of points along a line; each is a pixel and a fraction.
    fn line(&self, (y, rest): (usize, f64), across: &[(usize, f64)], sums: &mut [f64]) {
        let width = self.edge + 1;
        let (above, below) = (&self.sums[y * width..][..width], &self.sums[(y + 1) * width..][..width]);
        let between = |row: &[f64], (x, rest): (usize, f64)| row[x] + (row[x + 1] - row[x]) * rest;
        for (sum, x) in sums.iter_mut().zip(across) {
            *sum = between(above, *x) + (between(below, *x) - between(above, *x)) * rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_end_anywhere_and_nothing_lies_outside() {
        let integral = Integral::new((1..=9).map(f64::from), 3);
        assert_eq!(integral.boxes(&[0.0, 3.0], &[0.0, 3.0]), [45.0]);
        assert_eq!(integral.boxes(&[0.0, 1.5, 3.0], &[1.0, 2.0]), [4.0 + 2.5, 2.5 + 6.0]);
        assert_eq!(integral.boxes(&[-1.0, 1.0], &[2.0, 2.5, 4.0]), [3.5, 3.5]);
    }
}
