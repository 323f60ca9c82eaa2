//! The user's options for the network.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use crate::simd::Instructions;

/// How the network is computed.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// A safetensors file; None: the weights in the binary.
    pub weights: Option<PathBuf>,
    /// None: the fastest available, even a GPU.
    pub instructions: Option<Instructions>,
    /// Threads for the network, and as many to decode pictures for it.
    pub threads: NonZero<usize>,
    /// Whether to run at a lower priority.
    pub in_background: bool,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        NetworkOptions { weights: None, instructions: None, threads, in_background: false }
    }
}
