//! The layers of VGG-16's convolutional base.

use super::preprocess::EDGE;

/// Values in a preprocessed picture: 3 x 224 x 224.
pub const INPUT_LEN: usize = 3 * EDGE * EDGE;

/// One of the 13 convolutions, each followed by ReLU.
#[derive(Clone, Copy, Debug)]
pub struct ConvLayer {
    /// Its number in the weights file: `features.{index}`.
    pub index: usize,
    pub channels: usize,
    pub outputs: usize,
    /// Whether a 2 x 2 max pooling follows.
    pub pooled: bool,
}

pub const CONVOLUTIONS: [ConvLayer; 13] = [
    layer(0, 3, 64),
    layer(2, 64, 64).pooled(),
    layer(5, 64, 128),
    layer(7, 128, 128).pooled(),
    layer(10, 128, 256),
    layer(12, 256, 256),
    layer(14, 256, 256).pooled(),
    layer(17, 256, 512),
    layer(19, 512, 512),
    layer(21, 512, 512).pooled(),
    layer(24, 512, 512),
    layer(26, 512, 512),
    layer(28, 512, 512).pooled(),
];

const fn layer(index: usize, channels: usize, outputs: usize) -> ConvLayer {
    ConvLayer { index, channels, outputs, pooled: false }
}

impl ConvLayer {
    const fn pooled(self) -> ConvLayer {
        ConvLayer { pooled: true, ..self }
    }
}
