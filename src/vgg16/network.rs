//! The network, loaded on first use, and freed when nobody needs it any more.

use std::sync::{Arc, Weak};

use once_cell::sync::OnceCell;
use parking_lot::Mutex;

use super::model::Vgg16;
use super::options::NetworkOptions;
use super::weights::Weights;
use crate::cancel::Cancel;
use crate::descriptor::DESCRIPTOR_LEN;
use crate::error::Result;

/// Shared by everything that may need a descriptor; the first user waits for loading.
pub struct Network {
    options: NetworkOptions,
    weights: OnceCell<Weights>,
    /// Prepared, it takes 300 MB: it lives as long as somebody computes.
    vgg16: Mutex<Weak<Vgg16>>,
}

impl Network {
    pub fn new(options: NetworkOptions) -> Network {
        Network { options, weights: OnceCell::new(), vgg16: Mutex::default() }
    }

    pub fn options(&self) -> &NetworkOptions {
        &self.options
    }

    /// The weights' header: quick, nothing is computed.
    pub fn weights(&self) -> Result<&Weights> {
        self.weights.get_or_try_init(|| Weights::open(self.options.weights.as_deref()))
    }

    /// The network. Keep it as long as there is something to compute: preparing it takes a moment.
    pub fn vgg16(&self) -> Result<Arc<Vgg16>> {
        let mut vgg16 = self.vgg16.lock();
        if let Some(prepared) = vgg16.upgrade() {
            return Ok(prepared);
        }
        let prepared = Arc::new(Vgg16::new(self.weights()?, &self.options)?);
        *vgg16 = Arc::downgrade(&prepared);
        Ok(prepared)
    }

    /// Descriptors of preprocessed pictures: `[n, 3, 224, 224]` in, n rows of 25,088 values out.
    pub fn describe(&self, pictures: &[f32], cancel: &Cancel) -> Result<Vec<Vec<f32>>> {
        let rows = self.vgg16()?.forward(pictures, cancel)?;
        Ok(rows.chunks_exact(DESCRIPTOR_LEN).map(<[f32]>::to_vec).collect())
    }
}
