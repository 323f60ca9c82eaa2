//! `simages map`: the pictures of one or two datasets on a plane, placed by similarity.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use image::ExtendedColorType;
use image::codecs::png::PngEncoder;
use image::{ImageEncoder, ImageError};
use parking_lot::Mutex;

use super::datasets::{known, named};
use super::indexed::collection;
use super::options::{GlobalOptions, cache};
use super::output::{may_be_written, print, say};
use super::run::Run;
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::dataset::thumbnails::Thumbnails;
use crate::dataset::{self, Dataset};
use crate::duplicates::Collection;
use crate::error::{Error, Result};
use crate::index::indexer::ToIndex;
use crate::join::Engine;
use crate::join::export::{NewFile, by_extension};
use crate::map::{KeptMaps, MapGround, MapKind, MapSheet, PictureMap, SheetSize, write_csv};
use crate::signals::cancel_on_signal;
use crate::text::{count, printable, thousands};
use crate::vgg16::{Network, NetworkOptions};
use crate::whole_file::folder;

/// The number of neighbours in the measure of trustworthiness.
const K: usize = 10;

/// Lay pictures out on a plane by similarity
///
/// Similar pictures are placed near each other. The output is an image of the map, or the coordinates. The same
/// pictures always give the same map. Maps are kept in the cache.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct MapArgs {
    /// The name of a dataset, or a folder
    #[arg(value_name = "FOLDER")]
    dataset: PathBuf,

    /// A second dataset, on the same plane
    #[arg(value_name = "OTHER")]
    other: Option<PathBuf>,

    /// Write to FILE, a .png or .csv, which appears when complete [default: CSV to stdout]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace FILE if it exists; a picture is never replaced
    #[arg(long, requires = "output")]
    force: bool,

    /// The longer side of the .png, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(256..=16_384))]
    size: u32,

    /// The longer side of each picture on the map, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 96, value_parser = clap::value_parser!(u32).range(8..=512))]
    tile: u32,

    /// Instead of writing a map, print how well it keeps neighbours together: the first map (by principal components)
    /// and the final one
    #[arg(long, conflicts_with = "output")]
    trustworthiness: bool,
}

/// What to make of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
enum MapFormat {
    Csv,
    Png,
}

#[derive(Debug)]
pub struct Map {
    datasets: Vec<Dataset>,
    known: Vec<Dataset>,
    output: Option<PathBuf>,
    format: MapFormat,
    force: bool,
    size: SheetSize,
    measures: bool,
    cache: PathBuf,
    network: NetworkOptions,
    engine: Engine,
}

impl MapArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Map> {
        let known = known(options)?;
        let typed = std::iter::once(&self.dataset).chain(&self.other);
        let datasets = typed.map(|typed| named(options, typed, &known)).collect::<Result<Vec<_>>>()?;
        let datasets = dataset::distinct(datasets);
        let formats = [("png", MapFormat::Png), ("csv", MapFormat::Csv)];
        let format = self.output.as_deref().map_or(Ok(MapFormat::Csv), |output| by_extension(output, &formats))?;
        if let Some(output) = &self.output {
            match format {
                MapFormat::Csv => may_be_written(output, self.force)?,
                MapFormat::Png => picture_may_be_written(output, &datasets)?,
            }
        }
        Ok(Map {
            known: [known, datasets.clone()].concat(),
            datasets,
            output: self.output,
            format,
            force: self.force,
            size: SheetSize { edge: self.size, tile: self.tile },
            measures: self.trustworthiness,
            cache: cache(),
            network: options.network()?,
            engine: options.engine()?,
        })
    }
}

/// Whether the map may be written there as an image: not over an existing file, and not as a new picture of a mapped
/// dataset.
fn picture_may_be_written(output: &Path, datasets: &[Dataset]) -> Result<()> {
    let shown = crate::shown::path(output);
    if output.symlink_metadata().is_ok() {
        return Err(Error::Input(format!(
            "{shown}: exists already, and a picture is never replaced: give another name"
        )));
    }
    let place = folder(output).canonicalize().unwrap_or_default();
    match datasets.iter().find(|dataset| place.starts_with(&dataset.root)) {
        Some(dataset) => {
            let name = printable(&dataset.name);
            Err(Error::Input(format!("{shown}: would become a picture of {name}: give a file outside its folder")))
        }
        None => Ok(()),
    }
}

