//! `orders DATASET`: measures how similar consecutive pictures are, as the mean cosine of their `gap` descriptors: in
//! the order of names, in a chain that always continues to the nearest remaining picture, and along the path by
//! likeness. Also measures how long that path takes to compute.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use simages::cancel::Cancel;
use simages::dataset::Dataset;
use simages::duplicates::{Collection, CollectionSource};
use simages::index::store::Store;
use simages::join::Engine;
use simages::map::MapGround;
use simages::order::{OrderedBy, Ordering};

fn main() {
    let folder = std::env::args().nth(1).expect("orders DATASET");
    let dataset = Dataset::open(Path::new(&folder)).expect("a dataset");
    let matrix = Store::new(&dataset, &std::env::temp_dir()).load().expect("readable").expect("indexed").matrix;
    let cancel = Cancel::default();
    let images = Arc::new(dataset.scan(&cancel, &mut |_| {}).expect("the folder is readable").images);
    let source = CollectionSource { name: dataset.name.clone(), root: dataset.root.clone(), matrix, images };
    let ground = MapGround::new(Collection::new(vec![source]).expect("one source")).expect("undamaged files");
    let (points, collection) = (ground.points(), &ground.collection);
    let count = points.len();
    // The descriptors have length 1.
    let cosine = |a: usize, b: usize| 1.0 - points.squared_distance(a, b) / 2.0;
    let told = |what: &str, order: &[usize]| {
        let sum: f64 = order.windows(2).map(|pair| cosine(pair[0], pair[1])).sum();
        println!("{what:<15} {:.4}", sum / (count - 1) as f64);
    };
    println!("{}, {count} contents", dataset.name);
    told("by name", &(0..count).collect::<Vec<_>>());

    let (mut chain, mut left) = (vec![0], (1..count).collect::<Vec<_>>());
    while let Some(nearest) = (0..left.len()).min_by(|a, b| {
        let near = |at: usize| points.squared_distance(chain[chain.len() - 1], left[at]);
        near(*a).total_cmp(&near(*b)).then(left[*a].cmp(&left[*b]))
    }) {
        chain.push(left.swap_remove(nearest));
    }
    told("nearest chain", &chain);

    let begun = Instant::now();
    let found = Ordering::of(&ground, OrderedBy::Likeness, Engine::default(), &cancel, &mut |_| {}).expect("an order");
    let took = begun.elapsed();
    let content =
        |name: &String| collection.content_of(collection.find(0, name).expect("it is in the collection")) as usize;
    let mut path: Vec<usize> = found.names.iter().map(content).collect();
    path.dedup();
    told("by likeness", &path);
    println!("found in {} ms", took.as_millis());
}
