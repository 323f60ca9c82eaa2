//! VGG-16 without its classifier: pictures in, descriptors out.
//!
//! In: a batch of preprocessed pictures ([`preprocess`]), weights ([`Weights`]). Out: `[n, 25088]` float32, each row the
//! last pooling layer's 7 x 7 x 512 output in Keras' order height, width, channel.
//!
//! K. Simonyan and A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2014,
//! <https://arxiv.org/abs/1409.1556>, configuration D.

mod crops;
mod network;
#[cfg(any(test, feature = "cuda", feature = "metal"))]
mod plain;
mod preprocess;
mod weights;
mod winograd;

use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use candle_core::{Device, Tensor};

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::simd::Instructions;
pub use network::Network;
pub use preprocess::{EDGE, Preprocessing};
pub use weights::Weights;
use winograd::{ConvolutionalBase, Op};

/// Values in a preprocessed picture: 3 x 224 x 224.
pub const INPUT_LEN: usize = 3 * EDGE * EDGE;

/// One of the 13 convolutions, each followed by ReLU.
#[derive(Clone, Copy, Debug)]
struct Layer {
    /// In the weights' file it is called `features.{index}`.
    index: usize,
    channels: usize,
    outputs: usize,
    /// Whether a 2 x 2 max pooling follows.
    pooled: bool,
}

const CONVOLUTIONS: [Layer; 13] = [
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

const fn layer(index: usize, channels: usize, outputs: usize) -> Layer {
    Layer { index, channels, outputs, pooled: false }
}

impl Layer {
    const fn pooled(self) -> Layer {
        Layer { pooled: true, ..self }
    }
}

/// How the network is computed.
#[derive(Clone, Debug)]
pub struct Options {
    /// A safetensors file; None: the weights in the binary.
    pub weights: Option<PathBuf>,
    /// None: the fastest there is, be it a GPU's.
    pub instructions: Option<Instructions>,
    /// Threads for the network, and as many to decode pictures for it.
    pub threads: NonZero<usize>,
    /// Whether whatever else runs goes first.
    pub in_background: bool,
}

impl Default for Options {
    fn default() -> Self {
        let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Options { weights: None, instructions: None, threads, in_background: false }
    }
}

/// The network, ready to run. Shared freely between threads.
pub struct Vgg16 {
    base: Base,
}

enum Base {
    Cpu(Box<dyn ConvolutionalBase>),
    #[cfg(any(feature = "cuda", feature = "metal"))]
    Gpu(plain::Plain),
}

impl Vgg16 {
    pub fn new(weights: &Weights, options: &Options) -> Result<Vgg16> {
        #[cfg(any(feature = "cuda", feature = "metal"))]
        if let (None, Some(gpu)) = (options.instructions, gpu()) {
            return Ok(Vgg16 { base: Base::Gpu(plain::Plain::new(weights, gpu)?) });
        }
        Ok(Vgg16 { base: Base::Cpu(winograd::prepare(weights, options)?) })
    }

    /// Descriptors of `n` preprocessed pictures: `[n, 3, 224, 224]` in, `[n, 25088]` out, both row-major.
    pub fn forward(&self, pictures: &[f32], cancel: &Cancel) -> Result<Vec<f32>> {
        let n = pictures.len() / INPUT_LEN;
        assert_eq!(pictures.len(), n * INPUT_LEN, "whole pictures");
        cancel.check()?;
        let descriptors = self.descriptors(pictures, n, cancel);
        // Cancelled in between, it has failed, but not for a reason that matters.
        cancel.check()?;
        descriptors.map_err(failed)
    }

    fn descriptors(&self, pictures: &[f32], n: usize, cancel: &Cancel) -> candle_core::Result<Vec<f32>> {
        let tensor = |device| Tensor::from_slice(pictures, (n, 3, EDGE, EDGE), device);
        let descriptors = match &self.base {
            Base::Cpu(base) => tensor(&Device::Cpu)?.apply_op1_no_bwd(&Op { base: &**base, cancel }),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Base::Gpu(plain) => plain.forward(&tensor(&plain.device)?),
        };
        descriptors?.flatten_all()?.to_vec1()
    }

    /// The fewest pictures at a time that are computed at full speed.
    pub fn batch(&self) -> usize {
        match &self.base {
            Base::Cpu(base) => base.batch(),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Base::Gpu(_) => GPU_BATCH,
        }
    }

    /// What computes.
    pub fn computed_by(&self) -> &'static str {
        match &self.base {
            Base::Cpu(base) => base.instructions(),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Base::Gpu(plain) => match plain.device {
                Device::Cpu => "candle, on the CPU",
                Device::Cuda(_) => "CUDA",
                Device::Metal(_) => "Metal",
            },
        }
    }
}

/// Pictures that a GPU takes at a time.
#[cfg(any(feature = "cuda", feature = "metal"))]
const GPU_BATCH: usize = 16;

/// The GPU that this program was built for, if this machine has one.
#[cfg(any(feature = "cuda", feature = "metal"))]
fn gpu() -> Option<Device> {
    if cfg!(feature = "cuda") { Device::new_cuda(0) } else { Device::new_metal(0) }.ok()
}

fn failed(error: candle_core::Error) -> Error {
    Error::Network(format!("the network failed: {error}"))
}