impl Run for Map {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        if let Some(output) = &self.output {
            // Check this before indexing.
            NewFile::can_be_made(output)?;
        }
        let network = Network::new(self.network.clone());
        let to_index = |dataset| ToIndex::new(dataset, &self.known, &self.cache);
        let collection = collection(&self.datasets, to_index, &network, &cancel)?;
        let ground = MapGround::new(collection)?;
        let mut teller = Teller::new(&self.name(), Count::Percent);
        let maps = KeptMaps::new(&self.cache);
        let map = ground.arranged(Some(&maps), self.engine, &cancel, &mut |progress| {
            teller.share(progress);
        });
        teller.clear();
        let map = map?;
        if self.measures {
            return self.measure(&ground, &map, &cancel);
        }
        self.write(&ground.collection, &map, &cancel)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Map {
    /// `animals + garden`
    fn name(&self) -> String {
        self.datasets.iter().map(|dataset| dataset.name.as_str()).collect::<Vec<_>>().join(" + ")
    }

    fn measure(&self, ground: &MapGround, map: &PictureMap, cancel: &Cancel) -> anyhow::Result<ExitCode> {
        let mut lines = String::from("map,trustworthiness\n");
        for map in [&ground.first(), map] {
            let Some(kept) = ground.trustworthiness(map, K, cancel)? else {
                bail!("{}: too few pictures: more than {} are needed", self.name(), 2 * K);
            };
            let name = match map.kind {
                MapKind::Components => "components",
                MapKind::Neighbours => "neighbours",
            };
            lines += &format!("{name},{kept:.4}\n");
        }
        print(lines.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, collection: &Collection, map: &PictureMap, cancel: &Cancel) -> Result<()> {
        let Some(output) = &self.output else {
            let mut csv = Vec::new();
            write_csv(collection, map, &mut csv).map_err(Error::io("stdout"))?;
            return print(&csv);
        };
        let pictures = count(collection.len(), "picture");
        let written = match self.format {
            MapFormat::Csv => {
                let mut file = NewFile::create(output, self.force)?;
                write_csv(collection, map, &mut BufWriter::new(&mut file)).map_err(Error::io(output))?;
                cancel.check()?;
                file.keep()?;
                pictures
            }
            MapFormat::Png => {
                let sheet = self.draw(collection, map, cancel)?;
                let mut file = NewFile::create_picture(output)?;
                let (width, height) = sheet.image.dimensions();
                let encoder = PngEncoder::new(&mut file);
                encoder
                    .write_image(sheet.image.as_raw(), width, height, ExtendedColorType::Rgb8)
                    .map_err(|error| match error {
                        ImageError::IoError(error) => error,
                        other => std::io::Error::other(other),
                    })
                    .map_err(Error::io(output))?;
                file.flush().map_err(Error::io(output))?;
                cancel.check()?;
                file.keep()?;
                format!("{pictures}, {} of them shown", thousands(sheet.shown))
            }
        };
        say(&format!("{}: {written}, written to {}", printable(&self.name()), crate::shown::path(output)));
        Ok(())
    }

    fn draw(&self, collection: &Collection, map: &PictureMap, cancel: &Cancel) -> Result<MapSheet> {
        let teller = Mutex::new(Teller::new(&format!("{}, drawing", self.name()), Count::Percent));
        let told = |progress| teller.lock().share(progress);
        let sheet = MapSheet::draw((collection, map), self.size, &Thumbnails::new(&self.cache), cancel, &told);
        teller.lock().clear();
        for error in sheet.as_ref().map(|sheet| &sheet.failed[..]).unwrap_or_default() {
            say(&format!("note: not shown: {error}"));
        }
        sheet
    }
}

const HELP: &str = "\
Examples:
  simages map ~/Photos --output map.png
  simages map ~/Photos --output map.png --size 8192 --tile 64
  simages map animals garden --output map.csv
  simages map ~/Photos --trustworthiness

PNG: pictures where there is room for them without overlap; dots for the others. With two datasets, the first one's dots are blue \
discs, the second one's are orange squares, and its pictures are framed. A PNG never replaces a file, not even with --force, and can't be in a \
folder that the map shows.

CSV, with a header and a line per picture:
  path,x,y,dataset
  /photos/duck.jpg,0.41372377,0.8011,photos
  The longer side of the map runs from 0 to 1, the other has the same scale; y grows downwards.

t-SNE places the pictures by their neighbours under the descriptor gap; byte-identical pictures are at the same place. \
Trustworthiness (Venna and Kaski, 2001; k = 10) is 1 if each picture's ten nearest on the map are its ten most similar.

Exit codes:
  0    done
  1    failed; the message names the file
  2    bad arguments: an unknown dataset, FILE exists
  130  cancelled; everything indexed so far is kept, FILE is not written";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::{Place, parsed};

    fn resolved(place: &Place, more: &[&str]) -> Result<Map> {
        let animals = place.at("datasets/animals");
        let (args, options) = parsed::<MapArgs>(&[&[&animals[..]], more].concat());
        args.resolve(&options)
    }

    #[test]
    fn the_extension_says_what_is_written() {
        let place = Place::new();
        let format = |more: &[&str]| resolved(&place, more).map(|map| map.format);
        assert_eq!(format(&[]).unwrap(), MapFormat::Csv);
        assert_eq!(format(&["--output", &place.at("map.PNG")]).unwrap(), MapFormat::Png);
        assert!(format(&["--output", &place.at("map.gif")]).unwrap_err().to_string().contains(".png or .csv"));
    }

    #[test]
    fn a_picture_replaces_none_and_does_not_become_one_of_those_it_shows() {
        let place = Place::new();
        std::fs::write(place.at("map.png"), "").unwrap();
        std::fs::write(place.at("map.csv"), "").unwrap();
        let said = |more: &[&str]| resolved(&place, more).unwrap_err().to_string();
        assert!(said(&["--output", &place.at("map.png"), "--force"]).contains("never replaced"));
        assert!(said(&["--output", &place.at("datasets/animals/map.png")]).contains("outside its folder"));
        assert!(said(&["--output", &place.at("map.csv")]).contains("--force replaces it"));
        assert!(resolved(&place, &["--output", &place.at("map.csv"), "--force"]).unwrap().force);
    }
}
