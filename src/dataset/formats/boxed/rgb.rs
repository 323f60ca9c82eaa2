//! Converts luma and chroma to red, green and blue exactly like the libraries that other programs decode these formats
//! with: users' descriptors are based on those pixels.

use image::RgbImage;

use super::libavif::{self, Factors};
use super::lifted;
use super::planes::{Chroma, Colours, Planes};

/// How colour is interpolated for pixels that share a sample, and with what precision.
#[derive(Clone, Copy)]
pub enum Like {
    /// The nearest sample; in limited range with libheif's rounded factors.
    LibHeif,
    /// Interpolated 3 to 1 between samples, with 6-bit factors.
    LibYuv,
}

pub fn rgb(mut planes: Planes, like: Like) -> Option<RgbImage> {
    let shares = planes.chroma.as_ref().is_some_and(|chroma| chroma.down == 2);
    let colours = planes.colours;
    let are_dropped = match like {
        Like::LibHeif => shares && colours.is_full_range,
        Like::LibYuv => planes.chroma.is_some() && libavif::is_libyuvs(colours.matrix),
    };
    if are_dropped {
        to_8_bits(&mut planes);
    }
    let planes = &planes;
    let mut pixels = vec![0u8; planes.width * planes.height * 3];
    let rows = pixels.chunks_exact_mut((planes.width * 3).max(1)).zip(planes.luma.chunks_exact(planes.width.max(1)));
    let convert = Convert::new(planes, like);
    let mut blue = vec![0u16; planes.width];
    let mut red = vec![0u16; planes.width];
    for (y, (out, luma)) in rows.enumerate() {
        if let Some(chroma) = &planes.chroma {
            spread(chroma, &chroma.blue, y, like, &mut blue);
            spread(chroma, &chroma.red, y, like, &mut red);
        }
        convert.row(out, luma, &blue, &red);
    }
    RgbImage::from_raw(planes.width as u32, planes.height as u32, pixels)
}

/// Both libraries drop the lower bits first if their fast conversion only takes 8 bits.
fn to_8_bits(planes: &mut Planes) {
    let lower = planes.depth - 8;
    let chroma = planes.chroma.iter_mut().flat_map(|chroma| [&mut chroma.blue, &mut chroma.red]);
    for sample in chroma.chain([&mut planes.luma]).filter(|_| lower > 0).flatten() {
        *sample = (*sample >> lower).min(255);
    }
    planes.depth = 8;
}

/// A sample for each pixel of a row.
fn spread(chroma: &Chroma, samples: &[u16], y: usize, like: Like, out: &mut [u16]) {
    let row = |at: usize| &samples[at * chroma.width..][..chroma.width];
    let near = y / chroma.down;
    let nearest = row(near);
    if chroma.across == 1 && chroma.down == 1 {
        return out.copy_from_slice(&nearest[..out.len()]);
    }
    if let Like::LibHeif = like {
        return out.iter_mut().enumerate().for_each(|(x, out)| *out = nearest[x / chroma.across]);
    }
    let rows = samples.len() / chroma.width;
    let other = match (chroma.down, y % 2) {
        (1, _) => near,
        (_, 0) => near.saturating_sub(1),
        _ => (near + 1).min(rows - 1),
    };
    let other = row(other);
    let at = |i: usize| 3 * u32::from(nearest[i]) + u32::from(other[i]);
    let last = out.len() - 1;
    for (x, out) in out.iter_mut().enumerate() {
        let i = x / chroma.across;
        let j = match x {
            _ if x == 0 || x == last || chroma.across == 1 => i,
            _ if x % 2 == 0 => i - 1,
            _ => (i + 1).min(chroma.width - 1),
        };
        *out = ((3 * at(i) + at(j) + 8) >> 4) as u16;
    }
}

/// The shares of red and blue in luma.
fn parts(matrix: u16) -> (f32, f32) {
    match matrix {
        1 => (0.2126, 0.0722),
        4 => (0.30, 0.11),
        7 => (0.212, 0.087),
        9 | 10 => (0.2627, 0.0593),
        _ => (0.299, 0.114),
    }
}

enum Convert {
    Grey {
        depth: u8,
        colours: Colours,
        like: Like,
    },
    /// Green, blue and red directly, or luma with two differences.
    Plain {
        depth: u8,
        colours: Colours,
    },
    Lifted {
        depth: u8,
        further_bits: u8,
    },
    /// 8 bits.
    LibYuv(Factors),
    Floats {
        depth: u8,
        is_full_range: bool,
        parts: (f32, f32),
    },
    /// Full range, 8 bits.
    LibHeif {
        red: i32,
        green: (i32, i32),
        blue: i32,
    },
}

