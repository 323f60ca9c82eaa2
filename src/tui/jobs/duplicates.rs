//! Near-duplicates, found off the screen's thread.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile};
use crate::duplicates::{
    Collection, CollectionSource, GroupPlan, PlanSettings, SimilarPairs, Verdicts, VerdictsFile, Witnesses,
    floor_of_many,
};
use crate::error::Result;
use crate::index::quick::QuickLooks;
use crate::join::Engine;
use crate::progress::Progress;

/// What is looked through, and how.
#[derive(Clone, Debug)]
pub struct DuplicatesJob {
    pub sources: Vec<CollectionSource>,
    /// Their datasets; of which the network isn't through, with true.
    pub datasets: Vec<(Dataset, bool)>,
    /// How pictures are looked at that the network hasn't seen yet.
    pub looks: Option<QuickLooks>,
    pub witnesses: Witnesses,
    /// What the user has said, if that is remembered.
    pub verdicts: Option<VerdictsFile>,
    /// Those that are shown first.
    pub settings: PlanSettings,
}

/// What was found: groups are made of it at whatever range.
#[derive(Debug)]
pub struct DuplicatesAnswer {
    pub collection: Collection,
    pub similar: SimilarPairs,
    /// Pictures that the network hasn't seen yet: only the small hash tells of them.
    pub by_hash: usize,
    /// What the user has said by now.
    pub verdicts: Verdicts,
}

impl DuplicatesJob {
    pub fn find(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Arc<DuplicatesAnswer>> {
        let verdicts = self.verdicts.as_ref().map_or(Ok(Verdicts::default()), VerdictsFile::read)?;
        let mut sources = self.sources.clone();
        let by_hash = self.look_ahead(&mut sources, cancel, progress)?;
        let collection = Collection::new(sources)?;
        let from = match self.witnesses {
            Witnesses::Hash => 1.0,
            Witnesses::Both(descriptor) => floor_of_many(descriptor, collection.len()).min(self.settings.range),
        };
        let similar = SimilarPairs::among(&collection, self.witnesses, from, engine, cancel, progress)?;
        // What takes a while is looked at here, and remembered.
        let progress = Mutex::new(progress);
        let tell = |done| progress.lock()(done);
        GroupPlan::complete(&collection, &similar, &verdicts, &self.settings, cancel, &tell)?;
        Ok(Arc::new(DuplicatesAnswer { collection, similar, by_hash, verdicts }))
    }

    /// Adds rows without descriptors of the pictures that are not indexed yet, and says how many these are.
    fn look_ahead(
        &self,
        sources: &mut [CollectionSource],
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<usize> {
        let mut added = 0;
        let Some(looks) = &self.looks else { return Ok(added) };
        let crops = sources.iter().find(|source| !source.matrix.is_empty()).map(|source| source.matrix.crops);
        for (source, (dataset, _)) in sources.iter_mut().zip(&self.datasets).filter(|(_, (_, growing))| *growing) {
            let is_missing = |image: &&ImageFile| source.matrix.get(&image.name).is_none();
            let missing: Vec<_> = source.images.iter().filter(is_missing).cloned().collect();
            let (rows, _) = looks.rows(dataset, &source.images, &missing, cancel, progress)?;
            added += rows.len();
            if let Some(crops) = crops.filter(|_| source.matrix.is_empty()) {
                source.matrix.crops = crops;
            }
            source.matrix.extend(rows);
        }
        Ok(added)
    }
}
