//! The introduction shown at the first start: which keys to press.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::theme;
use crate::tui::widgets::text::fit;

/// Three lines, and an empty one above.
pub const HEIGHT: u16 = 4;

/// Draws nothing if there is no room. `has_others`: there is more than one dataset.
pub fn draw(frame: &mut Frame, area: Rect, has_others: bool) {
    if area.height < HEIGHT {
        return;
    }
    let whole = match has_others {
        true => ("D", "near-duplicates in all datasets; I: pictures that no other dataset has"),
        false => ("D", "near-duplicates: groups of copies, and which to keep of each"),
    };
    let lines = [
        ("⏎", "finds pictures similar to the selected one; on a result, goes on from it"),
        whole,
        ("?", "all keys, and what the words mean; nothing is ever deleted or moved"),
    ];
    for (y, (key, text)) in (area.y + 1..).zip(lines) {
        let text = fit(text, usize::from(area.width).saturating_sub(6));
        let line = Line::from(vec![Span::styled(format!("   {key}  "), theme::key()), Span::raw(text)]);
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}