impl Convert {
    fn new(planes: &Planes, like: Like) -> Convert {
        let (depth, colours) = (planes.depth, planes.colours);
        let parts = parts(colours.matrix);
        match (&planes.chroma, colours.matrix, like) {
            (None, ..) => Convert::Grey { depth, colours, like },
            (_, 0 | 8, _) => Convert::Plain { depth, colours },
            (_, matrix @ (16 | 17), _) if depth > 8 => Convert::Lifted { depth, further_bits: 18 - matrix as u8 },
            (_, matrix, Like::LibYuv) if libavif::is_libyuvs(matrix) => Convert::LibYuv(Factors::new(colours)),
            (_, _, Like::LibHeif) if colours.is_full_range && depth == 8 => {
                let in_256ths = |factor: f32| (factor * 256.0).round() as i32;
                let (red, green, blue) = by_parts(parts);
                let green = (in_256ths(green.0), in_256ths(green.1));
                Convert::LibHeif { red: in_256ths(red), green, blue: in_256ths(blue) }
            }
            _ => Convert::Floats { depth, is_full_range: colours.is_full_range, parts },
        }
    }

    fn row(&self, out: &mut [u8], luma: &[u16], blue: &[u16], red: &[u16]) {
        let out = out.as_chunks_mut::<3>().0.iter_mut();
        let pixels = out.zip(luma).zip(blue.iter().zip(red));
        match *self {
            Convert::Grey { depth, colours, like } => {
                let level = |luma: u16| match (colours.is_full_range, like) {
                    (_, Like::LibYuv) => libavif::grey(depth, colours.is_full_range, luma),
                    (true, Like::LibHeif) => (u32::from(luma) >> (depth - 8)) as u8,
                    (false, Like::LibHeif) => of_floats(depth, false, luma),
                };
                pixels.for_each(|((out, luma), _)| *out = [level(*luma); 3]);
            }
            Convert::Plain { depth, colours } => {
                let level = |value: f32| (value * 255.0 / ((1u32 << depth) - 1) as f32).round().clamp(0.0, 255.0) as u8;
                let spread = |value: u16| match colours.is_full_range {
                    true => f32::from(value),
                    false => (f32::from(value) - (16u32 << (depth - 8)) as f32) * 255.0 / 219.0,
                };
                let middle = (1u32 << (depth - 1)) as f32;
                pixels.for_each(|((out, luma), (blue, red))| {
                    *out = match colours.matrix {
                        0 => [level(spread(*red)), level(spread(*luma)), level(spread(*blue))],
                        _ => {
                            let (orange, green) = (f32::from(*red) - middle, f32::from(*blue) - middle);
                            let rest = spread(*luma) - green;
                            [level(rest + orange), level(spread(*luma) + green), level(rest - orange)]
                        }
                    };
                });
            }
            Convert::Lifted { depth, further_bits } => pixels.for_each(|((out, luma), (green, orange))| {
                *out = lifted::rgb(depth, further_bits, *luma, *green, *orange);
            }),
            Convert::LibYuv(ref factors) => pixels.for_each(|((out, luma), (blue, red))| {
                *out = factors.rgb(*luma, i32::from(*blue) - 128, i32::from(*red) - 128);
            }),
            Convert::LibHeif { red: r, green, blue: b } => pixels.for_each(|((out, luma), (blue, red))| {
                let (luma, blue, red) = (i32::from(*luma), i32::from(*blue) - 128, i32::from(*red) - 128);
                let level = |colour: i32| (luma + ((colour + 128) >> 8)).clamp(0, 255) as u8;
                *out = [level(r * red), level(green.0 * blue + green.1 * red), level(b * blue)];
            }),
            Convert::Floats { depth, is_full_range, parts } => {
                let (r, green, b) = by_parts(parts);
                let (middle, top) = ((1u32 << (depth - 1)) as f32, ((1u32 << depth) - 1) as f32);
                let (zero, luma_by, chroma_by) = limits(depth, is_full_range);
                let level = |value: f32| (value.round().clamp(0.0, top) as u32 >> (depth - 8)) as u8;
                pixels.for_each(|((out, luma), (blue, red))| {
                    let luma = (f32::from(*luma) - zero) * luma_by;
                    let (blue, red) = ((f32::from(*blue) - middle) * chroma_by, (f32::from(*red) - middle) * chroma_by);
                    *out =
                        [level(luma + r * red), level(luma + green.0 * blue + green.1 * red), level(luma + b * blue)];
                });
            }
        }
    }
}

/// The black level, and the factors of luma and chroma: libheif's numbers.
fn limits(depth: u8, is_full_range: bool) -> (f32, f32, f32) {
    match is_full_range {
        true => (0.0, 1.0, 1.0),
        false => ((16u32 << (depth - 8)) as f32, 1.1689, 1.1429),
    }
}

fn of_floats(depth: u8, is_full_range: bool, luma: u16) -> u8 {
    let (zero, by, _) = limits(depth, is_full_range);
    (((f32::from(luma) - zero) * by).round().clamp(0.0, ((1u32 << depth) - 1) as f32) as u32 >> (depth - 8)) as u8
}

/// The factors of the colour differences in red, green (from blue and from red) and blue.
fn by_parts((red, blue): (f32, f32)) -> (f32, (f32, f32), f32) {
    let green = 1.0 - red - blue;
    let (of_red, of_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
    (of_red, (-of_blue * blue / green, -of_red * red / green), of_blue)
}
