//! The pictures of one or several datasets as one set: each file once, with byte-identical ones together.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::seen_pairs::SeenPairs;
use crate::dataset::{ContentHash, Facts, FileId, ImageFile};
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Error, Result};

/// A dataset to search.
#[derive(Clone, Debug)]
pub struct CollectionSource {
    pub name: String,
    pub root: PathBuf,
    pub matrix: FeatureMatrix,
    /// Sorted by name.
    pub images: Arc<Vec<ImageFile>>,
}

/// A picture, and the file it was found in.
#[derive(Clone, Debug)]
pub struct CollectedPicture {
    /// The index of its source.
    pub source: usize,
    image: usize,
    pub row: Arc<Row>,
    /// None if it wasn't looked at: an older version indexed it.
    pub facts: Option<Facts>,
}

/// Pictures by index, in the order of their sources, then of their names.
#[derive(Debug, Default)]
pub struct Collection {
    sources: Vec<CollectionSource>,
    pictures: Vec<CollectedPicture>,
    /// The byte-identical pictures of each content. Only the first of each is compared.
    contents: Vec<Vec<u32>>,
    /// The index of each picture's content.
    content_of: Vec<u32>,
    /// How many pictures weren't looked at: an older version indexed them.
    unseen: usize,
    /// Where folders really are whose paths lead through links, if that was asked for.
    linked: HashMap<PathBuf, PathBuf>,
    pub seen: SeenPairs,
}

impl Collection {
    /// If sources were indexed with different crops, an error that names them: their descriptors aren't comparable.
    pub fn new(sources: Vec<CollectionSource>) -> Result<Collection> {
        let filled: Vec<_> = sources.iter().filter(|source| !source.matrix.is_empty()).collect();
        if let Some(pair) = filled.windows(2).find(|pair| pair[0].matrix.crops != pair[1].matrix.crops) {
            let names = pair.iter().map(|source| crate::shown::path(&source.root)).collect::<Vec<_>>().join(" and ");
            let text = format!(
                "{names} were indexed with different --crops: index one of them again with the --crops of the other"
            );
            return Err(Error::Input(text));
        }
        let mut collection = Collection::default();
        let mut files: HashSet<&FileId> = HashSet::new();
        let mut contents: HashMap<ContentHash, u32> = HashMap::new();
        for (number, source) in sources.iter().enumerate() {
            let mut rows = source.matrix.rows().iter().peekable();
            for (image, file) in source.images.iter().enumerate() {
                while rows.next_if(|row| row.name < file.name).is_some() {}
                let Some(row) = rows.next_if(|row| row.name == file.name) else { continue };
                // The file has changed: its new row doesn't exist yet.
                if row.stamp.is_some_and(|stamp| stamp != file.stamp()) {
                    continue;
                }
                if !files.insert(&file.id) {
                    continue;
                }
                let (at, next) = (collection.pictures.len() as u32, collection.contents.len() as u32);
                let content = row.content().map_or(next, |content| *contents.entry(content).or_insert(next));
                if content == next {
                    collection.contents.push(Vec::new());
                }
                collection.contents[content as usize].push(at);
                collection.content_of.push(content);
                collection.pictures.push(CollectedPicture {
                    source: number,
                    image,
                    row: row.clone(),
                    facts: row.facts(),
                });
            }
        }
        let unseen = collection.pictures.iter().filter(|picture| picture.facts.is_none()).count();
        Ok(Collection { sources, unseen, ..collection })
    }

    /// Finds out where linked folders lead, for the rules on the kept picture: asks the system about each folder.
    pub fn with_real_folders(self) -> Collection {
        Collection { linked: linked_folders(&self.sources), ..self }
    }

    pub fn sources(&self) -> &[CollectionSource] {
        &self.sources
    }

    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    pub fn picture(&self, at: u32) -> &CollectedPicture {
        &self.pictures[at as usize]
    }

    /// The picture called `name` in this source.
    pub fn find(&self, source: usize, name: &str) -> Option<u32> {
        let order = |picture: &CollectedPicture| (picture.source, picture.row.name.as_str()).cmp(&(source, name));
        self.pictures.binary_search_by(order).ok().map(|at| at as u32)
    }

    pub fn image(&self, at: u32) -> &ImageFile {
        let picture = self.picture(at);
        &self.sources[picture.source].images[picture.image]
    }

    /// Where the picture's folder really is, if its path leads through a linked folder.
    pub fn real_folder(&self, at: u32) -> Option<&Path> {
        self.linked.get(self.image(at).path.parent()?).map(PathBuf::as_path)
    }

    /// A picture's name; with several sources, preceded by its source's.
    pub fn name(&self, at: u32) -> String {
        let (source, name) = (&self.sources[self.picture(at).source], &self.picture(at).row.name);
        match &self.sources[..] {
            [_] => name.clone(),
            all if all.iter().filter(|other| other.name == source.name).count() == 1 => {
                format!("{}/{name}", source.name)
            }
            _ => crate::shown::path(source.root.join(name)),
        }
    }

    /// The number of contents.
    pub fn contents(&self) -> usize {
        self.contents.len()
    }

    /// The pictures with this content.
    pub fn of_content(&self, content: u32) -> &[u32] {
        &self.contents[content as usize]
    }

    pub fn content_of(&self, picture: u32) -> u32 {
        self.content_of[picture as usize]
    }

    /// The picture that is compared for its content.
    pub fn compared(&self, content: u32) -> &CollectedPicture {
        self.picture(self.contents[content as usize][0])
    }

    /// A row for each of these contents, in their order, under names made from their indices.
    pub fn matrix(&self, contents: impl IntoIterator<Item = u32>) -> FeatureMatrix {
        let filled = self.sources.iter().find(|source| !source.matrix.is_empty());
        let crops = filled.map(|source| source.matrix.crops).unwrap_or_default();
        let row = |content: u32| Row { name: format!("{content:010}"), ..Row::clone(&self.compared(content).row) };
        contents.into_iter().map(row).collect::<FeatureMatrix>().with_crops(crops)
    }

    /// The content of a row of [`Collection::matrix`].
    pub fn content_of_row(row: &Row) -> u32 {
        row.name.parse().expect("made of a number")
    }

    /// How many contents the first source has; they come first.
    pub fn contents_of_first(&self) -> usize {
        let first = self.pictures.partition_point(|picture| picture.source == 0);
        self.content_of[..first].iter().max().map_or(0, |last| *last as usize + 1)
    }

    /// How many pictures weren't looked at: an older version indexed them.
    pub fn unseen(&self) -> usize {
        self.unseen
    }

    /// The folder that a picture is in: `2019/trip`, empty at the top.
    pub fn folder(&self, at: u32) -> &str {
        let name = &self.picture(at).row.name;
        name.rfind('/').map_or("", |end| &name[..end])
    }

    pub fn in_one_folder(&self, a: u32, b: u32) -> bool {
        self.picture(a).source == self.picture(b).source && self.folder(a) == self.folder(b)
    }
}

/// The folders of pictures that links lead to, each with its real path.
fn linked_folders(sources: &[CollectionSource]) -> HashMap<PathBuf, PathBuf> {
    let images = sources.iter().flat_map(|source| source.images.iter());
    let folders: HashSet<&Path> = images.filter_map(|file| file.path.parent()).collect();
    let real = |folder: &Path| folder.canonicalize().ok().filter(|real| real != folder);
    folders.into_iter().filter_map(|folder| Some((folder.to_owned(), real(folder)?))).collect()
}
