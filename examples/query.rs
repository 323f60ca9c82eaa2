//! `query PICTURE FOLDER`: the ten pictures of a folder that are most like a picture. Indexes the folder first, which
//! writes `features.npz` and `features.simages` into it.

use std::error::Error;
use std::path::{Path, PathBuf};

use simages::cancel::Cancel;
use simages::dataset::Dataset;
use simages::descriptor::Crops;
use simages::index::indexer::{self, Event, ToIndex};
use simages::index::store::Store;
use simages::join::{self, DescriptorKind, Engine, Metric, Neighbour, Predicate};
use simages::vgg16::{Network, NetworkOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [picture, folder] = &arguments[..] else { return Err("query PICTURE FOLDER".into()) };
    for neighbour in query(picture, folder, &std::env::temp_dir())? {
        println!("{:.4}  {}", neighbour.value, neighbour.row.name);
    }
    Ok(())
}

/// `cache`: where the descriptors of a folder are kept that can't be written to.
pub fn query(picture: &Path, folder: &Path, cache: &Path) -> simages::Result<Vec<Neighbour>> {
    let network = Network::new(NetworkOptions::default());
    let cancel = Cancel::default();

    // Only pictures that are new or have changed are computed.
    let dataset = Dataset::open(folder)?;
    indexer::index(&ToIndex::new(&dataset, &[], cache), &network, &cancel, &mut |event| {
        if let Event::Skipped(skipped) = event {
            eprintln!("skipped {}: {}", skipped.file, skipped.error);
        }
    })?;
    let matrix = Store::new(&dataset, cache).load()?.map(|stored| stored.matrix).unwrap_or_default();

    let key = indexer::describe(picture, Crops::Whole, &network, &cancel)?;
    let by = (DescriptorKind::Regions, Metric::Cosine);
    join::query(&Engine::default(), &key, &matrix, None, by, Predicate::Knn(10))
}
