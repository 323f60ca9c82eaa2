//! Makes the map off the screen's thread: first by principal components, then by neighbours.

use std::sync::Arc;

use crate::cancel::Cancel;
use crate::duplicates::{Collection, CollectionSource};
use crate::error::Result;
use crate::join::Engine;
use crate::map::{KeptMaps, MapGround, PictureMap};
use crate::progress::Progress;

#[derive(Clone, Debug)]
pub struct MapJob {
    pub what: MapWork,
    /// Where maps are stored; None: nowhere.
    pub maps: Option<KeptMaps>,
}

#[derive(Clone, Debug)]
pub enum MapWork {
    /// The first map over these sources, or the final one if it is stored.
    Begin(Vec<CollectionSource>),
    /// The map by neighbours.
    Arrange(Arc<MapGround>),
}

/// A map, and the pictures on it.
#[derive(Clone, Debug)]
pub struct MapAnswer {
    pub ground: Arc<MapGround>,
    pub map: Arc<PictureMap>,
}

impl MapJob {
    pub fn make(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<MapAnswer> {
        let (ground, map) = match &self.what {
            MapWork::Begin(sources) => {
                let ground = Arc::new(MapGround::new(Collection::new(sources.clone())?)?);
                let kept = self.maps.as_ref().and_then(|maps| ground.kept(maps));
                let map = kept.unwrap_or_else(|| ground.first());
                (ground, map)
            }
            MapWork::Arrange(ground) => {
                let map = ground.arranged(self.maps.as_ref(), engine, cancel, progress)?;
                (ground.clone(), map)
            }
        };
        Ok(MapAnswer { ground, map: Arc::new(map) })
    }
}
