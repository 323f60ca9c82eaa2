//! Near-duplicates, found off the screen's thread.

use std::sync::Arc;

use crate::cancel::Cancel;
use crate::duplicates::{
    Collection, CollectionSource, GroupPlan, PlanSettings, SimilarPairs, Verdicts, VerdictsFile, Witnesses,
};
use crate::error::Result;
use crate::join::Engine;
use crate::progress::Progress;

/// What is looked through, and how.
#[derive(Clone, Debug)]
pub struct DuplicatesJob {
    pub sources: Vec<CollectionSource>,
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
        let collection = Collection::new(self.sources.clone())?;
        let similar = SimilarPairs::find(&collection, self.witnesses, engine, cancel, progress)?;
        // What takes a while is looked at here, and remembered.
        GroupPlan::complete(&collection, &similar, &verdicts, &self.settings, cancel, &|_| ())?;
        Ok(Arc::new(DuplicatesAnswer { collection, similar, verdicts }))
    }
}
