//! A page to look at in a browser: small pictures with what is said of each, in one file that needs nothing else.
//!
//! In: what there is to show ([`HtmlPage`]), put together by whoever found it. Out: HTML ([`write`]), in which pictures are data and
//! styles are inline; there is no script, and a policy in the page forbids the browser to fetch anything. All text is escaped by the
//! templates (`maud`), and names are first made harmless as everywhere ([`crate::shown`]).

mod figure;
mod limits;
mod render;
mod write;

use std::path::PathBuf;

pub use limits::{PageLimit, PageLimits};
pub use write::{PageWritten, write};

use crate::dataset::{ImageFile, Stamp};

/// All that a page shows, from top to bottom.
#[derive(Clone, Debug, Default)]
pub struct HtmlPage {
    pub title: String,
    /// Settings: what each is called, and what it is.
    pub facts: Vec<(&'static str, String)>,
    pub tables: Vec<PageTable>,
    pub sections: Vec<PageSection>,
    /// How many pictures there would be if there were room for all, where some were not even kept. Else nobody has to say it: as many
    /// as there are in `sections`.
    pub of: usize,
}

/// Figures in rows and columns.
#[derive(Clone, Debug, Default)]
pub struct PageTable {
    pub heading: String,
    pub columns: Vec<String>,
    /// Each as long as `columns`; the first of each is what the others are of.
    pub rows: Vec<Vec<String>>,
}

/// Some groups of pictures under a heading.
#[derive(Clone, Debug, Default)]
pub struct PageSection {
    /// Empty: there is none.
    pub heading: String,
    pub note: String,
    pub groups: Vec<PageGroup>,
}

/// Pictures that belong together.
#[derive(Clone, Debug, Default)]
pub struct PageGroup {
    /// Empty: there is none.
    pub heading: String,
    /// Whether the first one is what the others are held against: alone it says nothing.
    pub has_lead: bool,
    pub pictures: Vec<PagePicture>,
}

/// A picture, and what is said of it.
#[derive(Clone, Debug, Default)]
pub struct PagePicture {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
    /// What it is here: `key`, `1`, `kept`.
    pub label: String,
    /// How alike it is to the first one.
    pub value: String,
    /// What else there is to say.
    pub why: String,
    pub weight: Weight,
}

/// What stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Usual,
    /// The key, or what is kept.
    Lead,
    /// What is marked, or new.
    Marked,
}

impl HtmlPage {
    /// How many pictures are in its sections.
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
