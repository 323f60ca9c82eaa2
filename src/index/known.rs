//! Rows to be found again by what their pictures' files hold.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::dataset::{ContentHash, ImageFile, Stamp};
use crate::descriptor::Row;

/// Coarser times are of file systems and archives that give many files the same one: FAT, zip, tar. Another picture of the same
/// size and name may have them too.
const FINE_NS: i64 = 10_000_000;

/// Rows by the size of their files: only where the size is known is a new file read to be recognized.
#[derive(Default)]
pub struct KnownFiles {
    by_size: HashMap<u64, Vec<Arc<Row>>>,
}

impl KnownFiles {
    /// Those of `rows` whose files' content is known.
    pub fn new<'a>(rows: impl IntoIterator<Item = &'a Arc<Row>>) -> KnownFiles {
        let mut known = KnownFiles::default();
        rows.into_iter().for_each(|row| known.add(row));
        known
    }

    pub fn add(&mut self, row: &Arc<Row>) {
        if let (Some(stamp), Some(_)) = (row.stamp, row.content()) {
            self.by_size.entry(stamp.size).or_default().push(row.clone());
        }
    }

    /// Whether a file of so many bytes may hold what one of them did.
    pub fn may_have(&self, size: u64) -> bool {
        self.by_size.contains_key(&size)
    }

    /// A row of the same content.
    pub fn find(&self, size: u64, content: ContentHash) -> Option<&Arc<Row>> {
        self.by_size.get(&size)?.iter().find(|row| row.content() == Some(content))
    }
}

/// Which of `images`, which have no row, are pictures of `absent` rows that were moved or renamed, told without reading
/// them: by size and a time that no two files have by chance, where one picture and one row have them, or have them together
/// with the file's own name. By their places in both.
pub fn moved(images: &[ImageFile], absent: &[Arc<Row>]) -> Vec<(usize, usize)> {
    let fine = |stamp: Stamp| (stamp.mtime_ns % FINE_NS != 0).then_some(stamp);
    let mut found = matches(
        images.iter().map(|image| Some((fine(image.stamp())?, file_name(&image.name)))),
        absent.iter().map(|row| Some((fine(row.stamp?)?, file_name(&row.name)))),
    );
    let (of_images, of_rows): (HashSet<_>, HashSet<_>) = found.iter().copied().unzip();
    let rest = matches(
        images.iter().enumerate().map(|(at, image)| fine(image.stamp()).filter(|_| !of_images.contains(&at))),
        absent.iter().enumerate().map(|(at, row)| fine(row.stamp?).filter(|_| !of_rows.contains(&at))),
    );
    found.extend(rest);
    found
}

/// The places of keys that are there once on either side.
fn matches<K: std::hash::Hash + Eq>(
    left: impl Iterator<Item = Option<K>>,
    right: impl Iterator<Item = Option<K>>,
) -> Vec<(usize, usize)> {
    let (left, right) = (once(left), once(right));
    let mut found: Vec<_> = left.into_iter().filter_map(|(key, l)| Some((l?, (*right.get(&key)?)?))).collect();
    found.sort_unstable();
    found
}

/// Where each key is; None for one that is there more than once.
fn once<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = Option<K>>) -> HashMap<K, Option<usize>> {
    let mut places = HashMap::new();
    for (at, key) in keys.enumerate().filter_map(|(at, key)| Some((at, key?))) {
        places.entry(key).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}

fn file_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, file)| file)
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
    fn moved_pictures_are_told_by_size_and_time_where_only_one_can_be_meant() {
        let (fine, coarse) = (123_456_789, 2_000_000_000);
        let found = |images: &[ImageFile], rows: &[Arc<Row>]| moved(images, rows);
        // Another folder, and another name.
        assert_eq!(found(&[image("b/x.jpg", 9, fine)], &[row("a/x.jpg", 9, fine)]), [(0, 0)]);
        assert_eq!(found(&[image("y.jpg", 9, fine)], &[row("x.jpg", 9, fine)]), [(0, 0)]);
        // Times that many have prove nothing.
        assert_eq!(found(&[image("y.bmp", 9, coarse)], &[row("x.bmp", 9, coarse)]), []);
        assert_eq!(found(&[image("2/x.bmp", 9, coarse)], &[row("1/x.bmp", 9, coarse)]), []);
        assert_eq!(found(&[image("x.jpg", 9, fine)], &[row("x.jpg", 8, fine)]), []);
        // Two that look alike from outside are told by their names, or not at all.
        let rows = [row("a/1.bmp", 9, fine), row("a/2.bmp", 9, fine)];
        assert_eq!(found(&[image("b/2.bmp", 9, fine), image("b/1.bmp", 9, fine)], &rows), [(0, 1), (1, 0)]);
        assert_eq!(found(&[image("b/3.bmp", 9, fine), image("b/4.bmp", 9, fine)], &rows), []);
        assert_eq!(found(&[image("b/1.bmp", 9, fine), image("b/4.bmp", 9, fine)], &rows), [(0, 0), (1, 1)]);
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
