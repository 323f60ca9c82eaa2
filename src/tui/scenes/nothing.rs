//! Why key select shows no picture.

use ratatui::text::Line;

use crate::text::printable;
use crate::tui::set::{Set, SetState};

/// For `set`, with or without a filter.
pub fn nothing(set: &Set, is_filtered: bool) -> Vec<Line<'static>> {
    let root = printable(&crate::shown::path(&set.dataset.root));
    match &set.state {
        SetState::Scanning => vec![Line::raw(format!("looking for pictures in {root}"))],
        SetState::Failed(error) => vec![Line::raw(printable(error))],
        _ if is_filtered => {
            vec![Line::raw("no name contains this"), Line::raw("esc drops the filter")]
        }
        _ => vec![
            Line::raw(format!("no pictures in {root}")),
            Line::raw(
                "SIMages looks for JPEG, PNG, WebP, TIFF, HEIC and others in it and its subfolders, but not in hidden ones",
            ),
        ],
    }
}
