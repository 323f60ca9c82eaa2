//! Facts about a picture: a name, and a value below it.

use ratatui::text::Line;

use crate::dataset::{Exif, Facts};
use crate::text::{date_and_clock, fit, printable};
use crate::tui::theme;

/// A name and a value.
pub type NamedFact = (&'static str, String);

/// The name of the fact whose value is a path.
pub const PATH: &str = "path";
/// Before each value.
const INDENT: &str = "  ";
/// The most columns of a value that isn't a path: what a file says of itself may be of any length.
const LONGEST: usize = 160;

/// What a file's header says: its format, and when and how the picture was taken.
pub fn of_header(facts: &Facts, exif: &Exif) -> Vec<NamedFact> {
    let time = |seconds: i64| date_and_clock(seconds.saturating_mul(1_000_000_000));
    let known = [
        ("format", Some(facts.format.name().to_owned())),
        ("taken", facts.taken.map(time)),
        ("camera", exif.camera.clone()),
        ("lens", exif.lens.clone()),
        ("exposure", exif.exposure.clone()),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Each name with its value below it, indented. Long values are wrapped between words; paths anywhere, so that no space
/// is lost.
pub fn in_lines(facts: &[NamedFact], width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (name, value) in facts {
        lines.push(Line::styled(*name, theme::remark()));
        let value = if *name == PATH { printable(value) } else { fit(value, LONGEST) };
        let width = width.saturating_sub(INDENT.len()).max(1);
        let indented = |text: &str| Line::raw(format!("{INDENT}{text}"));
        if *name == PATH {
            let text: Vec<char> = value.chars().collect();
            lines.extend(text.chunks(width).map(|part| indented(&part.iter().collect::<String>())));
        } else {
            lines.extend(textwrap::wrap(&value, width).iter().map(|part| indented(part)));
        }
    }
    lines
}
