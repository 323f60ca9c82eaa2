//! The lines at the top and bottom: the current place, progress, notices and key hints.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::fit;
use crate::progress::Progress;
use crate::text::{bytes, thousands};
use crate::tui::jobs::JoinStep;
use crate::tui::keys::Hint;
use crate::tui::marks::Marks;
use crate::tui::theme;
use crate::tui::world::World;

/// Precedes the name in the first line if the picture is marked.
pub const MARKED: &str = "✓ ";

/// The first line: the program, the current place, and a summary at the right.
pub fn header(frame: &mut Frame, world: &World, place: &str, middle: &str, right: &str) {
    let line = Rect { height: 1, ..world.area() };
    let area = Rect { width: room(world), ..line };
    frame.render_widget(marks(&world.marks).right_aligned(), line);
    let mut left = Line::from(vec![Span::styled(" SIMages", theme::title()), Span::raw(format!("  {place}"))]);
    let room = usize::from(area.width).saturating_sub(left.width() + 2);
    let right = fit(right, room);
    let room = room.saturating_sub(Span::raw(right.as_str()).width() + 3);
    if room > 8 {
        let style = if middle.starts_with(MARKED) { theme::marked() } else { Style::new().bold() };
        left.push_span(Span::raw("   "));
        left.push_span(Span::styled(fit(middle, room), style));
    }
    frame.render_widget(left, area);
    let right = Line::from(Span::styled(format!("{right} "), theme::value()));
    frame.render_widget(right.right_aligned(), area);
}

/// Columns of the first line that marks leave free.
pub fn room(world: &World) -> u16 {
    world.size.width.saturating_sub(marks(&world.marks).width() as u16)
}

/// The number of marked pictures, if any.
fn marks(marks: &Marks) -> Line<'static> {
    if marks.is_empty() {
        return Line::default();
    }
    // A line's own style would apply to its whole area.
    let text = format!(" ✓ {} marked, {} ", thousands(marks.len()), bytes(marks.bytes()));
    Line::from(Span::styled(text, theme::marked()))
}

/// The last line: keys and what they do. Hints that don't fit are left out; the help has them all.
pub fn hints(frame: &mut Frame, area: Rect, hints: &[Hint]) {
    let always: usize = hints.iter().filter(|hint| hint.always).map(Hint::width).sum();
    let mut room = usize::from(area.width).saturating_sub(1 + always);
    let mut line = Line::raw(" ");
    for hint in hints {
        if !hint.always {
            if hint.width() > room {
                continue;
            }
            room -= hint.width();
        }
        line.push_span(Span::styled(hint.keys.clone(), theme::key()));
        line.push_span(Span::raw(format!(" {}  ", hint.text)));
    }
    frame.render_widget(line, area);
}

/// The indexing of one dataset.
pub struct IndexingBar<'a> {
    pub dataset: &'a str,
    pub progress: Progress,
    pub elapsed: Duration,
    /// Another process is doing it.
    pub elsewhere: bool,
}

/// A line such as `garden  indexing ━━━━━━╸──── 62/98   9.8 pictures/s   4 s left`.
pub fn progress(frame: &mut Frame, area: Rect, indexing: &IndexingBar) {
    let Progress { done, of, .. } = indexing.progress;
    let name = fit(indexing.dataset, 24);
    if indexing.elsewhere {
        let text = format!(" {name}  is being indexed by another simages; results appear as it saves them");
        frame.render_widget(Line::styled(fit(&text, area.width.into()), theme::remark()), area);
        return;
    }
    let pace = match indexing.progress.pace(indexing.elapsed) {
        Some(pace) => pace.to_string(),
        None => "starting".into(),
    };
    let part = indexing.progress.part();
    bar(frame, area, &format!(" {name}  indexing "), part, &format!(" {done}/{of}   {pace} "));
}

/// A line such as `writing pairs.csv ━━━━━━╸──── 37 %   3.2 M pairs/s   4 s left`.
pub fn joining(frame: &mut Frame, area: Rect, what: &str, step: Option<&JoinStep>) {
    let what = fit(what, usize::from(area.width) / 2);
    let Some(JoinStep { progress, pace, .. }) = step else {
        return bar(frame, area, &format!(" {what} "), 0.0, " starting ");
    };
    let pace = pace.map_or_else(String::new, |pace| pace.to_string());
    bar(frame, area, &format!(" {what} "), progress.part(), &format!(" {} %   {pace} ", progress.percent()));
}

fn bar(frame: &mut Frame, area: Rect, left: &str, part: f64, right: &str) {
    let room = usize::from(area.width).saturating_sub(left.chars().count() + right.chars().count()).min(60);
    let filled = ((room as f64 * part) as usize).min(room);
    let (full, head) = (filled.saturating_sub(1), usize::from(filled > 0));
    frame.render_widget(
        Line::from(vec![
            Span::raw(left.to_owned()),
            Span::styled("━".repeat(full) + &"╸".repeat(head), theme::progress()),
            Span::styled("─".repeat(room - full - head), theme::quiet()),
            Span::raw(right.to_owned()),
        ]),
        area,
    );
}
