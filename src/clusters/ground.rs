//! What clusters are made of.

use super::clustering::Clustering;
use super::communities::communities;
use crate::cancel::Cancel;
use crate::duplicates::Collection;
use crate::error::Result;
use crate::join::Engine;
use crate::map::{MapGround, NeighbourGraph};
use crate::progress::Progress;

/// Neighbours of each picture. Of 6, 10 and 15 the one that agrees best with labelled sets (docs/quality.md).
const NEIGHBOURS: usize = 10;

/// Pictures and the nearest of each; those that are the same to the byte are one.
pub struct ClusterGround {
    ground: MapGround,
    graph: NeighbourGraph,
}

impl ClusterGround {
    /// An error if a file that descriptors are read from was cut short meanwhile. Ends early with [`crate::Error::Cancelled`].
    pub fn new(
        collection: Collection,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ClusterGround> {
        let ground = MapGround::new(collection)?;
        let contents = ground.collection.contents();
        // Of few pictures the ten nearest would be all.
        let k = NEIGHBOURS.min(contents.isqrt());
        let graph = ground.neighbours(0..contents as u32, k, engine, cancel, progress)?;
        Ok(ClusterGround { ground, graph })
    }

    pub fn collection(&self) -> &Collection {
        &self.ground.collection
    }

    /// More and smaller clusters with a higher `resolution`, which is more than 0; 1 is the one to begin with.
    pub fn clusters(&self, resolution: f64) -> Clustering {
        Clustering::new(&self.ground, &communities(&self.graph, resolution))
    }
}

impl std::fmt::Debug for ClusterGround {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "ClusterGround of {} pictures", self.collection().len())
    }
}
