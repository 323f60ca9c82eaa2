//! `describe PICTURE OTHER`: how alike two pictures are, by the descriptors that VGG-16 makes of them.

use std::error::Error;
use std::path::{Path, PathBuf};

use simages::cancel::Cancel;
use simages::descriptor::{Crops, Descriptor};
use simages::index::indexer;
use simages::vgg16::{Network, NetworkOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let pictures: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [picture, other] = &pictures[..] else { return Err("describe PICTURE OTHER".into()) };
    let [one, two] = describe([picture, other])?;
    println!("cosine similarity {:.4}", one.cosine(&two));
    Ok(())
}

/// Descriptors: 7 x 7 x 512 values of each picture, stored sparse; `to_dense` has them all.
pub fn describe<const N: usize>(pictures: [&Path; N]) -> simages::Result<[Descriptor; N]> {
    // It loads the weights with the first picture.
    let network = Network::new(NetworkOptions::default());
    let cancel = Cancel::default();
    let mut descriptors = Vec::new();
    for picture in pictures {
        descriptors.push(indexer::describe(picture, Crops::Whole, &network, &cancel)?);
    }
    Ok(descriptors.try_into().expect("as many as pictures"))
}
