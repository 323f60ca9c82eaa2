//! The input of clustering.

use super::clustering::Clustering;
use super::communities::communities;
use crate::cancel::Cancel;
use crate::duplicates::Collection;
use crate::error::Result;
use crate::join::Engine;
use crate::map::{MapGround, NeighbourGraph};
use crate::progress::Progress;

/// Neighbours of each picture. Of 6, 10 and 15, 10 agrees best with labelled datasets (docs/quality.md).
const NEIGHBOURS: usize = 10;

/// Pictures and their nearest neighbours; byte-identical ones are one.
pub struct ClusterGround {
    ground: MapGround,
    graph: NeighbourGraph,
}

impl ClusterGround {
    /// An error if a file that descriptors are read from was cut short in the meantime. Ends early with
    /// [`crate::Error::Cancelled`].
    pub fn new(
        collection: Collection,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ClusterGround> {
        let ground = MapGround::new(collection)?;
        let contents = ground.collection.contents();
        // With few pictures, the ten nearest would be all.
        let k = NEIGHBOURS.min(contents.isqrt());
        let graph = ground.neighbours(0..contents as u32, k, engine, cancel, progress)?;
        Ok(ClusterGround { ground, graph })
    }

    pub fn collection(&self) -> &Collection {
        &self.ground.collection
    }

    /// A higher `resolution` gives more and smaller clusters; it is above 0, and starts at 1.
    pub fn clusters(&self, resolution: f64) -> Clustering {
        Clustering::new(&self.ground, &communities(&self.graph, resolution))
    }
}

impl std::fmt::Debug for ClusterGround {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "ClusterGround of {} pictures", self.collection().len())
    }
}
