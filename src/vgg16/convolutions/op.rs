//! The convolutional base as one of candle's operations, on the CPU.

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};

use super::base::ConvolutionalBase;
use crate::cancel::Cancel;
use crate::descriptor::DESCRIPTOR_LEN;
use crate::vgg16::EDGE;
use crate::vgg16::failed::told;

/// `[n, 3, 224, 224]`, contiguous, to `[n, 25088]`.
pub struct Op<'a> {
    pub base: &'a dyn ConvolutionalBase,
    pub cancel: &'a Cancel,
}

impl CustomOp1 for Op<'_> {
    fn name(&self) -> &'static str {
        "vgg16-convolutional-base"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (n, 3, EDGE, EDGE) = layout.shape().dims4()? else {
            candle_core::bail!("{}: pictures of shape {:?}", self.name(), layout.shape());
        };
        let Some((from, to)) = layout.contiguous_offsets() else {
            candle_core::bail!("{}: pictures that are not contiguous", self.name());
        };
        let mut descriptors = vec![0.0; n * DESCRIPTOR_LEN];
        let described = self.base.describe(&storage.as_slice()?[from..to], &mut descriptors, self.cancel);
        described.map_err(told)?;
        Ok((CpuStorage::F32(descriptors), (n, DESCRIPTOR_LEN).into()))
    }
}
