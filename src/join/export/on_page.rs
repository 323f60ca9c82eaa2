//! Prepares results and joins for a page.

use std::path::{Path, PathBuf};

use super::ranking::IDENTICAL;
use crate::dataset::{ContentHash, ImageFile};
use crate::join::joined_files::JoinedFiles;
use crate::join::metric::Metric;
use crate::join::neighbour::Neighbour;
use crate::join::set_join::Group;
use crate::page::{PageGroup, PagePicture, Weight};

/// The pictures of a dataset, for finding a row's file by name.
#[derive(Clone, Copy, Debug)]
pub struct PictureFiles<'a> {
    /// The dataset's folder.
    pub root: &'a Path,
    /// Sorted by name.
    pub images: &'a [ImageFile],
}

impl PictureFiles<'_> {
    pub fn picture(&self, name: &str, label: impl Into<String>) -> PagePicture {
        match ImageFile::named(self.images, name) {
            Some(image) => PagePicture::of(image, label),
            None => PagePicture::new(self.root.join(name), None, label),
        }
    }
}

/// Keys and their results, best first, with ranks from 1. `contents`: content hashes of the keys for, where known.
pub fn results_on_page(
    keys: Vec<PagePicture>,
    results: &[Neighbour],
    metric: Metric,
    contents: &[Option<ContentHash>],
    files: PictureFiles,
) -> PageGroup {
    let keys = keys.into_iter().map(|key| PagePicture { weight: Weight::Lead, ..key });
    let result = |(rank, found): (usize, &Neighbour)| PagePicture {
        value: match found.row.is_identical(contents.get(found.nearest).copied().flatten()) {
            true => IDENTICAL.to_owned(),
            false => format!("{} {}", metric.name(), metric.format(found.value)),
        },
        ..files.picture(&found.row.name, rank.to_string())
    };
    let pictures = keys.chain((1..).zip(results).map(result)).collect();
    PageGroup { heading: String::new(), has_lead: true, pictures }
}

/// Takes the groups of a join as they come, and keeps as many as a page has room for.
pub struct JoinOnPage<'a> {
    /// The folders of the keys' dataset and of the other one.
    roots: [PathBuf; 2],
    files: &'a JoinedFiles,
    metric: Metric,
    is_self_join: bool,
    most: usize,
    kept: usize,
    pub groups: Vec<PageGroup>,
    /// The number of all pictures, including keys; kept or not.
    pub of: usize,
}

impl<'a> JoinOnPage<'a> {
    /// For a self-join, both folders are the same. Keeps at most this many pictures, plus the rest of the last group.
    pub fn new(roots: [PathBuf; 2], files: &'a JoinedFiles, metric: Metric, most: usize) -> JoinOnPage<'a> {
        let is_self_join = files.others.is_empty();
        JoinOnPage { roots, files, metric, is_self_join, most, kept: 0, groups: Vec::new(), of: 0 }
    }

    pub fn take(&mut self, group: &Group) {
        if group.neighbours.is_empty() {
            return;
        }
        self.of += 1 + group.neighbours.len();
        if self.kept >= self.most {
            return;
        }
        let [keys, others] = [&self.files.keys, if self.is_self_join { &self.files.keys } else { &self.files.others }];
        let keys = PictureFiles { root: &self.roots[0], images: keys };
        let others = PictureFiles { root: &self.roots[1], images: others };
        // Don't make records that won't fit.
        let some = &group.neighbours[..group.neighbours.len().min(self.most)];
        let key = keys.picture(&group.key.name, "key");
        let group = results_on_page(vec![key], some, self.metric, &[group.key.content()], others);
        self.kept += group.pictures.len();
        self.groups.push(group);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descriptor::{Descriptor, Row};

    #[test]
    fn a_join_keeps_what_a_page_has_room_for_and_counts_the_rest() {
        let row = |name: &str| Arc::new(Row::new(name, None, Descriptor::default()));
        let group = |key: &str, neighbours: &[&str]| {
            let neighbours = neighbours.iter().map(|name| Neighbour::new(row(name), 0.5)).collect();
            Group { key: row(key), neighbours }
        };
        let files = JoinedFiles::default();
        let mut page = JoinOnPage::new([PathBuf::from("/k"), PathBuf::from("/o")], &files, Metric::Cosine, 3);
        for group in [group("a", &["x", "y"]), group("alone", &[]), group("b", &["x"]), group("c", &["z"; 7])] {
            page.take(&group);
        }
        assert_eq!((page.groups.len(), page.of), (1, 13));
        let told = |picture: &PagePicture| (picture.path.clone(), picture.label.clone(), picture.value.clone());
        let told: Vec<_> = page.groups[0].pictures.iter().map(told).collect();
        let expected = [("/k/a", "key", ""), ("/o/x", "1", "cosine 0.500"), ("/o/y", "2", "cosine 0.500")];
        assert_eq!(told, expected.map(|(path, label, value)| (path.into(), label.to_owned(), value.to_owned())));
    }
}
