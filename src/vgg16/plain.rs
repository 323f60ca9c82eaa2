//! The network with candle's own operations, for a GPU.

use candle_core::{Device, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Module};

use super::layers::{CONVOLUTIONS, INPUT_LEN};
use super::preprocess::EDGE;
use super::weights::Weights;
use crate::error::Error;

pub struct CandleBase {
    layers: Vec<(Conv2d, bool)>,
    device: Device,
}

/// The GPU that this program was built for, if this machine has one.
pub fn gpu() -> Option<Device> {
    if cfg!(feature = "cuda") { Device::new_cuda(0) } else { Device::new_metal(0) }.ok()
}

impl CandleBase {
    pub fn new(weights: &Weights, device: Device) -> crate::Result<CandleBase> {
        let mut layers = Vec::new();
        for layer in &CONVOLUTIONS {
            let (weight, bias) = weights.layer(layer)?;
            let convolution = convolution(weight, bias, layer.channels, &device).map_err(failed)?;
            layers.push((convolution, layer.pooled));
        }
        Ok(CandleBase { layers, device })
    }

    /// `[n, 3, 224, 224]` to `[n, 25088]`.
    pub fn describe(&self, pictures: &[f32]) -> crate::Result<Vec<f32>> {
        self.forward(pictures).map_err(failed)
    }

    fn forward(&self, pictures: &[f32]) -> Result<Vec<f32>> {
        let n = pictures.len() / INPUT_LEN;
        let mut x = Tensor::from_slice(pictures, (n, 3, EDGE, EDGE), &self.device)?;
        for (convolution, pooled) in &self.layers {
            x = convolution.forward(&x)?.relu()?;
            if *pooled {
                x = x.max_pool2d(2)?;
            }
        }
        x.permute((0, 2, 3, 1))?.flatten_all()?.to_vec1()
    }

    /// What computes.
    pub fn computed_by(&self) -> &'static str {
        match self.device {
            Device::Cpu => "candle, on the CPU",
            Device::Cuda(_) => "CUDA",
            Device::Metal(_) => "Metal",
        }
    }
}

/// 3 x 3, stride 1, zero padding.
fn convolution(weight: Vec<f32>, bias: Vec<f32>, channels: usize, device: &Device) -> Result<Conv2d> {
    let outputs = bias.len();
    let weight = Tensor::from_vec(weight, (outputs, channels, 3, 3), device)?;
    let bias = Tensor::from_vec(bias, outputs, device)?;
    Ok(Conv2d::new(weight, Some(bias), Conv2dConfig { padding: 1, ..Default::default() }))
}

fn failed(error: candle_core::Error) -> Error {
    Error::Network(format!("the network failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::vgg16::{NetworkOptions, Vgg16};

    #[cfg(feature = "embedded-weights")]
    #[test]
    fn our_kernels_compute_what_candle_does() {
        let weights = Weights::open(None).unwrap();
        let pictures: Vec<f32> = (0..2 * INPUT_LEN).map(|i| (i * 7919 % 256) as f32 - 128.0).collect();
        let candle = CandleBase::new(&weights, gpu().unwrap_or(Device::Cpu)).unwrap();
        let expected = candle.describe(&pictures).unwrap();
        let options =
            NetworkOptions { instructions: Some(crate::simd::Instructions::fastest()), ..NetworkOptions::default() };
        let ours = Vgg16::new(&weights, &options).unwrap().forward(&pictures, &Cancel::default()).unwrap();
        let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt();
        let off = norm(&mut ours.iter().zip(&expected).map(|(a, b)| a - b)) / norm(&mut expected.iter().copied());
        assert!(off < 1e-5, "{off:e}");
    }
}
