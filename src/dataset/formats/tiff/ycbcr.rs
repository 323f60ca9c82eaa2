//! Converts luma and colour differences to RGB like libtiff, with its integers (`tif_color.c`) and the nearest colour
//! sample.

use super::header::FirstPage;

const SHIFT: u32 = 16;

pub struct Tables {
    luma: [i32; 256],
    red: [i32; 256],
    /// What green takes from the red and the blue difference.
    green: ([i32; 256], [i32; 256]),
    blue: [i32; 256],
    sharing: (usize, usize),
}

impl Tables {
    pub fn new(header: &FirstPage) -> Tables {
        let [red, green, blue] = header.luma;
        let black_white = header.black_white;
        let fixed = |factor: f32| (f64::from(factor.clamp(0.0, 2.0)) * f64::from(1 << SHIFT) + 0.5) as i32;
        let (of_red, of_blue) = (2.0 - 2.0 * red, 2.0 - 2.0 * blue);
        let (by_red, by_blue) = (fixed(of_red), fixed(of_blue));
        let (by_green_red, by_green_blue) = (-fixed(red * of_red / green), -fixed(blue * of_blue / green));
        // A sample between black and white, as a level.
        let value = |sample: i32, black: f32, white: f32, levels: f32| {
            let range = if white - black == 0.0 { 1.0 } else { white - black };
            ((sample - black as i32) as f32 * levels / range).clamp(-4096.0, 4096.0) as i32
        };
        let difference = |pair: usize, sample: usize| {
            value(sample as i32 - 128, black_white[pair] - 128.0, black_white[pair + 1] - 128.0, 127.0)
        };
        let half = 1 << (SHIFT - 1);
        let (of_red, of_blue) = (|at| difference(4, at), |at| difference(2, at));
        Tables {
            luma: std::array::from_fn(|at| value(at as i32, black_white[0], black_white[1], 255.0)),
            red: std::array::from_fn(|at| (by_red * of_red(at) + half) >> SHIFT),
            green: (
                std::array::from_fn(|at| by_green_red * of_red(at)),
                std::array::from_fn(|at| by_green_blue * of_blue(at) + half),
            ),
            blue: std::array::from_fn(|at| (by_blue * of_blue(at) + half) >> SHIFT),
            sharing: (header.sharing.0 as usize, header.sharing.1 as usize),
        }
    }

    pub fn rgb(&self, luma: u8, blue: u8, red: u8) -> [u8; 3] {
        let (luma, blue, red) = (self.luma[usize::from(luma)], usize::from(blue), usize::from(red));
        let green = (self.green.0[red] + self.green.1[blue]) >> SHIFT;
        [self.red[red], green, self.blue[blue]].map(|colour| (luma + colour).clamp(0, 255) as u8)
    }

    /// Pixels of the row `y` of a chunk. A block stores its lumas row by row, then its two colours.
    pub fn row(&self, chunk: &[u8], row_bytes: usize, y: usize, out: &mut [u8]) {
        let (across, down) = self.sharing;
        let blocks = chunk[y / down * row_bytes..].chunks_exact(across * down + 2);
        for (out, block) in out.chunks_mut(3 * across).zip(blocks) {
            let lumas = &block[y % down * across..];
            for (out, luma) in out.as_chunks_mut().0.iter_mut().zip(lumas) {
                *out = self.rgb(*luma, block[across * down], block[across * down + 1]);
            }
        }
    }
}
