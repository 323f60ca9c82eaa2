//! Pictures in an order.

use super::path::path;
use super::solitude::{SOLITUDE_NEIGHBOURS, solitude};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::join::Engine;
use crate::map::MapGround;
use crate::progress::Progress;

/// The criterion of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderedBy {
    /// Consecutive pictures are similar.
    Likeness,
    /// Outliers come first.
    Solitude,
}

/// Names of the pictures of the first dataset, in an order; byte-identical ones are adjacent.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering {
    pub by: OrderedBy,
    pub names: Vec<String>,
}

impl Ordering {
    /// Orders all pictures of `ground`; ties by name. Ends early with [`crate::Error::Cancelled`].
    pub fn of(
        ground: &MapGround,
        by: OrderedBy,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Ordering> {
        let collection = &ground.collection;
        let contents: Vec<u32> = match by {
            OrderedBy::Likeness => {
                let points = ground.points();
                let distance = |a: u32, b: u32| points.squared_distance(a as usize, b as usize).sqrt();
                let mut near = |of: &[u32], k: usize, progress: &mut (dyn FnMut(Progress) + Send)| {
                    ground.neighbours(of.iter().copied(), k, engine, cancel, progress)
                };
                path(points.len(), &distance, &mut near, cancel, progress)?
            }
            OrderedBy::Solitude => {
                let all = 0..collection.contents() as u32;
                let graph = ground.neighbours(all.clone(), SOLITUDE_NEIGHBOURS, engine, cancel, progress)?;
                let solitude = solitude(&graph);
                let mut contents: Vec<u32> = all.collect();
                contents.sort_by(|a, b| solitude[*b as usize].total_cmp(&solitude[*a as usize]).then(a.cmp(b)));
                contents
            }
        };
        let pictures = contents.iter().flat_map(|content| collection.of_content(*content));
        Ok(Ordering { by, names: pictures.map(|picture| collection.picture(*picture).row.name.clone()).collect() })
    }
}
