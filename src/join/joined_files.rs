//! Finds rows of two matrices that belong to the same file. A picture is never its own neighbour, whatever datasets it
//! is in.

use std::collections::HashMap;
use std::sync::Arc;

use crate::dataset::{FileId, ImageFile};
use crate::descriptor::FeatureMatrix;

/// The files of the two sides of a join. By default none are known.
#[derive(Clone, Debug, Default)]
pub struct JoinedFiles {
    pub keys: Arc<Vec<ImageFile>>,
    pub others: Arc<Vec<ImageFile>>,
}

impl JoinedFiles {
    /// For each row of `keys`, the row of `others` with the same file. Empty if there is no such pair.
    pub fn twins(&self, keys: &FeatureMatrix, others: &FeatureMatrix) -> Vec<Option<u32>> {
        let named: HashMap<&FileId, &str> = self.others.iter().map(|image| (&image.id, image.name.as_str())).collect();
        let mut twins = Vec::new();
        for image in self.keys.iter() {
            let twin = named.get(&image.id).and_then(|name| others.position(name));
            if let (Some(twin), Some(key)) = (twin, keys.position(&image.name)) {
                twins.resize(keys.len(), None);
                twins[key] = Some(twin as u32);
            }
        }
        twins
    }
}
