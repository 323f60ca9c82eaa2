//! A picture's descriptor, and other data about the picture.

use super::columns::Columns;
use super::sparse::Descriptor;
use crate::dataset::{ContentHash, Facts, FileLook, ImageFile, PerceptualHash, SmallPicture, Stamp, hash_inside};
use crate::simd::InstructionClass;

/// BLAKE3 of the file, 32 bytes.
const CONTENT: &str = "blake3";
/// [`PerceptualHash`], 32 bytes.
const HASH: &str = "phash16";
/// [`Facts`], 20 bytes.
const FACTS: &str = "facts";
/// [`SmallPicture`], 1,024 bytes.
const SMALL: &str = "grey32";
/// The file's inode number, 8 bytes.
const INODE: &str = "inode";
/// One byte: the version of the decoder that made its pixels. Absent for version 1.
const DECODER: &str = "decoder";
/// One byte, 1: the picture was absent when the dataset was last scanned.
const ABSENT: &str = "absent";

/// One byte: the class of instructions that computed the descriptor, its index in [`InstructionClass::ALL`] plus 1.
/// Absent in rows from older versions.
const CLASS: &str = "cpu";

const FIRST_DECODER: u8 = 1;

/// A picture's descriptor, and the stamp that tells whether the picture has changed since.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Path inside the dataset, `/` between folders.
    pub name: String,
    /// Size in bytes and time of the last modification when the descriptor was computed; None in files from other
    /// programs.
    pub stamp: Option<Stamp>,
    pub descriptor: Descriptor,
    /// Other data about the picture.
    pub columns: Columns,
}

impl Row {
    /// A row without other data.
    pub fn new(name: impl Into<String>, stamp: Option<Stamp>, descriptor: Descriptor) -> Row {
        Row { name: name.into(), stamp, descriptor, columns: Columns::default() }
    }

    /// The same picture, found in this file.
    pub fn found_in(&self, image: &ImageFile) -> Row {
        let found = Row { name: image.name.clone(), stamp: Some(image.stamp()), ..self.clone() };
        found.with_absent(false).with_inode(image.id.inode())
    }

    /// A row for a picture computed now.
    pub fn of(image: &ImageFile, descriptor: Descriptor, look: &FileLook) -> Row {
        let row = Row::new(image.name.clone(), Some(image.stamp()), descriptor);
        row.with_look(look).with_inode(image.id.inode()).with_decoder(look.facts.format.decoder_version())
    }

    /// Whether its format's decoder has changed since.
    pub fn is_outdated(&self) -> bool {
        let version = self.columns.get(DECODER).map_or(FIRST_DECODER, |version| version[0]);
        self.facts().is_some_and(|facts| version < facts.format.decoder_version())
    }

    pub fn with_decoder(mut self, version: u8) -> Row {
        if version != FIRST_DECODER {
            self.columns.set(DECODER, &[version]);
        }
        self
    }

    /// The class of instructions that computed it, if known.
    pub fn instructions(&self) -> Option<InstructionClass> {
        let [number] = self.columns.get(CLASS)? else { return None };
        InstructionClass::ALL.get(usize::from(*number).checked_sub(1)?).copied()
    }

    pub fn with_instructions(mut self, class: Option<InstructionClass>) -> Row {
        if let Some(at) = InstructionClass::ALL.iter().position(|one| Some(*one) == class) {
            self.columns.set(CLASS, &[at as u8 + 1]);
        }
        self
    }

    /// Whether a complete look at the file was taken. Rows from older versions lack some of its results.
    pub fn was_looked_at(&self) -> bool {
        self.content().is_some() && self.hash().is_some() && self.facts().is_some() && self.small_picture().is_some()
    }

    pub fn hash(&self) -> Option<PerceptualHash> {
        PerceptualHash::from_bytes(self.columns.get(HASH)?)
    }

