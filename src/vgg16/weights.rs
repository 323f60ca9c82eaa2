//! The network's weights: embedded in the binary, or a safetensors file with the same names.

use std::borrow::Cow;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use super::layers::ConvLayer;
use super::preprocess::Preprocessing;
use crate::dataset::read_meant;
use crate::descriptor::Crops;
use crate::error::{Error, Result};
use crate::text::hex;

/// Version of the computation; a change makes stored descriptors out of date.
const VERSION: u32 = 1;

#[cfg(feature = "embedded-weights")]
static EMBEDDED: &[u8] = include_bytes!("../../weights/vgg16.safetensors");
/// SHA-256 of `weights/vgg16.safetensors`, checked by a test so that it need not be computed at every start.
#[cfg(feature = "embedded-weights")]
const EMBEDDED_SHA256: &str = "f2028462c06309a6be0d6ed2e1bdd68c0fdb04cd687215539372b4724746f3ef";

/// A safetensors file in memory, with its header read.
pub struct Weights {
    bytes: Cow<'static, [u8]>,
    /// The file's path, or `embedded`.
    pub origin: String,
    /// SHA-256 of the whole file, hexadecimal.
    pub sha256: String,
    pub preprocessing: Preprocessing,
}

impl Weights {
    /// The weights in `file`; without one, those in the binary.
    pub fn open(file: Option<&Path>) -> Result<Weights> {
        match file {
            Some(path) => Weights::read(path),
            None => Weights::embedded(),
        }
    }

    fn read(path: &Path) -> Result<Weights> {
        let remedy =
            "--weights or SIMAGES_WEIGHTS must name a safetensors file; without it, the built-in weights are used";
        let bytes = read_meant(path, |why| Error::Weights {
            origin: crate::shown::path(path),
            reason: format!("{why}; {remedy}"),
        })?;
        let sha256 = hex(&Sha256::digest(&bytes));
        Weights::new(bytes.into(), crate::shown::path(path), sha256)
    }

    #[cfg(feature = "embedded-weights")]
    fn embedded() -> Result<Weights> {
        Weights::new(EMBEDDED.into(), "embedded".into(), EMBEDDED_SHA256.into())
    }

    #[cfg(not(feature = "embedded-weights"))]
    fn embedded() -> Result<Weights> {
        Err(Error::Weights {
            origin: "embedded".into(),
            reason: "this binary was built without weights; name a file with --weights or SIMAGES_WEIGHTS".into(),
        })
    }

    fn new(bytes: Cow<'static, [u8]>, origin: String, sha256: String) -> Result<Weights> {
        let wrong = |reason: String| Error::Weights { origin: origin.clone(), reason };
        let (_, header) = SafeTensors::read_metadata(&bytes)
            .map_err(|e| wrong(format!("not a safetensors file, or damaged ({e})")))?;
        let named = header.metadata().as_ref().and_then(|m| m.get("preprocessing"));
        let preprocessing = match named.map(|p| p.split(':').next().unwrap_or_default().trim()) {
            Some("caffe") => Preprocessing::Caffe,
            Some("torch" | "torchvision") | None => Preprocessing::Torch,
            Some(other) => return Err(wrong(format!("unknown preprocessing \"{other}\" (known: caffe, torch)"))),
        };
        Ok(Weights { bytes, origin, sha256, preprocessing })
    }

    /// Identifies descriptors computed with these weights and crops.
    pub fn model(&self, crops: Crops) -> String {
        let preprocessing = self.preprocessing.name();
        format!("simages {VERSION}; vgg16; sha256 {}; {preprocessing}; {}", self.sha256, crops.name())
    }

    /// The crops of descriptors with this identifier, if computed with these weights.
    pub fn crops_of(&self, model: &str) -> Option<Crops> {
        Crops::ALL.into_iter().find(|crops| self.model(*crops) == model)
    }

    /// A layer's weights `[outputs][channels][3][3]` and its bias.
    pub(super) fn layer(&self, layer: &ConvLayer) -> Result<(Vec<f32>, Vec<f32>)> {
        let ConvLayer { index, channels, outputs, .. } = *layer;
        let weight = self.tensor(&format!("features.{index}.weight"), &[outputs, channels, 3, 3])?;
        Ok((weight, self.tensor(&format!("features.{index}.bias"), &[outputs])?))
    }

    /// The tensor `name`, which must be float32 of this shape, with only finite values.
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let file = SafeTensors::deserialize(&self.bytes).map_err(|e| self.wrong(e.to_string()))?;
        let tensor = file
            .tensor(name)
            .map_err(|_| self.wrong(format!("has no tensor \"{name}\": not VGG-16 with the names torchvision uses")))?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            let (dtype, found) = (tensor.dtype(), tensor.shape());
            return Err(self.wrong(format!("\"{name}\" is {dtype:?} {found:?}, expected F32 {shape:?}")));
        }
        let values: Vec<f32> =
            tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        if values.iter().any(|v| !v.is_finite()) {
            return Err(self.wrong(format!("\"{name}\" holds values that are not finite: damaged")));
        }
        Ok(values)
    }

    fn wrong(&self, reason: String) -> Error {
        Error::Weights { origin: self.origin.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vgg16::{NetworkOptions, Vgg16};

    fn refused(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.safetensors");
        std::fs::write(&path, bytes).unwrap();
        let network = Weights::open(Some(&path)).and_then(|w| Vgg16::new(&w, &NetworkOptions::default()));
        let message = network.err().expect("must be refused").to_string();
        assert!(message.contains("mine.safetensors"), "{message}");
        message
    }

    #[cfg(feature = "embedded-weights")]
    #[test]
    fn the_embedded_weights_are_the_ones_documented() {
        assert_eq!(hex(&Sha256::digest(EMBEDDED)), EMBEDDED_SHA256);
        assert_eq!(Weights::open(None).unwrap().preprocessing, Preprocessing::Caffe);
    }

    #[cfg(feature = "embedded-weights")]
    #[test]
    fn a_file_cut_short_is_refused() {
        assert!(refused(&EMBEDDED[..EMBEDDED.len() - 1]).contains("damaged"));
        assert!(refused(&EMBEDDED[..100]).contains("damaged"));
    }

    #[cfg(feature = "embedded-weights")]
    #[test]
    fn a_value_that_is_not_finite_is_refused() {
        let mut damaged = EMBEDDED.to_vec();
        let end = damaged.len();
        damaged[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(refused(&damaged).contains("not finite"));
    }

    #[test]
    fn another_network_is_refused_by_what_it_lacks() {
        assert!(refused(b"not safetensors at all").contains("not a safetensors file"));
        let values = 1f32.to_le_bytes();
        let view = safetensors::tensor::TensorView::new(Dtype::F32, vec![1], &values).unwrap();
        let other = safetensors::serialize([("conv1.weight", view)], None).unwrap();
        assert!(refused(&other).contains("features.0.weight"));
    }
}
