//! Sums of a picture's values over boxes with fractional edges.

/// A picture's integral image: sums of all values above and to the left of each pixel corner.
pub struct Integral {
    width: usize,
    height: usize,
    sums: Vec<f64>,
}

impl Integral {
    /// Of a picture of this width and height.
    pub fn new(values: impl Iterator<Item = f64>, (width, height): (usize, usize)) -> Integral {
        let corners = width + 1;
        let mut sums = vec![0.0; corners * (height + 1)];
        let mut values = values;
        for row in 0..height {
            let (above, below) = sums[row * corners..(row + 2) * corners].split_at_mut(corners);
            let mut in_row = 0.0;
            for ((below, above), value) in below[1..].iter_mut().zip(&above[1..]).zip(values.by_ref().take(width)) {
                in_row += value;
                *below = above + in_row;
            }
        }
        Integral { width, height, sums }
    }

    /// Fills `boxes`, row by row, with the sums over the boxes between neighbouring coordinates (in pixels, from the
    /// left and above). Anything outside the picture counts as zero.
    pub fn boxes(&self, across: &[f64], down: &[f64], boxes: &mut Vec<f64>) {
        let corner = |place: &f64, edge: usize| {
            let place = place.clamp(0.0, edge as f64);
            let at = (place as usize).min(edge - 1);
            (at, place - at as f64)
        };
        let across: Vec<_> = across.iter().map(|place| corner(place, self.width)).collect();
        boxes.clear();
        let [mut above, mut below] = [vec![0.0; across.len()], vec![0.0; across.len()]];
        for (row, place) in down.iter().map(|place| corner(place, self.height)).enumerate() {
            self.line(place, &across, &mut below);
            if row > 0 {
                let corners = above.windows(2).zip(below.windows(2));
                boxes.extend(corners.map(|(above, below)| below[1] - below[0] - above[1] + above[0]));
            }
            std::mem::swap(&mut above, &mut below);
        }
    }

    /// The sums above and to the left of points along a line; each is a pixel and a fraction.
    fn line(&self, (y, rest): (usize, f64), across: &[(usize, f64)], sums: &mut [f64]) {
        let corners = self.width + 1;
        let (above, below) = (&self.sums[y * corners..][..corners], &self.sums[(y + 1) * corners..][..corners]);
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
        let integral = Integral::new((1..=9).map(f64::from), (3, 3));
        let mut boxes = vec![1.0; 7];
        for (across, down, sums) in [
            (vec![0.0, 3.0], vec![0.0, 3.0], vec![45.0]),
            (vec![0.0, 1.5, 3.0], vec![1.0, 2.0], vec![4.0 + 2.5, 2.5 + 6.0]),
            (vec![-1.0, 1.0], vec![2.0, 2.5, 4.0], vec![3.5, 3.5]),
        ] {
            integral.boxes(&across, &down, &mut boxes);
            assert_eq!(boxes, sums);
        }
        let integral = Integral::new((1..=6).map(f64::from), (3, 2));
        integral.boxes(&[0.0, 2.0, 9.0], &[0.5, 2.0], &mut boxes);
        assert_eq!(boxes, [1.5 + 9.0, 1.5 + 6.0]);
    }
}
