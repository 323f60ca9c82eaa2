//! The network, prepared for its backend.

use super::layers::INPUT_LEN;
use super::options::NetworkOptions;
#[cfg(any(feature = "cuda", feature = "metal"))]
use super::plain;
use super::weights::Weights;
use super::winograd::{self, ConvolutionalBase};
use crate::cancel::Cancel;
use crate::descriptor::DESCRIPTOR_LEN;
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
        if let (None, Some(gpu)) = (options.instructions, plain::gpu()) {
            return Ok(Vgg16 { backend: Backend::Gpu(plain::CandleBase::new(weights, gpu)?) });
        }
        Ok(Vgg16 { backend: Backend::Cpu(winograd::prepare(weights, options)?) })
    }

    /// Descriptors of `n` preprocessed pictures: `[n, 3, 224, 224]` in, `[n, 25088]` out, both row-major.
    pub fn forward(&self, pictures: &[f32], cancel: &Cancel) -> Result<Vec<f32>> {
        let n = pictures.len() / INPUT_LEN;
        assert_eq!(pictures.len(), n * INPUT_LEN, "whole pictures");
        cancel.check()?;
        let descriptors = match &self.backend {
            Backend::Cpu(base) => {
                let mut descriptors = vec![0.0; n * DESCRIPTOR_LEN];
                base.describe(pictures, &mut descriptors, cancel).map(|()| descriptors)
            }
            #[cfg(any(feature = "cuda", feature = "metal"))]
            Backend::Gpu(base) => base.describe(pictures),
        };
        // If cancelled in between, the error doesn't matter.
        cancel.check()?;
        descriptors
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
            Backend::Gpu(base) => base.computed_by(),
        }
    }
}

/// The batch size on a GPU.
#[cfg(any(feature = "cuda", feature = "metal"))]
const GPU_BATCH: usize = 16;
