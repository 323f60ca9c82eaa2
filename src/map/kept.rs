//! Stores maps on disk, so that they need not be computed again.
//!
//! One file per map, in the user's cache folder. Its name is a hash of the descriptors, so a map is never wrong, only
//! no longer used after pictures have changed. The file holds `SIMmap01`, the places (two float64 per content,
//! little-endian), and the BLAKE3 of everything before. A damaged file, or any other failure here, only costs time.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::points::Points;
use crate::kept_files::{private_folder, prune_to};
use crate::text::hex;
use crate::whole_file::{self, WholeFile};

const MAGIC: &[u8; 8] = b"SIMmap01";
/// Changes when maps are computed differently.
const VERSION: &[u8] = b"gap, t-SNE, 1";
/// Four million places; beyond that the oldest maps are deleted.
const MAX_BYTES: u64 = 64 << 20;
const CHECK: usize = 32;

#[derive(Clone, Debug)]
pub struct KeptMaps {
    folder: PathBuf,
}

/// Identifies the input of a map.
pub struct MapKey([u8; 32]);

impl MapKey {
    /// Everything that the places depend on.
    pub fn of(points: &Points) -> MapKey {
        let mut hasher = blake3::Hasher::new();
        hasher.update(VERSION);
        points.values().chunks(1 << 14).for_each(|values| {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            hasher.update(&bytes);
        });
        MapKey(*hasher.finalize().as_bytes())
    }
}

impl KeptMaps {
    /// `cache` is the user's cache folder for SIMages.
    pub fn new(cache: &Path) -> KeptMaps {
        KeptMaps { folder: cache.join("maps") }
    }

    /// The places of `count` contents, if stored.
    pub fn read(&self, key: &MapKey, count: usize) -> Option<Vec<[f64; 2]>> {
        let bytes = whole_file::read(&self.place(key)).ok()?;
        let (whole, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
        let values = whole.strip_prefix(MAGIC)?;
        if blake3::hash(whole).as_bytes() != check || values.len() != count * 16 {
            return None;
        }
        let (numbers, _) = values.as_chunks::<8>();
        let numbers: Vec<f64> = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let places: Vec<[f64; 2]> = numbers.as_chunks::<2>().0.to_vec();
        places.iter().flatten().all(|x| x.is_finite()).then_some(places)
    }

    /// Stores them; deletes the oldest maps if there are too many.
    pub fn write(&self, key: &MapKey, places: &[[f64; 2]]) {
        if let Err(error) = self.try_write(key, places) {
            tracing::warn!(%error, folder = %crate::shown::path(&self.folder), "the map is not kept");
        }
        prune_to(&self.folder, MAX_BYTES);
    }

    fn try_write(&self, key: &MapKey, places: &[[f64; 2]]) -> std::io::Result<()> {
        let place = self.place(key);
        private_folder(place.parent().expect("in a folder"))?;
        let mut bytes = MAGIC.to_vec();
        places.iter().flatten().for_each(|x| bytes.extend(x.to_le_bytes()));
        let check = blake3::hash(&bytes);
        bytes.extend(check.as_bytes());
        let mut file = WholeFile::create(&place, "map-")?;
        file.write_all(&bytes)?;
        file.replace_soon()
    }

    fn place(&self, key: &MapKey) -> PathBuf {
        let name = hex(&key.0[..16]);
        self.folder.join(&name[..2]).join(&name[2..])
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::map::tests::noise;

    #[test]
    fn a_map_is_found_again_for_the_same_descriptors_only() {
        let folder = tempfile::tempdir().unwrap();
        let maps = KeptMaps::new(folder.path());
        let values = noise(5, 1.0);
        let key = |values: &[f32]| MapKey::of(&Points::from_values(values.to_vec()));
        let places = [[1.5, -2.0], [0.1, 1e-300], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]];
        assert_eq!(maps.read(&key(&values), 5), None);
        maps.write(&key(&values), &places);
        assert_eq!(maps.read(&key(&values), 5).unwrap(), places);
        assert_eq!(maps.read(&key(&values), 4), None);
        let mut other = values.clone();
        other[700] += 1e-3;
        assert_eq!(maps.read(&key(&other), 5), None);
    }

    #[test]
    fn a_damaged_or_foreign_one_is_as_none_and_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let maps = KeptMaps::new(folder.path());
        let key = MapKey::of(&Points::from_values(noise(2, 1.0)));
        let places = [[1.0, 2.0], [3.0, 4.0]];
        maps.write(&key, &places);
        let whole = fs::read(maps.place(&key)).unwrap();
        for cut in 0..whole.len() {
            fs::write(maps.place(&key), &whole[..cut]).unwrap();
            assert_eq!(maps.read(&key, 2), None);
        }
        let mut flipped = whole.clone();
        flipped[20] ^= 1;
        for damaged in [&flipped[..], b"something else, and longer than a hash is by itself"] {
            fs::write(maps.place(&key), damaged).unwrap();
            assert_eq!(maps.read(&key, 2), None);
        }
        maps.write(&key, &places);
        assert_eq!(fs::read(maps.place(&key)).unwrap(), whole);
    }
}
