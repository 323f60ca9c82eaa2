//! Takes over the stored rows, or sets their file aside if it can't be used.

use std::path::PathBuf;

use super::describing::describe;
use super::event::Event;
use super::existing::Existing;
use super::run::IndexRun;
use super::sorted::Sorted;
use crate::descriptor::Crops;
use crate::error::{Result, UnlessLimited};
use crate::storage::SIMAGES;
use crate::text::count;

const OTHER_CROPS: &str = "was computed from other crops of the pictures";
/// In a file of unknown origin, a row with less cosine similarity than this to ours isn't one we would have computed.
const SAME: f64 = 0.99;

impl IndexRun<'_> {
    /// Sorts the stored rows by the state of their pictures. A file that can't be used is set aside first. Also returns
    /// what is there now, if the rows can be added to it.
    pub fn adopt(&mut self, existing: Existing, model: &str) -> Result<(Sorted, Existing)> {
        let useless = match (&existing, existing.model()) {
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
            (Existing::Rows(_), None) => self.looks_foreign(&existing, model)?,
        };
        match useless {
            None => Ok((self.sort_out(&existing, model), existing)),
            Some(reason) => {
                let put_away = |file: PathBuf| Ok((self.store.set_aside(&file)?, file));
                let set_aside = self.store.record().map(put_away).transpose()?;
                // `features.simages` may still have its rows; rows of another kind would be overwritten.
                let rest = Existing::load(&self.store)?;
                let is_usable = rest.model() == Some(model);
                if matches!(existing, Existing::Unusable(_)) && rest.rows().is_some() && !is_usable {
                    self.store.record().map(put_away).transpose()?;
                }
                let existing = if is_usable { rest } else { Existing::Unusable(reason.clone()) };
                let sorted = self.sort_out(&existing, model);
                if let Some((kept, file)) = set_aside {
                    let rest = match sorted.valid.len() {
                        0 => "computing again".to_owned(),
                        rows => format!("{} taken from {SIMAGES}", count(rows, "picture")),
                    };
                    let (file, kept) = (crate::shown::path(&file), crate::shown::path(&kept));
                    let text = format!("{file}: {reason}; kept as {kept}, {rest}");
                    tracing::warn!("{text}");
                    self.tell(Event::Notice(text));
                }
                Ok((sorted, existing))
            }
        }
    }

    /// Files by other programs don't say how they were computed, so three of their rows are computed again.
    fn looks_foreign(&mut self, existing: &Existing, model: &str) -> Result<Option<String>> {
        let matrix = self.sort_out(existing, model).valid;
        // Prepared once for all three.
        let _vgg16 = self.network.vgg16()?;
        let images: Vec<_> = self.scan.images.iter().filter(|i| matrix.get(&i.name).is_some()).collect();
        for image in images.iter().step_by(images.len().div_ceil(3).max(1)) {
            let described = describe(&image.path, self.crops, self.network, self.cancel);
            let Some(ours) = described.unless_limited()? else { continue };
            let theirs = &matrix.get(&image.name).expect("filtered").descriptor;
            // A zero row is similar only to itself.
            if ours.cosine(theirs) < SAME && ours != *theirs {
                return Ok(Some(format!("its row of {} is not VGG-16's", image.name)));
            }
        }
        Ok(None)
    }
}
