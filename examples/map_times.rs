//! `map_times FOLDER`: measures how long the maps of an indexed dataset take. For the screens, see
//! `benches/map_latency.py`.

use std::path::Path;
use std::time::Instant;

use simages::cancel::Cancel;
use simages::dataset::Dataset;
use simages::duplicates::{Collection, CollectionSource};
use simages::index::store::Store;
use simages::join::Engine;
use simages::map::{MapGround, TileSize, showing_order, without_overlap};

fn main() {
    let folder = std::env::args().nth(1).expect("map_times FOLDER");
    let dataset = Dataset::open(Path::new(&folder)).expect("a dataset");
    let matrix = Store::new(&dataset, &std::env::temp_dir()).load().expect("readable").expect("indexed").matrix;
    let images = dataset.scan(&Cancel::default(), &mut |_| {}).expect("the folder is readable").images.into();
    let source = CollectionSource { name: dataset.name.clone(), root: dataset.root.clone(), matrix, images };
    let mut begun = Instant::now();
    let mut told = |what: &str| {
        println!("{what}: {:.3} s", begun.elapsed().as_secs_f64());
        begun = Instant::now();
    };
    let ground = MapGround::new(Collection::new(vec![source]).expect("one dataset")).expect("undamaged files");
    told(&format!("points of {} pictures", ground.collection.len()));
    let first = ground.first();
    told("the first map");
    let map = ground.arranged(None, Engine::default(), &Cancel::default(), &mut |_| {}).expect("not cancelled");
    told("the map by neighbours");
    let order = showing_order(map.places.len());
    for columns in [80.0, 800.0] {
        let cells: Vec<_> =
            map.places.iter().map(|[x, y]| ((x * columns) as i64, (y * columns / 2.0) as i64)).collect();
        let shown = without_overlap(&cells, TileSize { width: 10, height: 5 }, &order).len();
        told(&format!("choosing those that have room, {shown} of them"));
    }
    let kept = [&first, &map].map(|map| ground.trustworthiness(map, 10, &Cancel::default()).expect("not cancelled"));
    told(&format!("trustworthiness, {kept:.4?}"));
}
