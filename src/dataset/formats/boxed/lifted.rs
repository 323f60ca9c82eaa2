//! YCgCo-Re and YCgCo-Ro (ITU-T H.273, 16 and 17): lossless RGB. Luma and colour differences are stored by lifting,
//! with one or two more bits than red, green and blue.

/// Red, green and blue in 8 bits, from samples of `depth` bits.
#[inline]
pub fn rgb(depth: u8, further_bits: u8, luma: u16, green: u16, orange: u16) -> [u8; 3] {
    let middle = 1i32 << (depth - 1);
    let (green, orange) = (i32::from(green) - middle, i32::from(orange) - middle);
    let rest = i32::from(luma) - (green >> 1);
    let blue = rest - (orange >> 1);
    let top = (1i32 << (depth - further_bits)) - 1;
    [blue + orange, rest + green, blue].map(|level| ((level.clamp(0, top) * 255 + top / 2) / top) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forwards, as the standard has it.
    fn samples([red, green, blue]: [u8; 3]) -> [u16; 3] {
        let [red, green, blue] = [red, green, blue].map(i32::from);
        let orange = red - blue;
        let rest = blue + (orange >> 1);
        let difference = green - rest;
        [rest + (difference >> 1), difference + 512, orange + 512].map(|sample| u16::try_from(sample).unwrap())
    }

    #[test]
    fn each_colour_comes_back() {
        let levels = || (0..=255u8).step_by(15);
        for (red, green, blue) in levels().flat_map(|r| levels().flat_map(move |g| levels().map(move |b| (r, g, b)))) {
            let [luma, difference, orange] = samples([red, green, blue]);
            assert_eq!(rgb(10, 2, luma, difference, orange), [red, green, blue]);
        }
    }
}
