//! Every kernel against candle's own convolution, on shapes that the network never sees.

use candle_core::{Device, Tensor};
use proptest::prelude::*;

use super::activations::{ActivationShape, Activations, BLOCK};
use super::convolution::{Convolution, Convolve, Input, LayerShape};
use super::first::First;
use super::floats::Floats;
use super::parts::PartProducts;
use super::product::{FloatProducts, PointProducts};
use super::threads::Threads;
use super::transform::{Four, Six, Transform};
use super::weights::transformed;
use crate::simd::tiles::{CHANNELS, Matrices, Model, OUTPUTS, Tiles};
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};
use crate::vgg16::plain;

/// Some pictures, weights and biases.
#[derive(Clone, Debug)]
struct Case {
    n: usize,
    /// Of the inputs.
    shape: ActivationShape,
    outputs: usize,
    pooled: bool,
    six: bool,
    /// Tiles in a chunk.
    tiles: usize,
    threads: usize,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let sizes = (prop_oneof![1..=4usize, 1..=70usize], 1..=15usize, 1..=15usize, 1..=3usize, 1..=3usize);
    let how = (any::<bool>(), any::<bool>(), 1..=40usize, 1..=3usize, any::<u64>());
    (sizes, how).prop_map(|((n, height, width, channels, outputs), (pooled, six, tiles, threads, seed))| Case {
        n,
        shape: ActivationShape { height, width, channels: channels * BLOCK },
        outputs: outputs * 32,
        pooled: pooled && height > 1 && width > 1,
        six,
        tiles,
        threads,
        seed,
    })
}

impl Case {
    fn values(&self, what: u64, len: usize) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(self.seed.wrapping_add(what));
        (0..len).map(|_| random.f32() * 2.0 - 1.0).collect()
    }

    /// `[n][channels][height][width]`
    fn inputs(&self) -> Vec<f32> {
        self.values(0, self.n * self.shape.len())
    }

    fn weights(&self) -> Vec<f32> {
        self.values(1, self.outputs * self.shape.channels * 9)
    }

    fn bias(&self) -> Vec<f32> {
        self.values(2, self.outputs)
    }

    /// As candle computes it.
    fn expected(&self) -> Tensor {
        let ActivationShape { height, width, channels } = self.shape;
        let layer = plain::convolution(self.weights(), self.bias(), channels, &Device::Cpu).unwrap();
        let inputs = Tensor::from_vec(self.inputs(), (self.n, channels, height, width), &Device::Cpu).unwrap();
        plain::layer(&inputs, &layer, self.pooled).unwrap()
    }

    fn check(&self, instructions: Instructions, ours: Tensor) -> Result<(), TestCaseError> {
        let expected = self.expected();
        prop_assert_eq!(ours.shape(), expected.shape());
        let norm = |t: Tensor| t.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap().sqrt();
        let off = norm((&ours - &expected).unwrap()) / norm(expected).max(f32::MIN_POSITIVE);
        prop_assert!(off < 1e-5, "{}: off by {off:e}", instructions.name());
        Ok(())
    }
}

/// A convolution by our kernels.
impl WithInstructions for &Case {
    type Output = Tensor;

    fn call<K: Kernel, I: Integers>(self, kernel: K, _: I) -> Tensor {
        match self.six {
            true => self.convolved(kernel, Six, |weights| FloatProducts { kernel, weights }),
            false => self.convolved(kernel, Four, |weights| FloatProducts { kernel, weights }),
        }
    }
}

/// A convolution by a unit that multiplies matrices.
struct ByMatrices<'a, M>(&'a Case, M);

impl<M: Matrices> WithInstructions for ByMatrices<'_, M> {
    type Output = Option<Tensor>;

    fn call<K: Kernel, I: Integers>(self, kernel: K, _: I) -> Option<Tensor> {
        let ByMatrices(case, matrices) = self;
        (K::PANEL == OUTPUTS).then(|| {
            let channels = case.shape.channels;
            case.convolved(kernel, Four, |weights| PartProducts::new(kernel, matrices, weights, channels).unwrap())
        })
    }
}

