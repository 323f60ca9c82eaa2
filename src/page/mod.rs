//! A page for a browser: small pictures with captions, in a single self-contained file.
//!
//! Input: the contents ([`HtmlPage`]), assembled by the code that found them. Output: HTML ([`mod@write`]) with pictures
//! as data URLs and inline styles. There is no script, and a policy in the page forbids the browser to fetch anything. The
//! templates (`maud`) escape all text, and names are first made printable as everywhere ([`crate::shown`]).

mod figure;
mod limits;
mod render;
mod write;

use std::path::PathBuf;

pub use limits::{PageLimit, PageLimits};
pub use write::{PageWritten, write};

use crate::dataset::{ImageFile, Stamp};

/// The contents of a page, from top to bottom.
#[derive(Clone, Debug, Default)]
pub struct HtmlPage {
    pub title: String,
    /// Settings: names and values.
    pub facts: Vec<(&'static str, String)>,
    pub tables: Vec<PageTable>,
    pub sections: Vec<PageSection>,
    /// The number of all pictures, if some aren't in `sections`; otherwise 0 or the number in `sections`.
    pub of: usize,
}

/// A table of figures.
#[derive(Clone, Debug, Default)]
pub struct PageTable {
    pub heading: String,
    pub columns: Vec<String>,
    /// Each as long as `columns`; the first cell is the row's heading.
    pub rows: Vec<Vec<String>>,
}

/// Groups of pictures under a heading.
#[derive(Clone, Debug, Default)]
pub struct PageSection {
    /// Empty: none.
    pub heading: String,
    pub note: String,
    pub groups: Vec<PageGroup>,
}

/// Pictures that belong together.
#[derive(Clone, Debug, Default)]
pub struct PageGroup {
    /// Empty: none.
    pub heading: String,
    /// Whether the first one is what the others are compared with: on its own it is meaningless.
    pub has_lead: bool,
    pub pictures: Vec<PagePicture>,
}

/// A picture and its caption.
#[derive(Clone, Debug, Default)]
pub struct PagePicture {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
    /// Its role: `key`, `1`, `kept`.
    pub label: String,
    /// Its similarity to the first one.
    pub value: String,
    /// Further remarks.
    pub why: String,
    pub weight: Weight,
}

/// Emphasis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Usual,
    /// The key, or a kept picture.
    Lead,
    /// A marked or new picture.
    Marked,
}

impl HtmlPage {
    /// The pictures in its sections.
    fn pictures(&self) -> impl Iterator<Item = &PagePicture> {
        self.sections.iter().flat_map(|section| &section.groups).flat_map(|group| &group.pictures)
    }
}

impl PagePicture {
    pub fn new(path: PathBuf, stamp: Option<Stamp>, label: impl Into<String>) -> PagePicture {
        PagePicture { path, stamp, label: label.into(), ..PagePicture::default() }
    }

    pub fn of(image: &ImageFile, label: impl Into<String>) -> PagePicture {
        PagePicture::new(image.path.clone(), Some(image.stamp()), label)
    }
}
