//! A picture's descriptor, and what is known of the picture.

use super::columns::Columns;
use super::sparse::Descriptor;
use crate::dataset::{ContentHash, Stamp};

/// BLAKE3 of the file, 32 bytes.
const CONTENT: &str = "blake3";
/// One byte, 1: the picture was not there when the dataset was last looked at.
const ABSENT: &str = "absent";

/// A picture's descriptor, and what tells whether the picture has changed since.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Path inside the dataset, `/` between folders.
    pub name: String,
    /// Size in bytes and time of the last change when the descriptor was computed; none in files we didn't write.
    pub stamp: Option<Stamp>,
    pub descriptor: Descriptor,
    /// What else is known of the picture.
    pub columns: Columns,
}

impl Row {
    /// Of which nothing else is known.
    pub fn new(name: impl Into<String>, stamp: Option<Stamp>, descriptor: Descriptor) -> Row {
        Row { name: name.into(), stamp, descriptor, columns: Columns::default() }
    }

    /// The same picture, found at `name`.
    pub fn found_at(&self, name: &str, stamp: Stamp) -> Row {
        Row { name: name.to_owned(), stamp: Some(stamp), ..self.clone() }.with_absent(false)
    }

    /// What the file holds. None for rows of a version that didn't look.
    pub fn content(&self) -> Option<ContentHash> {
        Some(ContentHash(self.columns.get(CONTENT)?.try_into().ok()?))
    }

    /// Whether its file is the same to the byte as one that holds `content`.
    pub fn is_identical(&self, content: Option<ContentHash>) -> bool {
        content.is_some() && self.content() == content
    }

    pub fn with_content(mut self, content: ContentHash) -> Row {
        self.columns.set(CONTENT, &content.0);
        self
    }

    /// Whether the picture was not there when the dataset was last looked at.
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

    #[test]
    fn a_picture_that_is_found_again_is_no_longer_absent_and_keeps_what_is_known() {
        let stamp = |size| Stamp { size, mtime_ns: 1 };
        let row = Row::new("a", Some(stamp(1)), Descriptor::default());
        assert_eq!((row.content(), row.is_absent()), (None, false));
        let row = row.with_content(ContentHash([7; 32])).with_absent(true);
        assert_eq!((row.content(), row.is_absent()), (Some(ContentHash([7; 32])), true));
        let found = row.found_at("b", stamp(2));
        assert_eq!((found.name.as_str(), found.stamp, found.is_absent()), ("b", Some(stamp(2)), false));
        assert_eq!(found.content(), row.content());
    }
}
