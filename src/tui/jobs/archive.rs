//! "Is it in my archive", answered off the screen's thread.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::archive::{CardCheck, CardRanges};
use crate::cancel::Cancel;
use crate::dataset::Skipped;
use crate::duplicates::{Collection, CollectionSource, Verdicts, VerdictsFile};
use crate::error::Result;
use crate::join::{DescriptorKind, Engine};
use crate::progress::Progress;

/// The card, and where to look for its pictures.
#[derive(Clone, Debug)]
pub struct ArchiveJob {
    /// The card, then the archives.
    pub sources: Vec<CollectionSource>,
    /// The card's unreadable pictures.
    pub unreadable: Vec<Skipped>,
    pub descriptor: DescriptorKind,
    /// The user's verdicts, if they are saved.
    pub verdicts: Option<VerdictsFile>,
}

/// The standing of each picture of the card.
#[derive(Debug)]
pub struct ArchiveAnswer {
    pub collection: Collection,
    pub check: CardCheck,
}

impl ArchiveJob {
    pub fn find(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Arc<ArchiveAnswer>> {
        self.find_in(self.collection()?, engine, cancel, progress)
    }

    pub fn collection(&self) -> Result<Collection> {
        Collection::new(self.sources.clone())
    }

    /// The same, in the [`ArchiveJob::collection`] already made.
    pub fn find_in(
        &self,
        collection: Collection,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Arc<ArchiveAnswer>> {
        let verdicts = self.verdicts.as_ref().map_or(Ok(Verdicts::default()), VerdictsFile::read)?;
        let progress = Mutex::new(progress);
        let asked = (CardRanges::of(self.descriptor), &verdicts);
        let mut compared = |done| progress.lock()(done);
        let looked = |done| progress.lock()(done);
        let check = CardCheck::find(&collection, self.descriptor, asked, engine, cancel, &mut compared, &looked)?;
        let check = CardCheck { unreadable: self.unreadable.clone(), ..check };
        Ok(Arc::new(ArchiveAnswer { collection, check }))
    }
}
