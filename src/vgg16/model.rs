//! The network, prepared for its backend.

use candle_core::{Device, Tensor};

use super::convolutions::{self, ConvolutionalBase, Op};
use super::failed::failed;
use super::layers::INPUT_LEN;
use super::options::NetworkOptions;
#[cfg(any(feature = "cuda", feature = "metal"))]
use super::plain;
use super::preprocess::EDGE;
use super::weights::Weights;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::simd::{InstructionClass, Instructions};

/// The network, ready to run. Shared freely between threads.
pub struct Vgg16 {
    backend: Backend,
}

enum Backend {
    Cpu(Box<dyn ConvolutionalBase>),
    #[cfg(any(feature = "cuda", feature = "metal"))]
    Gpu(plain::CandleBase),
}

impl Vgg16 {
    pub fn new(weights: &Weights, options: &NetworkOptions) -> Result<Vgg16> {
        #[cfg(any(feature = "cuda", feature = "metal"))]
        if let (None, Some(gpu)) = (options.instructions, gpu()) {
            return Ok(Vgg16 { backend: Backend::Gpu(plain::CandleBase::new(weights, gpu)?) });
        }
        Ok(Vgg16 { backend: Backend::Cpu(convolutions::prepare(weights, options)?) })
    }

    /// Descriptors of `n` preprocessed pictures: `[n, 3, 224, 224]` in, `[n, 25088]` out, both row-major.
    pub fn forward(&self, pictures: &[f32], cancel: &Cancel) -> Result<Vec<f32>> {
        let n = pictures.len() / INPUT_LEN;
        assert_eq!(pictures.len(), n * INPUT_LEN, "whole pictures");
        cancel.check()?;
        let descriptors = self.descriptors(pictures, n, cancel);
        // If cancelled in between, the error doesn't matter.
        cancel.check()?;
        descriptors.map_err(failed)
    }

    fn descriptors(&self, pictures: &[f32], n: usize, cancel: &Cancel) -> candle_core::Result<Vec<f32>> {
        let tensor = |device| Tensor::from_slice(pictures, (n, 3, EDGE, EDGE), device);
        let descriptors = match &self.backend {
            Backend::Cpu(base) => tensor(&Device::Cpu)?.apply_op1_no_bwd(&Op { base: &**base, cancel }),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Backend::Gpu(plain) => plain.forward(&tensor(&plain.device)?),
        };
        descriptors?.flatten_all()?.to_vec1()
    }

    /// The smallest batch that is computed at full speed.
    pub fn batch(&self) -> usize {
        match &self.backend {
            Backend::Cpu(base) => base.batch(),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Backend::Gpu(_) => GPU_BATCH,
        }
    }

    /// The class of instructions that computes descriptors; None on a GPU.
    pub fn class(&self) -> Option<InstructionClass> {
        match &self.backend {
            Backend::Cpu(base) => Instructions::named(base.instructions()).map(Instructions::class),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Backend::Gpu(_) => None,
        }
    }

    /// The backend.
    pub fn computed_by(&self) -> &'static str {
        match &self.backend {
            Backend::Cpu(base) => base.instructions(),
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Backend::Gpu(plain) => match plain.device {
                Device::Cpu => "candle, on the CPU",
                Device::Cuda(_) => "CUDA",
                Device::Metal(_) => "Metal",
            },
        }
    }
}

/// The batch size on a GPU.
#[cfg(any(feature = "cuda", feature = "metal"))]
const GPU_BATCH: usize = 16;

/// The GPU that this program was built for, if this machine has one.
#[cfg(any(feature = "cuda", feature = "metal"))]
pub fn gpu() -> Option<Device> {
    if cfg!(feature = "cuda") { Device::new_cuda(0) } else { Device::new_metal(0) }.ok()
}
