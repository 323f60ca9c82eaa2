//! `join KEYS FOLDER RANGE`: for each picture of KEYS those of FOLDER whose cosine similarity is RANGE or more, as
//! tab-separated lines. Both folders are indexed: `simages index KEYS FOLDER`.

use std::error::Error;
use std::path::Path;

use simages::cancel::Cancel;
use simages::dataset::Dataset;
use simages::descriptor::{FeatureMatrix, Pooling};
use simages::index::store::Store;
use simages::join::{DescriptorKind, Engine, Group, JoinedFiles, Metric, Predicate, SetJoin, With};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [keys, folder, range] = &arguments[..] else { return Err("join KEYS FOLDER RANGE".into()) };
    let [keys, pictures] = [keys, folder].map(|folder| stored(Path::new(folder), &std::env::temp_dir()));
    join(keys?, pictures?, range.parse()?, &mut |group| {
        for neighbour in &group.neighbours {
            println!("{}\t{}\t{:.4}", group.key.name, neighbour.row.name, neighbour.value);
        }
    })?;
    Ok(())
}

/// The descriptors of an indexed folder.
pub fn stored(folder: &Path, cache: &Path) -> simages::Result<FeatureMatrix> {
    let stored = Store::new(&Dataset::open(folder)?, cache).load()?;
    stored
        .map(|stored| stored.matrix)
        .ok_or_else(|| simages::Error::Input(format!("{}: not indexed", folder.display())))
}

/// Exact: the engine leaves out only pairs that it has proved to be less alike.
pub fn join(
    keys: FeatureMatrix,
    pictures: FeatureMatrix,
    range: f64,
    take: &mut dyn FnMut(Group),
) -> simages::Result<()> {
    let join = SetJoin {
        keys,
        with: With::Dataset(pictures),
        files: JoinedFiles::default(),
        descriptor: DescriptorKind::Pooled(Pooling::Gap),
        metric: Metric::Cosine,
        predicate: Predicate::Range(range),
    };
    join.run(Engine::default(), &Cancel::default(), &mut |_| {}, &mut |group| {
        take(group);
        Ok(())
    })
}
