//! `made_up FROM FOLDER N [EDGE]`: makes N pictures with descriptors from those of the indexed dataset FROM, to try out
//! the screens with large datasets. A picture is a part of one of FROM, its longer edge EDGE pixels (384); its
//! descriptor takes two thirds of its channels from that picture's, and the others from two more. The descriptors are
//! stored in features.simages alone, a few thousand at a time; the first index run writes features.npz.

use std::path::Path;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use rayon::prelude::*;
use simages::cancel::Cancel;
use simages::dataset::thumbnail::{self, Section};
use simages::dataset::{Dataset, Stamp, decode};
use simages::descriptor::{CHANNELS, Crops, DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use simages::index::store::Store;
use simages::vgg16::{Network, NetworkOptions};

/// Rows in memory at a time.
const TOGETHER: usize = 4096;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [from, folder, count, edge @ ..] = &arguments[..] else { panic!("made_up FROM FOLDER N [EDGE]") };
    let count: usize = count.parse().expect("a number");
    let edge: u32 = edge.first().map_or(384, |edge| edge.parse().expect("a number of pixels"));
    let (from, folder) = (Dataset::open(Path::new(from)).expect("a dataset"), Path::new(folder));
    std::fs::create_dir_all(folder).expect("the folder can be created");
    let cache = std::env::temp_dir();
    let real = Store::new(&from, &cache).load().expect("readable").expect("indexed").matrix;
    let row = |at: usize| {
        let mut random = fastrand::Rng::with_seed(at as u64);
        let parents = [0; 3].map(|_| &real.rows()[random.usize(..real.len())]);
        let name = format!("{at:06}.jpg");
        let path = folder.join(&name);
        let [left, top] = [0; 2].map(|_| random.f64() / 4.0);
        // From an earlier run that was stopped.
        if !path.exists() {
            let (picture, _) = thumbnail::open(&from.root.join(&parents[0].name)).expect("it was read before");
            let [width, height] = [picture.width(), picture.height()].map(f64::from);
            let (left, top) = (left * width, top * height);
            let part = Section { left, top, width: width * 0.75, height: height * 0.75 };
            let size = thumbnail::fitted(picture.dimensions(), edge, edge);
            let picture = thumbnail::resize_part(&picture, part, size.0, size.1);
            let mut jpeg = Vec::new();
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 85)).expect("it can be encoded");
            std::fs::write(&path, jpeg).expect("the folder is writable");
        }
        let dense = parents.map(|parent| parent.descriptor.to_dense());
        let chosen: Vec<usize> = (0..CHANNELS).map(|_| [0, 0, 0, 0, 1, 2][random.usize(..6)]).collect();
        let mixed: Vec<f32> = (0..DESCRIPTOR_LEN).map(|at| dense[chosen[at % CHANNELS]][at]).collect();
        let look = decode::look(&path, &Cancel::default()).expect("it was just written");
        let stamp = Stamp::of(&path.metadata().expect("it was just written"));
        Row::new(name, Some(stamp), Descriptor::from_dense(&mixed).expect("finite")).with_look(&look)
    };
    let model = Network::new(NetworkOptions::default()).weights().expect("embedded").model(Crops::Whole);
    let store = Store::new(&Dataset::open(folder).expect("it was created"), &cache);
    store.prepare(&FeatureMatrix::default(), &model).expect("the disk has room");
    for begin in (0..count).step_by(TOGETHER) {
        let rows: Vec<_> = (begin..(begin + TOGETHER).min(count)).into_par_iter().map(|at| Arc::new(row(at))).collect();
        store.append(&rows).expect("the disk has room");
    }
}
