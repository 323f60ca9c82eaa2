//! Taking over what is stored, or keeping it aside where it can't be used.

use super::describing::describe;
use super::event::Event;
use super::existing::Existing;
use super::run::IndexRun;
use super::sorted::Sorted;
use crate::descriptor::Crops;
use crate::error::{Result, UnlessLimited};

const OTHER_CROPS: &str = "was computed of other crops of the pictures";
/// Cosine similarity below which a row in a file of unknown model is not what we would have computed.
const SAME: f64 = 0.99;

impl IndexRun<'_> {
    /// What became of the pictures; a file that can't be used is kept aside first.
    pub fn adopt(&mut self, existing: &Existing, model: &str) -> Result<Sorted> {
        let useless = match (existing, existing.model()) {
            (Existing::Nothing, _) => None,
            (Existing::Unusable(reason), _) => Some(reason.clone()),
            (Existing::Rows(_), Some(other)) if other != model => {
                let reason = match self.network.weights()?.crops_of(other) {
                    Some(_) => OTHER_CROPS,
                    None => "was computed with other weights or another version",
                };
                Some(reason.into())
            }
            (Existing::Rows(_), Some(_)) => None,
            (Existing::Rows(_), None) if self.crops != Crops::Whole => Some(OTHER_CROPS.into()),
            (Existing::Rows(_), None) => self.looks_foreign(existing, model)?,
        };
        match useless {
            None => Ok(self.sort_out(existing, model)),
            Some(reason) => {
                if self.store.path().is_file() {
                    let (file, kept) = (self.store.path(), self.store.set_aside()?);
                    let text = format!(
                        "{}: {reason}; kept as {}, computing anew",
                        crate::shown::path(&file),
                        crate::shown::path(&kept)
                    );
                    tracing::warn!("{text}");
                    self.tell(Event::Notice(text));
                }
                Ok(self.sort_out(&Existing::Nothing, model))
            }
        }
    }

    /// Files by others don't say what they were computed with: three of their rows are computed again.
    fn looks_foreign(&mut self, existing: &Existing, model: &str) -> Result<Option<String>> {
        let matrix = self.sort_out(existing, model).valid;
        // Prepared once for all three.
        let _vgg16 = self.network.vgg16()?;
        let images: Vec<_> = self.scan.images.iter().filter(|i| matrix.get(&i.name).is_some()).collect();
        for image in images.iter().step_by(images.len().div_ceil(3).max(1)) {
            let described = describe(&image.path, self.crops, self.network, self.cancel);
            let Some(ours) = described.unless_limited()? else { continue };
            let theirs = &matrix.get(&image.name).expect("filtered").descriptor;
            // Zero is like nothing but itself.
            if ours.cosine(theirs) < SAME && ours != *theirs {
                return Ok(Some(format!("its row of {} is not VGG-16's", image.name)));
            }
        }
        Ok(None)
    }
}
