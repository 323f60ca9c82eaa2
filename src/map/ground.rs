//! The input of a map, and the steps of making it.

use std::sync::OnceLock;

use super::affinities::{Affinities, neighbours_needed};
use super::graph::NeighbourGraph;
use super::kept::{KeptMaps, MapKey};
use super::pca::principal_components;
use super::picture_map::{MapKind, PictureMap};
use super::points::Points;
use super::trustworthiness::trustworthiness;
use super::tsne::{ROUNDS, arrange};
use crate::cancel::Cancel;
use crate::descriptor::FeatureMatrix;
use crate::duplicates::Collection;
use crate::error::Result;
use crate::join::Engine;
use crate::progress::Progress;

/// With fewer contents, there are no neighbourhoods to preserve.
const FEWEST: usize = 8;
/// The share of finding neighbours in the whole work, in thousandths.
const FINDING: u64 = 100;
const ALL: u64 = 1000;

/// Pictures with their points; byte-identical ones share a point.
pub struct MapGround {
    pub collection: Collection,
    matrix: FeatureMatrix,
    points: Points,
    /// Computed on first use: they take a while, and several maps need them.
    components: OnceLock<Vec<[f64; 2]>>,
    key: OnceLock<MapKey>,
}

impl MapGround {
    /// An error if a file that descriptors are read from was cut short in the meantime.
    pub fn new(collection: Collection) -> Result<MapGround> {
        let matrix = collection.matrix(0..collection.contents() as u32);
        let points = Points::of(matrix.rows());
        matrix.check_whole()?;
        Ok(MapGround { collection, matrix, points, components: OnceLock::new(), key: OnceLock::new() })
    }

    /// The map by principal components.
    pub fn first(&self) -> PictureMap {
        self.map(MapKind::Components, self.components())
    }

    /// The map by neighbours, if it is stored.
    pub fn kept(&self, maps: &KeptMaps) -> Option<PictureMap> {
        let places = maps.read(self.key(), self.points.len())?;
        Some(self.map(MapKind::Neighbours, &places))
    }

    /// The map by neighbours: the stored one, else a new one, which is then stored; for too few pictures, the first
    /// map. Ends early with [`crate::Error::Cancelled`].
    pub fn arranged(
        &self,
        maps: Option<&KeptMaps>,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<PictureMap> {
        if self.points.len() < FEWEST {
            return Ok(PictureMap { kind: MapKind::Neighbours, ..self.first() });
        }
        if let Some(kept) = maps.and_then(|maps| self.kept(maps)) {
            return Ok(kept);
        }
        let k = neighbours_needed(self.points.len());
        let mut finding = |found: Progress| progress(Progress::steps((found.part() * FINDING as f64) as u64, ALL));
        let graph = NeighbourGraph::find(self.matrix.clone(), k, engine, cancel, &mut finding)?;
        let affinities = Affinities::of(&graph);
        drop(graph);
        let mut round = |done: usize| {
            progress(Progress::steps(FINDING + (ALL - FINDING) * done as u64 / ROUNDS as u64, ALL));
        };
        let places = arrange(&affinities, self.components(), cancel, &mut round)?;
        if let Some(maps) = maps {
            maps.write(self.key(), &places);
        }
        Ok(self.map(MapKind::Neighbours, &places))
    }

    /// A point for each content.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// The `k` nearest neighbours of each of some points, among these. `of` is in ascending order.
    pub fn neighbours(
        &self,
        of: impl IntoIterator<Item = u32>,
        k: usize,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<NeighbourGraph> {
        NeighbourGraph::find(self.collection.matrix(of), k, engine, cancel, progress)
    }

    /// See [`trustworthiness`]; byte-identical pictures count as one.
    pub fn trustworthiness(&self, map: &PictureMap, k: usize, cancel: &Cancel) -> Result<Option<f64>> {
        let first = |content: u32| map.places[self.collection.of_content(content)[0] as usize];
        let places: Vec<_> = (0..self.collection.contents() as u32).map(first).collect();
        trustworthiness(&self.points, &places, k, cancel)
    }

    fn components(&self) -> &[[f64; 2]] {
        self.components.get_or_init(|| principal_components(&self.points))
    }

    fn key(&self) -> &MapKey {
        self.key.get_or_init(|| MapKey::of(&self.points))
    }

    fn map(&self, kind: MapKind, contents: &[[f64; 2]]) -> PictureMap {
        PictureMap::of_contents(kind, contents, &self.collection)
    }
}

impl std::fmt::Debug for MapGround {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "MapGround of {} pictures", self.collection.len())
    }
}
