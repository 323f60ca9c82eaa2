//! The network, loaded when it is first needed.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::{DESCRIPTOR_LEN, Vgg16, Weights};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// Shared by all that may need a descriptor; whoever is first pays for loading.
pub struct Network {
    file: Option<PathBuf>,
    weights: OnceLock<std::result::Result<Weights, String>>,
    vgg16: OnceLock<std::result::Result<Vgg16, String>>,
}

impl Network {
    /// With the weights in `file`; None: those in the binary.
    pub fn new(file: Option<PathBuf>) -> Network {
        Network { file, weights: OnceLock::new(), vgg16: OnceLock::new() }
    }

    /// The weights' header: quick, nothing is computed.
    pub fn weights(&self) -> Result<&Weights> {
        let opened = self.weights.get_or_init(|| Weights::open(self.file.as_deref()).map_err(|e| e.to_string()));
        opened.as_ref().map_err(|e| Error::Network(e.clone()))
    }

    pub fn vgg16(&self) -> Result<&Vgg16> {
        let weights = self.weights()?;
        let loaded = self.vgg16.get_or_init(|| Vgg16::new(weights).map_err(|e| e.to_string()));
        loaded.as_ref().map_err(|e| Error::Network(e.clone()))
    }

    /// Descriptors of preprocessed pictures: `[n, 3, 224, 224]` in, n rows of 25,088 values out.
    pub fn describe(&self, pictures: &[f32], cancel: &Cancel) -> Result<Vec<Vec<f32>>> {
        let rows = self.vgg16()?.forward(pictures, cancel)?;
        Ok(rows.chunks_exact(DESCRIPTOR_LEN).map(<[f32]>::to_vec).collect())
    }
}