    /// The hash of the picture inside its frame, if it has one.
    pub fn hash_inside(&self) -> Option<PerceptualHash> {
        self.small_picture().and_then(hash_inside)
    }

    pub fn facts(&self) -> Option<Facts> {
        Facts::from_bytes(self.columns.get(FACTS)?)
    }

    /// See [`crate::dataset::SmallPicture`].
    pub fn small_picture(&self) -> Option<&[u8; SmallPicture::BYTES]> {
        self.columns.get(SMALL)?.try_into().ok()
    }

    pub fn with_look(mut self, look: &FileLook) -> Row {
        self.columns.set(SMALL, &look.small.0[..]);
        self.columns.set(HASH, &look.hash.to_bytes());
        self.columns.set(FACTS, &look.facts.to_bytes());
        self.with_content(look.content)
    }

    /// The file's inode number. None if it had none, or wasn't looked at.
    pub fn inode(&self) -> Option<u64> {
        Some(u64::from_le_bytes(self.columns.get(INODE)?.try_into().ok()?))
    }

    pub fn with_inode(mut self, inode: Option<u64>) -> Row {
        if self.inode() != inode {
            self.columns.set(INODE, &inode.unwrap_or_default().to_le_bytes());
        }
        self
    }

    /// The file's content hash. None in rows from versions that didn't compute it.
    pub fn content(&self) -> Option<ContentHash> {
        Some(ContentHash(self.columns.get(CONTENT)?.try_into().ok()?))
    }

    /// Whether its file is byte-identical to one with this `content`.
    pub fn is_identical(&self, content: Option<ContentHash>) -> bool {
        content.is_some() && self.content() == content
    }

    pub fn with_content(mut self, content: ContentHash) -> Row {
        self.columns.set(CONTENT, &content.0);
        self
    }

    /// Whether the picture was absent when the dataset was last scanned.
    pub fn is_absent(&self) -> bool {
        self.columns.get(ABSENT).is_some()
    }

    pub fn with_absent(mut self, absent: bool) -> Row {
        if absent != self.is_absent() {
            self.columns.set(ABSENT, &[u8::from(absent)]);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{FileFormat, FileId};

    #[test]
    fn a_row_keeps_what_a_look_told() {
        let facts = Facts {
            width: 3,
            height: 2,
            format: FileFormat::Png,
            is_lossless: true,
            holds_more: false,
            chroma: 7,
            taken: None,
            notes: None,
        };
        let small = SmallPicture(Box::new([8; 1024]));
        let look = FileLook { content: ContentHash([7; 32]), hash: PerceptualHash([1, 2, 3, 4]), facts, small };
        let row = Row::new("a", None, Descriptor::default()).with_content(look.content);
        assert!(!row.was_looked_at());
        let row = row.with_look(&look);
        assert!(row.was_looked_at());
        assert_eq!(
            (row.hash(), row.facts(), row.small_picture()),
            (Some(look.hash), Some(facts), Some(&*look.small.0))
        );
    }

    #[test]
    fn a_picture_that_is_found_again_is_no_longer_absent_and_keeps_what_is_known() {
        let stamp = |size| Stamp { size, mtime_ns: 1 };
        let row = Row::new("a", Some(stamp(1)), Descriptor::default());
        assert_eq!((row.content(), row.is_absent()), (None, false));
        let row = row.with_content(ContentHash([7; 32])).with_absent(true);
        assert_eq!((row.content(), row.is_absent()), (Some(ContentHash([7; 32])), true));
        let id = FileId::Inode { device: 1, inode: 5 };
        let path = std::path::PathBuf::from("b");
        let found = row.found_in(&ImageFile { name: "b".into(), path, size: 2, mtime_ns: 1, ctime_ns: 0, id });
        assert_eq!((row.inode(), found.inode()), (None, Some(5)));
        assert_eq!((found.name.as_str(), found.stamp, found.is_absent()), ("b", Some(stamp(2)), false));
        assert_eq!(found.content(), row.content());
    }
}
