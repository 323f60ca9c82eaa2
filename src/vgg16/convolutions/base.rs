//! VGG-16's convolutional base on one instruction set.

use parking_lot::Mutex;

use super::activations::{Activations, BLOCK};
use super::convolution::{Convolution, Convolve, Input, LayerShape};
use super::first::First;
use super::parts::PartProducts;
use super::product::FloatProducts;
use super::threads::Threads;
use super::transform::{Four, Six, Transform};
use super::weights::transformed;
use crate::cancel::Cancel;
use crate::descriptor::DESCRIPTOR_LEN;
use crate::error::{Error, Result};
use crate::limits::{self, Limit};
use crate::simd::tiles::Tiles;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};
use crate::vgg16::layers::{CONVOLUTIONS, ConvLayer};
use crate::vgg16::{EDGE, INPUT_LEN, NetworkOptions, Weights};

/// Pictures per thread that go through a layer together. The last layers have 16 tiles per picture, and each chunk of
/// tiles reads all their weights (38 MB), which takes several pictures to be worthwhile.
const PICTURES_PER_THREAD: usize = 4;
/// More pictures than this only need more memory.
const MAX_PICTURES: usize = 64;

/// Memory of the prepared weights.
const PREPARED_BYTES: u64 = 330 << 20;
/// Memory per thread, including its pictures and one being decoded.
const THREAD_BYTES: u64 = 150 << 20;
/// A control group with less left is killed while the network works: measured, with 260 MB it was, with 350 MB it
/// wasn't.
const GROUP_BYTES: u64 = 300 << 20;

/// Tiles that go through all steps together where matrices are multiplied: a multiple of their 16 rows, in most layers.
const TILES_FOR_MATRICES: usize = 112;

/// Computes descriptors.
pub trait ConvolutionalBase: Send + Sync {
    /// `pictures`: `[n, 3, 224, 224]`; `descriptors`: `[n, 25088]`. Checks `cancel` between layers.
    fn describe(&self, pictures: &[f32], descriptors: &mut [f32], cancel: &Cancel) -> Result<()>;

    /// The smallest batch that is computed at full speed.
    fn batch(&self) -> usize;

    /// The instruction set's name.
    fn instructions(&self) -> &'static str;
}

/// Prepares the weights for an instruction set.
pub fn prepare(weights: &Weights, options: &NetworkOptions) -> Result<Box<dyn ConvolutionalBase>> {
    if limits::left_in_group().is_some_and(|left| left < GROUP_BYTES) {
        return Err(Error::Limit(Limit::Memory));
    }
    let instructions = options.instructions.unwrap_or_else(Instructions::fastest);
    let threads = options.threads.get().min(with_room());
    let base = Prepare { weights, instructions, threads: Threads::new(threads, options.in_background)? };
    instructions.with(base)
}

/// The number of threads for which there is memory beside the weights, if that is limited; at least one.
fn with_room() -> usize {
    limits::left().map_or(usize::MAX, |left| (left.saturating_sub(PREPARED_BYTES) / THREAD_BYTES).max(1) as usize)
}

/// Prepares the weights for the given kernel.
struct Prepare<'a> {
    weights: &'a Weights,
    instructions: Instructions,
    threads: Threads,
}

impl WithInstructions for Prepare<'_> {
    type Output = Result<Box<dyn ConvolutionalBase>>;

    fn call<K: Kernel, I: Integers>(self, kernel: K, _: I) -> Self::Output {
        Ok(Box::new(Base::new(self, kernel)?))
    }
}

struct Base<K> {
    instructions: Instructions,
    first: First<K>,
    /// The other twelve.
    layers: Vec<Box<dyn Convolve>>,
    threads: Threads,
    /// Buffers left by earlier callers: one pair for each that runs at the same time.
    memory: Mutex<Vec<[Activations; 2]>>,
}

impl<K: Kernel> Base<K> {
    fn new(Prepare { weights, instructions, threads }: Prepare, kernel: K) -> Result<Base<K>> {
        let [first, others @ ..] = &CONVOLUTIONS;
        let (weight, bias) = weights.layer(first)?;
        let first = First::new(kernel, &weight, &bias).map_err(Error::Limit)?;
        let mut layers = Vec::new();
        for layer in others {
            let (weight, bias) = weights.layer(layer)?;
            let prepared = threads.run(|| convolve(kernel, instructions.tiles(), layer, &weight, &bias));
            layers.push(prepared.map_err(Error::Limit)?);
        }
        Ok(Base { instructions, first, layers, threads, memory: Mutex::default() })
    }

