//! Writes a page: as many pictures as there is room for, in order.

use std::io::{self, Write};

use maud::Markup;
use parking_lot::Mutex;

use super::figure::figure;
use super::render::{NotShown, render};
use super::{HtmlPage, PageLimits};
use crate::cancel::Cancel;
use crate::dataset::thumbnails::Thumbnails;
use crate::error::Result;
use crate::parallel;
use crate::progress::Progress;

/// Pictures reduced before checking whether there is room for more.
const AT_ONCE: usize = 64;

/// The outcome of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageWritten {
    /// Pictures on the page.
    pub shown: usize,
    /// Pictures in all.
    pub of: usize,
    /// Whether the page's size was the limit, not the number of pictures.
    pub is_full: bool,
    pub bytes: u64,
}

/// Writes `page` to `to`. `failed` names the output in errors. `progress` receives the number of pictures reduced.
///
/// # Errors
/// A limit of the system, [`crate::Error::Cancelled`], and errors of `to`, converted by `failed`. An unreadable picture
/// is not an error: the page says why.
pub fn write(
    page: &HtmlPage,
    limits: PageLimits,
    thumbnails: &Thumbnails,
    cancel: &Cancel,
    progress: &mut (dyn FnMut(Progress) + Send),
    to: &mut dyn Write,
    failed: impl FnOnce(io::Error) -> crate::Error,
) -> Result<PageWritten> {
    let of = page.of.max(page.pictures().count());
    let pictures: Vec<_> = page.pictures().take(limits.pictures).collect();
    // The page without pictures, at its largest.
    let around = render(page, &[], Some(NotShown { shown: pictures.len(), of, is_full: true })).into_string();
    let mut room = limits.bytes.saturating_sub(around.len() as u64);
    let done = Mutex::new((Progress::images(0, pictures.len()), progress));
    let (mut figures, mut is_full): (Vec<Markup>, bool) = (Vec::new(), false);
    for some in pictures.chunks(AT_ONCE) {
        let made = parallel::try_map_each(some, |picture| {
            cancel.check()?;
            let figure = figure(picture, thumbnails);
            let (so_far, told) = &mut *done.lock();
            so_far.done += 1;
            told(*so_far);
            figure
        });
        for figure in made? {
            let bytes = figure.0.len() as u64;
            is_full |= bytes > room;
            if !is_full {
                room -= bytes;
                figures.push(figure);
            }
        }
        if is_full {
            break;
        }
    }
    without_lonely_lead(page, &mut figures);
    let shown = figures.len();
    let left_out = (shown < of).then_some(NotShown { shown, of, is_full });
    let text = render(page, &figures, left_out).into_string();
    to.write_all(text.as_bytes()).and_then(|()| to.flush()).map_err(failed)?;
    Ok(PageWritten { shown, of, is_full, bytes: text.len() as u64 })
}

/// If room ends after the first picture of a group, leaves that one out too.
fn without_lonely_lead(page: &HtmlPage, figures: &mut Vec<Markup>) {
    let mut before = 0;
    for group in page.sections.iter().flat_map(|section| &section.groups) {
        if figures.len() == before + 1 && group.has_lead && group.pictures.len() > 1 {
            figures.pop();
        }
        before += group.pictures.len();
    }
}
