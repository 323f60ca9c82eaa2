//! Hashes a file that isn't decoded.

use std::path::Path;

use super::content::{ContentHash, Hashing};
use super::patience::watched;
use super::unreadable::Unreadable;
use super::watched_file::WatchedFile;
use crate::error::{Error, Result};

/// Reads the whole file at `path`. A read that hangs becomes an error after a while, as with decoding.
pub fn hash_file(path: &Path) -> Result<ContentHash> {
    let inside = path.to_owned();
    let hash = watched(move |watch| {
        let mut file = WatchedFile::open(&inside, watch)?;
        Hashing::default().finish(&mut file).map_err(Unreadable::Io)
    });
    hash.map_err(|reason| Error::picture(path, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::dataset::decode::looked_at;

    #[test]
    fn it_is_that_of_all_bytes_decoded_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let grey = std::fs::read(fixtures.join("version3/grey.png")).unwrap();
        // Decoders need not read what comes after the picture.
        let longer = [&grey[..], &[7; 70_000]].concat();
        let mut jpeg = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(300, 200).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        for (name, bytes) in [("grey.png", grey), ("longer.png", longer), ("black.jpg", jpeg.into_inner())] {
            let path = folder.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            let expected = ContentHash(*blake3::hash(&bytes).as_bytes());
            assert_eq!(hash_file(&path).unwrap(), expected, "{name}");
            let all = |size: u32, _: u32| (0..size).collect();
            assert_eq!(looked_at(&path, all, &Cancel::default()).unwrap().1.content, expected, "{name}");
        }
        let message = hash_file(&folder.path().join("nowhere.jpg")).unwrap_err().to_string();
        assert!(message.contains("nowhere.jpg"), "{message}");
    }
}
