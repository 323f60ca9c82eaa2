//! Finds clusters off the screen's thread.

use std::sync::Arc;

use crate::cancel::Cancel;
use crate::clusters::{ClusterGround, Clustering};
use crate::duplicates::{Collection, CollectionSource};
use crate::error::Result;
use crate::join::Engine;
use crate::progress::Progress;

#[derive(Clone, Debug)]
pub struct ClustersJob {
    pub what: ClustersWork,
    pub resolution: f64,
}

#[derive(Clone, Debug)]
pub enum ClustersWork {
    /// Over these sources.
    Begin(Vec<CollectionSource>),
    /// Over the same ground as before.
    Again(Arc<ClusterGround>),
}

/// Clusters, and the pictures they are made of.
#[derive(Clone, Debug)]
pub struct ClustersAnswer {
    pub ground: Arc<ClusterGround>,
    pub clustering: Arc<Clustering>,
}

impl ClustersJob {
    pub fn find(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ClustersAnswer> {
        let ground = match &self.what {
            ClustersWork::Begin(sources) => {
                let collection = Collection::new(sources.clone())?;
                Arc::new(ClusterGround::new(collection, engine, cancel, progress)?)
            }
            ClustersWork::Again(ground) => ground.clone(),
        };
        let clustering = Arc::new(ground.clusters(self.resolution));
        cancel.check()?;
        Ok(ClustersAnswer { ground, clustering })
    }
}
