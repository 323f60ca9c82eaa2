//! The network with candle's own operations: used on a GPU, and as the reference for our kernels.

use candle_core::{Device, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Module};

use super::failed::failed;
use super::layers::CONVOLUTIONS;
use super::weights::Weights;

pub struct CandleBase {
    layers: Vec<(Conv2d, bool)>,
    pub device: Device,
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
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = pictures.clone();
        for (convolution, pooled) in &self.layers {
            x = layer(&x, convolution, *pooled)?;
        }
        x.permute((0, 2, 3, 1))?.contiguous()?.flatten_from(1)
    }
}

/// 3 x 3, stride 1, zero padding.
pub fn convolution(weight: Vec<f32>, bias: Vec<f32>, channels: usize, device: &Device) -> Result<Conv2d> {
    let outputs = bias.len();
    let weight = Tensor::from_vec(weight, (outputs, channels, 3, 3), device)?;
    let bias = Tensor::from_vec(bias, outputs, device)?;
    Ok(Conv2d::new(weight, Some(bias), Conv2dConfig { padding: 1, ..Default::default() }))
}

/// A convolution, ReLU and, if wanted, 2 x 2 max pooling.
pub fn layer(x: &Tensor, convolution: &Conv2d, pooled: bool) -> Result<Tensor> {
    let x = convolution.forward(x)?.relu()?;
    if pooled { x.max_pool2d(2) } else { Ok(x) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::vgg16::{EDGE, INPUT_LEN, NetworkOptions, Vgg16};

    /// On a GPU, if this was built for one and it is there; else on the CPU.
    fn device() -> Device {
        #[cfg(any(feature = "cuda", feature = "metal"))]
        if let Some(gpu) = crate::vgg16::model::gpu() {
            return gpu;
        }
        Device::Cpu
    }

    #[cfg(feature = "embedded-weights")]
    #[test]
    fn our_kernels_compute_what_candle_does() {
        let weights = Weights::open(None).unwrap();
        let pictures: Vec<f32> = (0..2 * INPUT_LEN).map(|i| (i * 7919 % 256) as f32 - 128.0).collect();
        let plain = CandleBase::new(&weights, device()).unwrap();
        let tensor = Tensor::from_slice(&pictures, (2, 3, EDGE, EDGE), &plain.device).unwrap();
        let expected = plain.forward(&tensor).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let options =
            NetworkOptions { instructions: Some(crate::simd::Instructions::fastest()), ..NetworkOptions::default() };
        let ours = Vgg16::new(&weights, &options).unwrap().forward(&pictures, &Cancel::default()).unwrap();
        let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt();
        let off = norm(&mut ours.iter().zip(&expected).map(|(a, b)| a - b)) / norm(&mut expected.iter().copied());
        assert!(off < 1e-5, "{off:e}");
    }
}
