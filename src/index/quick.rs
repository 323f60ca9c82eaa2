//! Looks at a dataset's files without the network, which is enough to find near-duplicates by the small hash. Results
//! are cached in the user's cache folder.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::in_turn::look_at_all;
use super::store::{Store, name_in_cache};
use crate::cancel::Cancel;
use crate::checksum::is_sound;
use crate::dataset::{
    ContentHash, Dataset, Facts, FileLook, ImageFile, PerceptualHash, Scan, Skipped, SmallPicture, Stamp, decode,
};
use crate::descriptor::{Descriptor, FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::vgg16::NetworkOptions;
use crate::whole_file::WholeFile;

const MAGIC: &[u8; 16] = b"simages looks 2\n";
/// After the name: size, time, hashes, facts, small picture.
const FIXED: usize = 8 + 8 + 32 + PerceptualHash::BYTES + Facts::BYTES + SmallPicture::BYTES;

/// The result for a dataset.
pub struct QuickLook {
    /// Rows without descriptors, except for pictures already indexed.
    pub matrix: FeatureMatrix,
    pub scan: Scan,
    /// Pictures that can't be decoded.
    pub skipped: Vec<Skipped>,
}

/// Looks at all files of a dataset that have changed or are new.
pub fn quick(
    dataset: &Dataset,
    cache: &Path,
    options: &NetworkOptions,
    cancel: &Cancel,
    report: &mut dyn FnMut(Progress),
) -> Result<QuickLook> {
    let mut scan = dataset.scan(cancel, &mut |_| ())?;
    let indexed = Store::new(dataset, cache).at_hand().map(|stored| stored.matrix).unwrap_or_default();
    let known = |image: &ImageFile| {
        indexed.get(&image.name).filter(|row| row.stamp == Some(image.stamp()) && row.was_looked_at()).cloned()
    };
    let missing: Vec<ImageFile> = scan.images.iter().filter(|image| known(image).is_none()).cloned().collect();
    let looks = QuickLooks { cache: cache.to_owned(), options: options.clone() };
    let mut skipped = std::mem::take(&mut scan.skipped);
    let (rows, undecoded) = looks.rows(dataset, &scan.images, &missing, cancel, report)?;
    skipped.extend(undecoded);
    let matrix: FeatureMatrix = scan.images.iter().filter_map(known).chain(rows).collect();
    Ok(QuickLook { matrix: matrix.with_crops(indexed.crops), scan, skipped })
}

/// Where results are cached, and the number of threads.
#[derive(Clone, Debug)]
pub struct QuickLooks {
    pub cache: PathBuf,
    pub options: NetworkOptions,
}

impl QuickLooks {
    /// Rows without descriptors for the `missing` ones of a dataset's `images`, and those that can't be decoded. A file
    /// is looked at once, until it changes.
    pub fn rows(
        &self,
        dataset: &Dataset,
        images: &[ImageFile],
        missing: &[ImageFile],
        cancel: &Cancel,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(Vec<Arc<Row>>, Vec<Skipped>)> {
        let place = place(dataset, &self.cache);
        let mut seen = read(&place);
        let is_seen = |seen: &HashMap<String, (Stamp, FileLook)>, image: &ImageFile| {
            seen.get(&image.name).is_some_and(|(stamp, _)| *stamp == image.stamp())
        };
        let unseen: Vec<ImageFile> = missing.iter().filter(|image| !is_seen(&seen, image)).cloned().collect();
        let mut skipped = Vec::new();
        let stop = Cancel::default();
        let mut progress = Progress::images(0, unseen.len());
        if !unseen.is_empty() {
            report(progress);
        }
        let outcome = thread::scope(|scope| {
            let look = |image: &ImageFile| (image.clone(), decode::look(&image.path, cancel));
            let looks = look_at_all(scope, &unseen, 64, &self.options, &stop, look)?;
            let outcome = (|| {
                for (image, look) in &looks {
                    cancel.check()?;
                    progress.done += 1;
                    report(progress);
                    match look {
                        Ok(look) => drop(seen.insert(image.name.clone(), (image.stamp(), look))),
                        Err(error @ Error::Limit(_)) => return Err(error),
                        Err(error) => skipped.push(Skipped::picture(&image, error.beside_its_name())),
                    }
                }
                Ok(())
            })();
            stop.cancel();
            drop(looks);
            outcome
        });
        let row = |image: &ImageFile| {
            let (_, look) = seen.get(&image.name).filter(|(stamp, _)| *stamp == image.stamp())?;
            Some(Arc::new(Row::of(image, Descriptor::default(), look)))
        };
        let rows = missing.iter().filter_map(row).collect();
        // Save what was seen so far, even when cancelled. A cache that can't be written only costs time.
        if !unseen.is_empty() {
            seen.retain(|name, _| ImageFile::named(images, name).is_some());
            if let Err(error) = write(&place, &seen) {
                tracing::warn!(%error, "looks are not kept");
            }
        }
        outcome.map(|()| (rows, skipped))
    }
}

fn place(dataset: &Dataset, cache: &Path) -> PathBuf {
    cache.join("looks").join(name_in_cache(dataset))
}

/// The cached results; empty if damaged.
fn read(place: &Path) -> HashMap<String, (Stamp, FileLook)> {
    let Ok(bytes) = std::fs::read(place) else { return HashMap::new() };
    let sound = bytes.split_last_chunk().filter(|(rest, sum)| is_sound(&[*rest], u32::from_le_bytes(**sum)));
    let records = sound.and_then(|(rest, _)| rest.strip_prefix(MAGIC)).unwrap_or_default();
    let mut seen = HashMap::new();
    let mut rest = records;
    while let Some((name, record, after)) = next(rest) {
        seen.extend(parsed(record).map(|look| (name, look)));
        rest = after;
    }
    seen
}

/// A record's name, its content, and the records after it.
fn next(bytes: &[u8]) -> Option<(String, &[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    let (record, after) = rest.split_at_checked(FIXED)?;
    Some((String::from_utf8(name.to_owned()).ok()?, record, after))
}

fn parsed(record: &[u8]) -> Option<(Stamp, FileLook)> {
    let (size, rest) = record.split_first_chunk()?;
    let (mtime_ns, rest) = rest.split_first_chunk()?;
    let (content, rest) = rest.split_first_chunk()?;
    let (hash, rest) = rest.split_at(PerceptualHash::BYTES);
    let (facts, small) = rest.split_at(Facts::BYTES);
    let stamp = Stamp { size: u64::from_le_bytes(*size), mtime_ns: i64::from_le_bytes(*mtime_ns) };
    let small = SmallPicture(Box::new(small.try_into().ok()?));
    let look = FileLook {
        content: ContentHash(*content),
        hash: PerceptualHash::from_bytes(hash)?,
        facts: Facts::from_bytes(facts)?,
        small,
    };
    Some((stamp, look))
}

fn write(place: &Path, seen: &HashMap<String, (Stamp, FileLook)>) -> Result<()> {
    let folder = place.parent().expect("made of a folder");
    std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let mut bytes = MAGIC.to_vec();
    for (name, (stamp, look)) in seen {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend(stamp.size.to_le_bytes());
        bytes.extend(stamp.mtime_ns.to_le_bytes());
        bytes.extend(look.content.0);
        bytes.extend(look.hash.to_bytes());
        bytes.extend(look.facts.to_bytes());
        bytes.extend(&look.small.0[..]);
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    let written = || {
        let mut file = WholeFile::create(place, ".looks.")?;
        file.write_all(&bytes)?;
        file.replace_soon()
    };
    written().map_err(Error::io(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_looked_at_once_and_a_damaged_cache_is_no_error() {
        let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (at, name) in ["a.png", "b.png"].iter().enumerate() {
            let picture =
                image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([(x * 6) as u8, (y * 7) as u8, at as u8 * 90]));
            picture.save(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("c.png"), "no picture").unwrap();
        let dataset = Dataset::open(folder.path()).unwrap();
        let look = || {
            let mut looked = 0;
            let options = NetworkOptions::default();
            let found =
                quick(&dataset, cache.path(), &options, &Cancel::default(), &mut |progress| looked = progress.of);
            (found.unwrap(), looked)
        };
        let (found, looked) = look();
        assert_eq!((found.matrix.len(), found.skipped.len(), looked), (2, 1, 3));
        assert!(found.matrix.rows().iter().all(|row| row.was_looked_at() && row.descriptor == Descriptor::default()));
        let (again, looked) = look();
        assert_eq!((again.matrix, looked), (found.matrix.clone(), 1));
        let place = place(&dataset, cache.path());
        let mut bytes = std::fs::read(&place).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&place, bytes).unwrap();
        let (again, looked) = look();
        assert_eq!((again.matrix, looked), (found.matrix, 3));
    }
}
