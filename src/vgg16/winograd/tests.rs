//! Every kernel against plain loops in float64, on shapes that the network never sees.

use proptest::prelude::*;

use super::activations::{ActivationShape, Activations, BLOCK};
use super::convolution::{Convolution, Convolve, Input};
use super::first::First;
use super::floats::Floats;
use super::threads::Threads;
use super::transform::{Four, Six};
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

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

    /// The convolution's definition: 3 x 3, stride 1, zeros around it, ReLU, and 2 x 2 max pooling.
    /// `[n][outputs][height][width]`
    fn expected(&self) -> Vec<f64> {
        let ActivationShape { height, width, channels } = self.shape;
        let (inputs, weights, bias) = (self.inputs(), self.weights(), self.bias());
        let mut expected = Vec::new();
        for (picture, output) in (0..self.n).flat_map(|n| (0..self.outputs).map(move |output| (n, output))) {
            let mut plane = vec![f64::from(bias[output]); height * width];
            for channel in 0..channels {
                let input = &inputs[(picture * channels + channel) * height * width..][..height * width];
                let weights = &weights[(output * channels + channel) * 9..][..9];
                for (at, &weight) in weights.iter().enumerate() {
                    // The weight's offset from the middle, plus one.
                    let (down, right) = (at / 3, at % 3);
                    for y in 1usize.saturating_sub(down)..height.min(height + 1 - down) {
                        let from = 1usize.saturating_sub(right)..width.min(width + 1 - right);
                        let inputs = &input[(y + down - 1) * width..][..width];
                        for x in from {
                            plane[y * width + x] += f64::from(weight) * f64::from(inputs[x + right - 1]);
                        }
                    }
                }
            }
            let relu = |y: usize, x: usize| plane[y * width + x].max(0.0);
            match self.pooled {
                true => expected.extend(
                    (0..height / 2)
                        .flat_map(|y| (0..width / 2).map(move |x| (2 * y, 2 * x)))
                        .map(|(y, x)| relu(y, x).max(relu(y, x + 1)).max(relu(y + 1, x)).max(relu(y + 1, x + 1))),
                ),
                false => expected.extend((0..height * width).map(|at| relu(at / width, at % width))),
            }
        }
        expected
    }

    fn check(&self, expected: &[f64], instructions: Instructions, ours: &[f32]) -> Result<(), TestCaseError> {
        prop_assert_eq!(ours.len(), expected.len());
        let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
        let off = norm(&mut ours.iter().zip(expected).map(|(a, b)| f64::from(*a) - b));
        let off = off / norm(&mut expected.iter().copied()).max(f64::MIN_POSITIVE);
        prop_assert!(off < 1e-5, "{}: off by {off:e}", instructions.name());
        Ok(())
    }
}

/// A convolution by our kernels.
impl WithInstructions for &Case {
    type Output = Vec<f32>;

    fn call<K: Kernel, I: Integers>(self, kernel: K, _: I) -> Vec<f32> {
        let (weights, bias) = (self.weights(), self.bias());
        let layer: Box<dyn Convolve> = match self.six {
            true => Box::new(Convolution::new(kernel, Six, &weights, &bias, self.pooled, self.tiles).unwrap()),
            false => Box::new(Convolution::new(kernel, Four, &weights, &bias, self.pooled, self.tiles).unwrap()),
        };
        let mut outputs = Activations::default();
        layer.forward(self.n, &blocked(self), &mut outputs, &Threads::new(self.threads, false).unwrap()).unwrap();
        planes(self.n, &outputs)
    }
}

/// The first layer by our kernels.
struct FirstLayer<'a>(&'a Case);

impl WithInstructions for FirstLayer<'_> {
    type Output = Vec<f32>;

    fn call<K: Kernel, I: Integers>(self, kernel: K, _: I) -> Vec<f32> {
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
        planes(n, &outputs)
    }
}

/// `[n][channels][height][width]` as the kernels take it.
fn blocked(case: &Case) -> Activations {
    let mut activations = Activations::default();
    activations.resize(case.n, case.shape).unwrap();
    for (value, at) in case.inputs().into_iter().zip(places(case.n, case.shape)) {
        activations.values[at] = value;
    }
    activations
}

/// The other way round.
fn planes(n: usize, activations: &Activations) -> Vec<f32> {
    places(n, activations.shape).map(|at| activations.values[at]).collect()
}

/// Where in [`Activations`] the values of `[n][channels][height][width]` are.
fn places(n: usize, shape: ActivationShape) -> impl Iterator<Item = usize> {
    let ActivationShape { height, width, channels } = shape;
    (0..n * shape.len()).map(move |at| {
        let (x, y) = (at % width, at / width % height);
        let (channel, picture) = (at / width / height % channels, at / shape.len());
        (((picture * height + y) * (channels / BLOCK) + channel / BLOCK) * width + x) * BLOCK + channel % BLOCK
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_kernel_convolves(case in cases()) {
        let expected = case.expected();
        for instructions in Instructions::available() {
            case.check(&expected, instructions, &instructions.with(&case))?;
        }
    }

    #[test]
    fn every_kernel_computes_the_first_layer(mut case in cases()) {
        (case.shape.channels, case.pooled) = (3, false);
        let expected = case.expected();
        for instructions in Instructions::available() {
            case.check(&expected, instructions, &instructions.with(FirstLayer(&case)))?;
        }
    }
}
