//! VGG-16 without its classifier: pictures in, descriptors out.
//!
//! In: a batch of preprocessed pictures ([`preprocess`]), weights ([`Weights`]). Out: `[n, 25088]` float32, each row the
//! last pooling layer's 7 x 7 x 512 output in Keras' order height, width, channel.
//!
//! K. Simonyan and A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2014,
//! <https://arxiv.org/abs/1409.1556>, configuration D.

mod network;
mod preprocess;
mod weights;

use candle_core::{Device, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Module};

use crate::cancel::Cancel;
use crate::error::{Error, Result};
pub use network::Network;
pub use preprocess::{EDGE, Preprocessing, preprocess};
pub use weights::Weights;

/// Values in a descriptor: 7 x 7 x 512.
pub const DESCRIPTOR_LEN: usize = 7 * 7 * 512;
/// Values in a preprocessed picture: 3 x 224 x 224.
pub const INPUT_LEN: usize = 3 * EDGE * EDGE;

/// The convolutions as `features.{index}` in the weights' file: (index, channels in, channels out).
/// A max pooling follows the ones in [`POOLED`].
const CONVOLUTIONS: [(usize, usize, usize); 13] = [
    (0, 3, 64),
    (2, 64, 64),
    (5, 64, 128),
    (7, 128, 128),
    (10, 128, 256),
    (12, 256, 256),
    (14, 256, 256),
    (17, 256, 512),
    (19, 512, 512),
    (21, 512, 512),
    (24, 512, 512),
    (26, 512, 512),
    (28, 512, 512),
];
const POOLED: [usize; 5] = [2, 7, 14, 21, 28];

/// The network, ready to run. Shared freely between threads.
pub struct Vgg16 {
    layers: Vec<Layer>,
}

struct Layer {
    convolution: Conv2d,
    pooled: bool,
}

impl Vgg16 {
    pub fn new(weights: &Weights) -> Result<Vgg16> {
        let config = Conv2dConfig { padding: 1, ..Default::default() };
        let mut layers = Vec::new();
        for (index, channels_in, channels_out) in CONVOLUTIONS {
            let shape = [channels_out, channels_in, 3, 3];
            let kernel = weights.tensor(&format!("features.{index}.weight"), &shape)?;
            let bias = weights.tensor(&format!("features.{index}.bias"), &[channels_out])?;
            layers
                .push(Layer { convolution: Conv2d::new(kernel, Some(bias), config), pooled: POOLED.contains(&index) });
        }
        Ok(Vgg16 { layers })
    }

    /// Descriptors of `n` preprocessed pictures: `[n, 3, 224, 224]` in, `[n, 25088]` out, both row-major.
    /// Looks at `cancel` between layers.
    pub fn forward(&self, pictures: &[f32], cancel: &Cancel) -> Result<Vec<f32>> {
        let n = pictures.len() / INPUT_LEN;
        assert_eq!(pictures.len(), n * INPUT_LEN, "whole pictures");
        let mut x = Tensor::from_slice(pictures, (n, 3, EDGE, EDGE), &Device::Cpu).map_err(failed)?;
        for layer in &self.layers {
            cancel.check()?;
            x = layer.forward(&x).map_err(failed)?;
        }
        let rows = x.permute((0, 2, 3, 1)).and_then(|x| x.flatten_all()?.to_vec1());
        rows.map_err(failed)
    }
}

impl Layer {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let x = self.convolution.forward(x)?.relu()?;
        if self.pooled { x.max_pool2d(2) } else { Ok(x) }
    }
}

fn failed(error: candle_core::Error) -> Error {
    Error::Network(format!("the network failed: {error}"))
}
