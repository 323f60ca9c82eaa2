//! Statistics of two series of values: linear fit, deviation, correlation.

/// Sums over pairs of values.
#[derive(Clone, Copy, Default)]
pub struct PairSums {
    pub count: f64,
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
}

impl PairSums {
    /// Added four at a time, in the same order on every processor.
    pub fn add_all(&mut self, a: &[f64], b: &[f64]) {
        const LANES: usize = 4;
        let mut lanes = [[0.0; LANES]; 5];
        let ((a_lines, a_rest), (b_lines, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        for (a, b) in a_lines.iter().zip(b_lines) {
            for i in 0..LANES {
                lanes[0][i] += a[i];
                lanes[1][i] += b[i];
                lanes[2][i] += a[i] * a[i];
                lanes[3][i] += b[i] * b[i];
                lanes[4][i] += a[i] * b[i];
            }
        }
        let [a, b, aa, bb, ab] = lanes.map(|lane| (lane[0] + lane[1]) + (lane[2] + lane[3]));
        self.count += (a_lines.len() * LANES) as f64;
        (self.a, self.b) = (self.a + a, self.b + b);
        (self.aa, self.bb, self.ab) = (self.aa + aa, self.bb + bb, self.ab + ab);
        for (a, b) in a_rest.iter().zip(b_rest) {
            self.add(*a, *b);
        }
    }

    pub fn add(&mut self, a: f64, b: f64) {
        self.count += 1.0;
        self.a += a;
        self.b += b;
        self.aa += a * a;
        self.bb += b * b;
        self.ab += a * b;
    }

    /// The factor and offset for the first values that fit the second ones best.
    pub fn fit(&self) -> (f64, f64) {
        let variance = self.count * self.aa - self.a * self.a;
        let gain = if variance <= 1e-6 { 0.0 } else { (self.count * self.ab - self.a * self.b) / variance };
        (gain, (self.b - gain * self.a) / self.count)
    }

    /// The standard deviation of the second values.
    pub fn deviation(&self) -> f64 {
        ((self.bb - self.b * self.b / self.count) / self.count).max(0.0).sqrt()
    }

    /// 0 if one series is constant.
    pub fn correlation(&self) -> f64 {
        let (va, vb) = (self.count * self.aa - self.a * self.a, self.count * self.bb - self.b * self.b);
        if va <= 1e-6 || vb <= 1e-6 { 0.0 } else { (self.count * self.ab - self.a * self.b) / (va * vb).sqrt() }
    }
}
