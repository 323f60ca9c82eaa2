//! Thumbnails on disk, so that photographs need not be decoded again.
//!
//! One file per thumbnail, in the user's cache folder: the picture's width and height, then a JPEG. The file's name is
//! derived from the picture's path, size and modification time, so a thumbnail is never wrong, only no longer used. Any
//! failure here only costs time.

use std::io::Write;
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use sha2::{Digest, Sha256};

use super::formats::jpeg_in_memory;
use super::stamp::Stamp;
use super::thumbnail::{self, EDGE};
use crate::error::Result;
use crate::kept_files::{private_folder, prune_to};
use crate::text::hex;
use crate::whole_file::{self, WholeFile};

/// Some ten thousand photographs; beyond that the oldest are deleted.
const MAX_BYTES: u64 = 512 << 20;
/// Of 100. A thumbnail is scaled down again before display.
const QUALITY: u8 = 90;
/// Smaller pictures decode as fast as their thumbnails would.
const WORTH_KEEPING: u32 = 2 * EDGE;
const MAGIC: [u8; 8] = *b"SIMthum1";

#[derive(Clone)]
pub struct Thumbnails {
    folder: PathBuf,
}

/// A thumbnail, and its picture's own width and height in pixels.
pub type Thumbnail = (RgbImage, (u32, u32));

impl Thumbnails {
    /// `cache` is the user's cache folder for SIMages.
    pub fn new(cache: &Path) -> Thumbnails {
        Thumbnails { folder: cache.join("thumbnails") }
    }

    /// The thumbnail of the picture at `path`, as [`thumbnail::open`] makes it; without a `stamp`, it is always made
    /// anew.
    pub fn open(&self, path: &Path, stamp: Option<Stamp>) -> Result<Thumbnail> {
        let kept = stamp.and_then(|stamp| self.place(path, stamp));
        if let Some(thumbnail) = kept.as_deref().and_then(read) {
            return Ok(thumbnail);
        }
        let (bitmap, pixels) = thumbnail::open(path)?;
        if pixels.0.max(pixels.1) >= WORTH_KEEPING
            && let Some(place) = kept
        {
            let _ = write(&place, &bitmap, pixels);
        }
        Ok((bitmap, pixels))
    }

    fn place(&self, path: &Path, stamp: Stamp) -> Option<PathBuf> {
        let mut hasher = Sha256::new();
        hasher.update(path.canonicalize().ok()?.as_os_str().as_encoded_bytes());
        hasher.update([0]);
        hasher.update(stamp.size.to_le_bytes());
        hasher.update(stamp.mtime_ns.to_le_bytes());
        let name = hex(&hasher.finalize()[..16]);
        // Not too many per folder.
        Some(self.folder.join(&name[..2]).join(&name[2..]))
    }

    /// Deletes the oldest thumbnails if they take too many bytes.
    pub fn prune(&self) {
        prune_to(&self.folder, MAX_BYTES);
    }
}

fn read(place: &Path) -> Option<Thumbnail> {
    let bytes = whole_file::read(place).ok()?;
    let (width, rest) = bytes.strip_prefix(&MAGIC)?.split_first_chunk()?;
    let (height, jpeg) = rest.split_first_chunk()?;
    let bitmap = jpeg_in_memory(jpeg).ok()?;
    Some((bitmap, (u32::from_le_bytes(*width), u32::from_le_bytes(*height))))
}

fn write(place: &Path, bitmap: &RgbImage, pixels: (u32, u32)) -> std::io::Result<()> {
    let folder = place.parent().expect("in a folder");
    private_folder(folder)?;
    let mut file = WholeFile::create(place, "thumbnail-")?;
    let mut bytes = [&MAGIC[..], &pixels.0.to_le_bytes(), &pixels.1.to_le_bytes()].concat();
    bitmap.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).map_err(std::io::Error::other)?;
    file.write_all(&bytes)?;
    file.replace_soon()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::SystemTime;

    use super::*;

    struct Place {
        folder: tempfile::TempDir,
        thumbnails: Thumbnails,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let thumbnails = Thumbnails::new(&folder.path().join("cache"));
        Place { folder, thumbnails }
    }

    impl Place {
        fn picture(&self, name: &str, red: u8) -> PathBuf {
            let path = self.folder.path().join(name);
            RgbImage::from_pixel(1200, 600, image::Rgb([red, 0, 0])).save(&path).unwrap();
            path
        }

        fn red(&self, path: &Path, mtime_ns: i64) -> u8 {
            let (bitmap, pixels) = self.thumbnails.open(path, Some(Stamp { size: 7, mtime_ns })).unwrap();
            assert_eq!((bitmap.dimensions(), pixels), ((512, 256), (1200, 600)));
            bitmap.get_pixel(100, 100).0[0]
        }

        fn files(&self) -> Vec<PathBuf> {
            let folders = fs::read_dir(&self.thumbnails.folder).into_iter().flatten().flatten();
            folders.flat_map(|f| fs::read_dir(f.path()).unwrap()).map(|f| f.unwrap().path()).collect()
        }
    }

    #[test]
    fn a_picture_is_decoded_once_until_it_changes() {
        let place = place();
        let path = place.picture("p.png", 100);
        assert!(place.red(&path, 1).abs_diff(100) < 3);
        // Behind its back: nobody decodes it again.
        place.picture("p.png", 200);
        assert!(place.red(&path, 1).abs_diff(100) < 3);
        assert!(place.red(&path, 2).abs_diff(200) < 3);
        assert_eq!(place.files().len(), 2);
    }

    #[test]
    fn a_damaged_thumbnail_is_made_again_and_small_pictures_need_none() {
        let place = place();
        let path = place.picture("p.png", 100);
        place.red(&path, 1);
        let kept = place.files().remove(0);
        for damaged in [&b""[..], b"SIMthum1", b"SIMthum1\x01\0\0\0\x01\0\0\0\xff\xd8\xff"] {
            fs::write(&kept, damaged).unwrap();
            assert!(place.red(&path, 1).abs_diff(100) < 3);
        }
        assert!(fs::read(&kept).unwrap().len() > 1000);
        let small = place.folder.path().join("s.png");
        RgbImage::new(30, 20).save(&small).unwrap();
        place.thumbnails.open(&small, Some(Stamp { size: 1, mtime_ns: 1 })).unwrap();
        assert_eq!(place.files().len(), 1);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let place = place();
        let path = place.picture("p.png", 100);
        for i in 0..8 {
            place.red(&path, i);
            let newest = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000 + i as u64);
            let kept = place.thumbnails.place(&path, Stamp { size: 7, mtime_ns: i }).unwrap();
            fs::File::open(kept).unwrap().set_modified(newest).unwrap();
        }
        let one = fs::metadata(&place.files()[0]).unwrap().len();
        prune_to(&place.thumbnails.folder, 8 * one);
        assert_eq!(place.files().len(), 8);
        prune_to(&place.thumbnails.folder, 4 * one);
        let left: Vec<_> = (0..8)
            .filter(|i| place.thumbnails.place(&path, Stamp { size: 7, mtime_ns: *i }).unwrap().exists())
            .collect();
        assert_eq!(left, [5, 6, 7]);
    }
}
