//! The shape of a descriptor, shared by everything derived from it: 7 x 7 positions of a picture with 512 channels
//! each, in Keras' order height, width, channel.

/// Positions in a row, and rows.
pub const SIDE: usize = 7;
/// All positions: index `row * 7 + column`.
pub const POSITIONS: usize = SIDE * SIDE;
/// Values at each position.
pub const CHANNELS: usize = 512;
/// Values in a descriptor: `[7, 7, 512]`. The value of a channel at a position is at `position * 512 + channel`.
pub const DESCRIPTOR_LEN: usize = POSITIONS * CHANNELS;

/// Bands of a picture from top to bottom; a sketch has a number for each channel in each band. On real descriptors, a
/// kNN query then examines 10 % of the pictures at least in part, and as many values as 4 % of them have. With three
/// bands it would be 20 % and 10 %; with all seven rows, for 1 KB more, 6 % and 3 % (medians).
pub const BANDS: usize = 5;
/// The first two rows of positions, the next three one by one, the last two: the position after each band's last one.
const BAND_ENDS: [usize; BANDS] = [2 * SIDE, 3 * SIDE, 4 * SIDE, 5 * SIDE, 7 * SIDE];
/// The index after each band's last value.
pub const ENDS: [usize; BANDS] = {
    let mut ends = BAND_ENDS;
    let mut band = 0;
    while band < BANDS {
        ends[band] *= CHANNELS;
        band += 1;
    }
    ends
};
const _: () = assert!(ENDS[BANDS - 1] == DESCRIPTOR_LEN, "the bands are all of the picture");
