//! The keys of a query. Each is found, read and described; keys in the searched dataset use its descriptors.

use std::ffi::OsStr;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cancel::Cancel;
use crate::dataset::{
    ContentHash, Dataset, FileId, ImageFile, NO_SUCH_FILE, PicturePart, Stamp, meant, part_of, why_not,
};
use crate::descriptor::{Descriptor, FeatureMatrix};
use crate::error::Result;
use crate::index::indexer::ReadKey;
use crate::limits::Limit;
use crate::page::PagePicture;
use crate::shown::{as_seen, printable, text};
use crate::vgg16::Network;

/// Keys as typed.
#[derive(Debug)]
pub struct TypedKeys {
    pub like: Vec<PathBuf>,
    pub unlike: Vec<PathBuf>,
    /// Where to look for them, besides the current folder.
    pub folders: Vec<PathBuf>,
}

/// A key for or against, whose file was read.
pub struct OpenKey {
    typed: PathBuf,
    path: PathBuf,
    /// The part of the picture that is the key; None: all of it.
    pub part: Option<PicturePart>,
    id: Option<FileId>,
    is_for: bool,
    picture: ReadKey,
}

/// A key, and what the searched dataset knows of it.
pub struct KnownKey {
    /// As typed.
    pub typed: String,
    path: PathBuf,
    pub is_for: bool,
    /// Its name in the dataset, if it is indexed there.
    pub name: Option<String>,
    pub descriptor: Descriptor,
    /// The content hash of its file, unless the key is a part.
    pub content: Option<ContentHash>,
}

/// A key without a file.
#[derive(Debug)]
pub struct MissingKey {
    key: PathBuf,
    /// Where it was looked for, besides the current folder.
    folders: Vec<PathBuf>,
}

impl MissingKey {
    /// The names of the pictures, in whatever folder, that are called like the key, perhaps without its extension.
    pub fn alike(&self, images: &[ImageFile]) -> Vec<String> {
        let wanted = self.key.file_name().map(as_typed);
        let is_like = |image: &&ImageFile| {
            let names = [image.path.file_name(), image.path.file_stem()];
            names.into_iter().any(|name| name.map(as_typed) == wanted)
        };
        images.iter().filter(is_like).map(|image| printable(&image.name)).collect()
    }
}

/// As it is compared with what somebody typed.
fn as_typed(name: &OsStr) -> String {
    as_seen(&text(name)).to_lowercase()
}

impl fmt::Display for MissingKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let folders: Vec<_> = self.folders.iter().map(crate::shown::path).collect();
        let key = crate::shown::path(&self.key);
        write!(f, "{key}: no such file, neither here nor in {}", folders.join(" or "))
    }
}

impl std::error::Error for MissingKey {}

/// A key given twice is one key, unless it is both for and against.
fn one_key(typed: &Path, before: bool, is_for: bool) -> anyhow::Result<()> {
    if before != is_for {
        bail!("{}: a key can't be both for and against", crate::shown::path(typed))
    }
    Ok(())
}

impl TypedKeys {
    /// Reads all keys, so that unreadable ones are reported before indexing. A file given twice is one key.
    pub fn open(&self) -> anyhow::Result<Vec<OpenKey>> {
        let mut keys: Vec<OpenKey> = Vec::new();
        for (typed, is_for) in self.all() {
            let (path, part) = self.find(typed)?;
            let id = FileId::at(&path);
            match keys.iter().find(|key| id.is_some() && (&key.id, key.part) == (&id, part)) {
                Some(same) => one_key(typed, same.is_for, is_for)?,
                None => {
                    let picture = ReadKey::open(&path, part)?;
                    keys.push(OpenKey { typed: typed.clone(), path, part, id, is_for, picture });
                }
            }
        }
        Ok(keys)
    }

    /// All keys as typed, and whether they are for.
    fn all(&self) -> impl Iterator<Item = (&PathBuf, bool)> {
        self.like.iter().map(|key| (key, true)).chain(self.unlike.iter().map(|key| (key, false)))
    }

