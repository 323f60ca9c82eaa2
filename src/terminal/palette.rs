//! Terminal colours by index: sixteen that the user chooses, a cube of 6 x 6 x 6, and greys.

/// xterm's values of the sixteen.
pub const XTERM: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];
pub const BLACK_AND_WHITE: [[u8; 3]; 2] = [[0; 3], [255; 3]];
/// The index of white.
pub const WHITE: u8 = 15;
const CUBE: u8 = 16;
const GREYS: u8 = 232;
/// Values along an edge of the cube.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The colour with this index.
pub fn rgb(number: u8) -> [u8; 3] {
    match number {
        0..CUBE => XTERM[usize::from(number)],
        CUBE..GREYS => {
            let at = usize::from(number - CUBE);
            [LEVELS[at / 36], LEVELS[at / 6 % 6], LEVELS[at % 6]]
        }
        GREYS.. => [8 + 10 * (number - GREYS); 3],
    }
}

/// The nearest of the cube and the greys; the first sixteen depend on the user.
pub fn nearest_of_256(colour: [u8; 3]) -> u8 {
    let level = |value: u8| (0..6u8).min_by_key(|at| LEVELS[usize::from(*at)].abs_diff(value)).unwrap_or(0);
    let [red, green, blue] = colour.map(level);
    let cube = CUBE + 36 * red + 6 * green + blue;
    let mean = colour.iter().map(|value| u32::from(*value)).sum::<u32>() / 3;
    let grey = GREYS + (mean.saturating_sub(3) / 10).min(23) as u8;
    if distance(rgb(grey), colour) < distance(rgb(cube), colour) { grey } else { cube }
}

/// The index of the nearest in `palette`.
pub fn nearest(colour: [u8; 3], palette: &[[u8; 3]]) -> u8 {
    let numbers = (0..palette.len()).min_by_key(|at| distance(palette[*at], colour));
    numbers.unwrap_or(0) as u8
}

/// The eye is most sensitive to green.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let square = |at: usize| u32::from(a[at].abs_diff(b[at])).pow(2);
    2 * square(0) + 4 * square(1) + 3 * square(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_of_the_palette_is_its_own_nearest() {
        for number in CUBE..=255 {
            assert_eq!(rgb(nearest_of_256(rgb(number))), rgb(number), "{number}");
        }
        for number in 0..16 {
            assert_eq!(nearest(rgb(number), &XTERM), number);
        }
    }
}
