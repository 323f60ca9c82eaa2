//! Orders a dataset's pictures off the screen's thread.

use crate::cancel::Cancel;
use crate::duplicates::{Collection, CollectionSource};
use crate::error::Result;
use crate::join::Engine;
use crate::map::MapGround;
use crate::order::{OrderedBy, Ordering};
use crate::progress::Progress;

#[derive(Clone, Debug)]
pub struct OrderJob {
    pub source: CollectionSource,
    pub by: OrderedBy,
}

impl OrderJob {
    pub fn find(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Ordering> {
        let ground = MapGround::new(Collection::new(vec![self.source.clone()])?)?;
        Ordering::of(&ground, self.by, engine, cancel, progress)
    }
}