    /// Runs the layers in order; each layer's outputs are the next one's inputs.
    fn layers(
        &self,
        pictures: &[f32],
        descriptors: &mut [f32],
        memory: &mut [Activations; 2],
        cancel: &Cancel,
    ) -> Result<()> {
        let first = self.first.apply(pictures, EDGE, EDGE);
        let [mut to, mut from] = memory.each_mut();
        for (i, layer) in self.layers.iter().enumerate() {
            cancel.check()?;
            let input: &dyn Input = if i == 0 { &first } else { &*from };
            let done = layer.forward(pictures.len() / INPUT_LEN, input, to, &self.threads);
            done.map_err(Error::Limit)?;
            (to, from) = (from, to);
        }
        for (picture, descriptor) in descriptors.chunks_exact_mut(DESCRIPTOR_LEN).enumerate() {
            flatten(from, picture, descriptor);
        }
        Ok(())
    }
}

/// A picture's activations in Keras' order height, width, channel.
fn flatten(activations: &Activations, picture: usize, descriptor: &mut [f32]) {
    let shape = activations.shape;
    let rows = activations.picture(picture);
    for (y, row) in descriptor.chunks_exact_mut(shape.row()).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(shape.channels).enumerate() {
            for (block, values) in pixel.chunks_exact_mut(BLOCK).enumerate() {
                values.copy_from_slice(&rows.pixels(y, block)[x]);
            }
        }
    }
}

/// 6 x 6 tiles where the picture is large. In later layers they save little or nothing, need 1.8 times the memory for
/// weights, and would double the descriptors' rounding error. The numbers of tiles were measured.
fn convolve<K: Kernel>(
    kernel: K,
    tiles: Option<Tiles>,
    layer: &ConvLayer,
    weight: &[f32],
    bias: &[f32],
) -> Result<Box<dyn Convolve>, Limit> {
    let shape = LayerShape { channels: layer.channels, bias, pooled: layer.pooled };
    if let Some(matrices) = tiles {
        let weights = transformed(Four, weight, layer.channels, K::PANEL)?;
        let products = PartProducts::new(kernel, matrices, weights, layer.channels)?;
        return Ok(Box::new(Convolution::new(kernel, Four, products, shape, TILES_FOR_MATRICES)));
    }
    match (layer.channels, layer.outputs) {
        (64, _) => by_floats(kernel, Six, weight, shape, 38),
        (_, 128) => by_floats(kernel, Six, weight, shape, 57),
        (_, 256) => by_floats(kernel, Six, weight, shape, 70),
        _ => by_floats(kernel, Four, weight, shape, 49),
    }
}

fn by_floats<T: Transform<TILE, EDGE>, K: Kernel, const TILE: usize, const EDGE: usize>(
    kernel: K,
    transform: T,
    weight: &[f32],
    shape: LayerShape,
    tiles: usize,
) -> Result<Box<dyn Convolve>, Limit> {
    let weights = transformed(transform, weight, shape.channels, K::PANEL)?;
    Ok(Box::new(Convolution::new(kernel, transform, FloatProducts { kernel, weights }, shape, tiles)))
}

impl<K: Kernel> ConvolutionalBase for Base<K> {
    fn describe(&self, pictures: &[f32], descriptors: &mut [f32], cancel: &Cancel) -> Result<()> {
        let mut memory = self.memory.lock().pop().unwrap_or_default();
        let mut batch = self.batch();
        loop {
            let pictures = pictures.chunks(batch * INPUT_LEN);
            let mut slices = pictures.zip(descriptors.chunks_mut(batch * DESCRIPTOR_LEN));
            match slices.try_for_each(|(p, d)| self.layers(p, d, &mut memory, cancel)) {
                Err(Error::Limit(Limit::Memory)) if batch > 1 => {
                    batch /= 2;
                    tracing::warn!(batch, "no memory for more pictures at a time");
                    memory = Default::default();
                }
                outcome => {
                    self.memory.lock().push(memory);
                    return outcome;
                }
            }
        }
    }

    fn batch(&self) -> usize {
        (self.threads.count() * PICTURES_PER_THREAD).min(MAX_PICTURES)
    }

    fn instructions(&self) -> &'static str {
        self.instructions.name()
    }
}