impl Case {
    fn convolved<K: Kernel, P: PointProducts, T: Transform<TILE, EDGE>, const TILE: usize, const EDGE: usize>(
        &self,
        kernel: K,
        transform: T,
        products: impl FnOnce(Vec<Floats>) -> P,
    ) -> Tensor {
        let (weights, bias, channels) = (self.weights(), self.bias(), self.shape.channels);
        let products = products(transformed(transform, &weights, channels, K::PANEL).unwrap());
        let shape = LayerShape { channels, bias: &bias, pooled: self.pooled };
        let layer = Convolution::new(kernel, transform, products, shape, self.tiles);
        let mut outputs = Activations::default();
        layer.forward(self.n, &blocked(self), &mut outputs, &Threads::new(self.threads, false).unwrap()).unwrap();
        tensor(self.n, &outputs)
    }
}

/// The first layer by our kernels.
struct FirstLayer<'a>(&'a Case);

impl WithInstructions for FirstLayer<'_> {
    type Output = Tensor;

    fn call<K: Kernel, I: Integers>(self, kernel: K, _: I) -> Tensor {
        let Case { n, shape: ActivationShape { height, width, .. }, .. } = *self.0;
        let layer = First::new(kernel, &self.0.weights(), &self.0.bias()).unwrap();
        let inputs = self.0.inputs();
        let (layer, mut buffer) = (layer.apply(&inputs, height, width), Floats::default());
        let mut outputs = Activations::default();
        outputs.resize(n, layer.shape()).unwrap();
        for (i, picture) in outputs.values.chunks_exact_mut(layer.shape().len()).enumerate() {
            // In two parts, as the next layer asks for them.
            let (above, below) = picture.split_at_mut(height / 2 * layer.shape().row());
            above.copy_from_slice(&layer.rows(i, 0..height / 2, &mut buffer).unwrap().values[..above.len()]);
            below.copy_from_slice(&layer.rows(i, height / 2..height, &mut buffer).unwrap().values[..below.len()]);
        }
        tensor(n, &outputs)
    }
}

/// `[n][channels][height][width]` as the kernels take it.
fn blocked(case: &Case) -> Activations {
    let ActivationShape { height, width, channels } = case.shape;
    let blocks = Tensor::from_vec(case.inputs(), (case.n, channels / BLOCK, BLOCK, height, width), &Device::Cpu);
    let blocks = blocks.unwrap().permute((0, 3, 1, 4, 2)).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let mut activations = Activations::default();
    activations.resize(case.n, case.shape).unwrap();
    activations.values.copy_from_slice(&blocks);
    activations
}

/// The other way round.
fn tensor(n: usize, activations: &Activations) -> Tensor {
    let ActivationShape { height, width, channels } = activations.shape;
    let blocked = (n, height, channels / BLOCK, width, BLOCK);
    let blocked = Tensor::from_slice(&activations.values, blocked, &Device::Cpu).unwrap();
    blocked.permute((0, 2, 4, 1, 3)).unwrap().reshape((n, channels, height, width)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_kernel_convolves_as_candle_does(case in cases()) {
        for instructions in Instructions::available() {
            case.check(instructions, instructions.with(&case))?;
        }
    }

    #[test]
    fn matrices_convolve_as_candle_does(mut case in cases()) {
        case.shape.channels = case.shape.channels.next_multiple_of(CHANNELS);
        for instructions in Instructions::available() {
            if let Some(ours) = instructions.with(ByMatrices(&case, Model)) {
                case.check(instructions, ours.clone())?;
                if let Some(tiles) = Tiles::try_new() {
                    let real = instructions.with(ByMatrices(&case, tiles)).unwrap();
                    let values = |t: Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                    prop_assert!(values(real) == values(ours), "the processor differs from its model");
                }
            }
        }
    }

    #[test]
    fn every_kernel_computes_the_first_layer_as_candle_does(mut case in cases()) {
        (case.shape.channels, case.pooled) = (3, false);
        for instructions in Instructions::available() {
            case.check(instructions, instructions.with(FirstLayer(&case)))?;
        }
    }
}