    /// For a dataset without pictures: the keys that are names of rows, and the others, whose files are read.
    pub fn among(&self, matrix: &FeatureMatrix) -> anyhow::Result<(Vec<KnownKey>, Vec<OpenKey>)> {
        let mut others = TypedKeys { like: Vec::new(), unlike: Vec::new(), folders: self.folders.clone() };
        let mut stored: Vec<KnownKey> = Vec::new();
        for (typed, is_for) in self.all() {
            match typed.to_str().and_then(|name| matrix.get(name)) {
                Some(row) => match stored.iter().find(|key| key.name.as_ref() == Some(&row.name)) {
                    Some(same) => one_key(typed, same.is_for, is_for)?,
                    None => stored.push(KnownKey {
                        typed: crate::shown::path(typed),
                        path: typed.clone(),
                        is_for,
                        name: Some(row.name.clone()),
                        descriptor: row.descriptor.clone(),
                        content: row.content(),
                    }),
                },
                None if is_for => others.like.push(typed.clone()),
                None => others.unlike.push(typed.clone()),
            }
        }
        Ok((stored, others.open()?))
    }

    /// A key's file, and the part meant: as typed, else in the dataset, else in the datasets directory. In all of them,
    /// a file whose name looks like a part wins over the part.
    fn find(&self, key: &PathBuf) -> anyhow::Result<(PathBuf, Option<PicturePart>)> {
        let places = || std::iter::once(key.clone()).chain(self.folders.iter().map(|folder| folder.join(key)));
        let wholes = places().map(|place| (meant(&place).map(|found| (found, None)), place));
        let parts = places().map(|place| (part_of(&place, meant), place));
        for (found, place) in wholes.chain(parts) {
            match found {
                Ok((found, _)) if found.is_dir() => {
                    bail!("{}: is a folder; a key is a picture", crate::shown::path(&found))
                }
                Ok(found) => return Ok(found),
                Err(error) => match (Limit::of(&error), why_not(&place, &error)) {
                    (Some(limit), _) => return Err(limit.into()),
                    (None, _) if error.kind() == ErrorKind::InvalidInput => {
                        bail!("{}: {error}", crate::shown::path(&place))
                    }
                    (None, why) if why == NO_SUCH_FILE => {}
                    // Something exists there, but can't be used.
                    (None, why) => bail!("{}: {why}", crate::shown::path(&place)),
                },
            }
        }
        Err(MissingKey { key: key.clone(), folders: self.folders.clone() }.into())
    }
}

impl OpenKey {
    /// Describes the key: from its row in `matrix`, else by the network.
    pub fn known(
        self,
        dataset: &Dataset,
        images: &[ImageFile],
        matrix: &FeatureMatrix,
        network: &Network,
        cancel: &Cancel,
    ) -> Result<KnownKey> {
        let name = self.name(dataset, images, matrix);
        let stored = name.as_deref().and_then(|name| matrix.get(name));
        let descriptor = match stored {
            Some(row) => row.descriptor.clone(),
            None => self.picture.describe(matrix.crops, network, cancel)?,
        };
        // A part isn't a copy of the file.
        let content = stored.and_then(|row| row.content()).unwrap_or(self.picture.content);
        let content = self.part.is_none().then_some(content);
        let (typed, name) = (crate::shown::path(&self.typed), stored.and(name));
        Ok(KnownKey { typed, path: self.path, is_for: self.is_for, name, descriptor, content })
    }

    /// The key's name in the dataset: the same file by any path, or a file that was there when it was indexed. A part
    /// has none.
    fn name(&self, dataset: &Dataset, images: &[ImageFile], matrix: &FeatureMatrix) -> Option<String> {
        if self.part.is_some() {
            return None;
        }
        let same = images.iter().find(|image| self.id.as_ref() == Some(&image.id)).map(|image| image.name.clone());
        same.or_else(|| {
            let name = dataset.name_of(&dataset.place_of(&self.path)?)?;
            // Two files can look the same if the name of one isn't UTF-8.
            let content = matrix.get(&name)?.content();
            content.is_none_or(|content| content == self.picture.content).then_some(name)
        })
    }
}

impl KnownKey {
    /// The key's picture, for the start of a page or preview.
    pub fn on_page(&self) -> PagePicture {
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let stamp = path.metadata().ok().map(|metadata| Stamp::of(&metadata));
        PagePicture::new(path, stamp, if self.is_for { "key" } else { "key against" })
    }
}
