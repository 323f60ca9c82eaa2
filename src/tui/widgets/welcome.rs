//! What a newcomer is told, once: what to press first.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::theme;
use crate::tui::widgets::text::fit;

/// Three lines, and one free above.
pub const HEIGHT: u16 = 4;

/// Nothing if there is no room. `has_others`: more than one dataset is there.
pub fn draw(frame: &mut Frame, area: Rect, has_others: bool) {
    if area.height < HEIGHT {
        return;
    }
    let whole = match has_others {
        true => ("D", "near-duplicates in all of them; I what none of the others has"),
        false => ("D", "near-duplicates: groups of copies, with what to keep of each"),
    };
    let lines = [
        ("⏎", "finds what is like the selected picture; on a result, goes on from it"),
        whole,
        ("?", "all keys, and what the words mean; nothing is ever deleted or moved"),
    ];
    for (y, (key, text)) in (area.y + 1..).zip(lines) {
        let text = fit(text, usize::from(area.width).saturating_sub(6));
        let line = Line::from(vec![Span::styled(format!("   {key}  "), theme::key()), Span::raw(text)]);
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}
