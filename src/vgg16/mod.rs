//! VGG-16 without its classifier: pictures in, descriptors out.
//!
//! Input: a batch of preprocessed pictures (`preprocess`), and weights ([`Weights`]). Output: `[n, 25088]` float32;
//! each row is the last pooling layer's 7 x 7 x 512 output in Keras' order height, width, channel.
//!
//! K. Simonyan and A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2014,
//! <https://arxiv.org/abs/1409.1556>, configuration D.

mod convolutions;
mod crops;
mod failed;
mod layers;
mod model;
mod network;
mod options;
#[cfg(any(test, feature = "cuda", feature = "metal"))]
mod plain;
mod preprocess;
mod weights;

pub use layers::INPUT_LEN;
pub use model::Vgg16;
pub use network::Network;
pub use options::NetworkOptions;
pub use preprocess::{EDGE, Preprocessing};
pub use weights::Weights;
