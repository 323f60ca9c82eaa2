//! Finds rows again by the contents of their pictures' files.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::dataset::{ContentHash, ImageFile, Stamp};
use crate::descriptor::Row;

/// Coarser times come from file systems and archives that give the same time to many files: FAT, zip, tar. Another
/// picture with the same name and size may have the same time.
const FINE_NS: i64 = 10_000_000;

/// Rows by the size of their files: a new file is read only if a known one has its size.
#[derive(Default)]
pub struct KnownFiles {
    by_size: HashMap<u64, Vec<Arc<Row>>>,
}

impl KnownFiles {
    /// Those of `rows` whose files have a known content hash.
    pub fn new<'a>(rows: impl IntoIterator<Item = &'a Arc<Row>>) -> KnownFiles {
        let mut known = KnownFiles::default();
        rows.into_iter().for_each(|row| known.add(row));
        known
    }

    pub fn add(&mut self, row: &Arc<Row>) {
        if let (Some(stamp), Some(_), false) = (row.stamp, row.content(), row.is_outdated()) {
            self.by_size.entry(stamp.size).or_default().push(row.clone());
        }
    }

    /// Whether a known file has this size.
    pub fn may_have(&self, size: u64) -> bool {
        self.by_size.contains_key(&size)
    }

    /// A row with this content.
    pub fn find(&self, size: u64, content: ContentHash) -> Option<&Arc<Row>> {
        self.by_size.get(&size)?.iter().find(|row| row.content() == Some(content))
    }
}

/// Finds `images` without a row that are moved or renamed pictures of `absent` rows, without reading them: the file has
/// the same inode number, size and time. Rows from a version without inode numbers match by size and time alone.
/// Returns pairs of indices into both. Leaves out rows whose decoder has changed since.
pub fn moved(images: &[ImageFile], absent: &[Arc<Row>]) -> Vec<(usize, usize)> {
    let stamp = |row: &Row| row.stamp.filter(|_| !row.is_outdated());
    let fine = |stamp: Stamp| (stamp.mtime_ns % FINE_NS != 0).then_some(stamp);
    let mut found = matches(
        images.iter().map(|image| Some((fine(image.stamp())?, image.id.inode()?))),
        absent.iter().map(|row| Some((fine(stamp(row)?)?, row.inode()?))),
    );
    let of_images: HashSet<_> = found.iter().map(|(image, _)| *image).collect();
    let rest = matches(
        images.iter().enumerate().map(|(at, image)| fine(image.stamp()).filter(|_| !of_images.contains(&at))),
        absent.iter().map(|row| fine(stamp(row)?).filter(|_| row.inode().is_none())),
    );
    found.extend(rest);
    found
}

/// The positions of keys that occur exactly once on each side.
fn matches<K: std::hash::Hash + Eq>(
    left: impl Iterator<Item = Option<K>>,
    right: impl Iterator<Item = Option<K>>,
) -> Vec<(usize, usize)> {
    let (left, right) = (once(left), once(right));
    let mut found: Vec<_> = left.into_iter().filter_map(|(key, l)| Some((l?, (*right.get(&key)?)?))).collect();
    found.sort_unstable();
    found
}

/// The position of each key; None for a key that occurs more than once.
fn once<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = Option<K>>) -> HashMap<K, Option<usize>> {
    let mut places = HashMap::new();
    for (at, key) in keys.enumerate().filter_map(|(at, key)| Some((at, key?))) {
        places.entry(key).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::FileId;
    use crate::descriptor::Descriptor;

    fn image(name: &str, size: u64, mtime_ns: i64) -> ImageFile {
        let id = FileId::Path(std::path::Path::new(name).into());
        ImageFile { name: name.into(), path: name.into(), size, mtime_ns, ctime_ns: 0, id }
    }

    fn row(name: &str, size: u64, mtime_ns: i64) -> Arc<Row> {
        Arc::new(Row::new(name, Some(Stamp { size, mtime_ns }), Descriptor::default()))
    }

    #[test]
    fn moved_pictures_are_told_by_their_files_where_only_one_can_be_meant() {
        let (fine, coarse) = (123_456_789, 2_000_000_000);
        let numbered = |name: &str, mtime_ns, inode| {
            let id = FileId::Inode { device: 1, inode };
            (
                ImageFile { id, ..image(name, 9, mtime_ns) },
                Arc::new(Row::clone(&row(name, 9, mtime_ns)).with_inode(Some(inode))),
            )
        };
        let found = |images: &[(ImageFile, Arc<Row>)], rows: &[(ImageFile, Arc<Row>)]| {
            let images: Vec<_> = images.iter().map(|(image, _)| image.clone()).collect();
            moved(&images, &rows.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>())
        };
        assert_eq!(found(&[numbered("b/y", fine, 5)], &[numbered("a/x", fine, 5)]), [(0, 0)]);
        // Another file of the same size and time, as one `touch` of both leaves them.
        assert_eq!(found(&[numbered("y", fine, 6)], &[numbered("x", fine, 5)]), []);
        // Inode numbers are reused, and archives give equal times.
        assert_eq!(found(&[numbered("y", coarse, 5)], &[numbered("x", coarse, 5)]), []);
        // No inode numbers: one file of that size and time is it, one of two may not be.
        let old = |name: &str, mtime_ns| (image(name, 9, mtime_ns), row(name, 9, mtime_ns));
        assert_eq!(found(&[numbered("y", fine, 6)], &[old("x", fine)]), [(0, 0)]);
        assert_eq!(found(&[numbered("y", fine, 6), numbered("z", fine, 7)], &[old("x", fine)]), []);
        assert_eq!(found(&[numbered("y", coarse, 6)], &[old("x", coarse)]), []);
    }

    #[test]
    fn rows_are_found_by_content() {
        let (one, other) = (ContentHash([1; 32]), ContentHash([2; 32]));
        let known = KnownFiles::new(&[row("old", 9, 1), Arc::new(Row::clone(&row("a", 9, 1)).with_content(one))]);
        assert!(known.may_have(9) && !known.may_have(8));
        assert_eq!(known.find(9, one).unwrap().name, "a");
        assert!(known.find(9, other).is_none());
    }
}
