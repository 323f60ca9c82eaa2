//! A picture in its place: sharp, rough, still loading, or the reason why there is none.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Paragraph, Wrap};
use ratatui_image::Image;
use unicode_width::UnicodeWidthStr;

use super::grid::Tile;
use super::text::{fit, fit_middle};
use crate::text::printable;
use crate::tui::pictures::Slot;
use crate::tui::pictures::shelf::{Shelf, Shown};
use crate::tui::theme;

/// Draws the best that `shelf` has for `slot` in the middle of `area`.
pub fn draw(frame: &mut Frame, area: Rect, slot: &Slot, shelf: &Shelf) {
    match shelf.shown(slot) {
        Shown::Pictures(layers) => {
            for (picture, strips) in layers {
                let x = area.x + area.width.saturating_sub(picture.cells.width) / 2;
                let mut y = area.y + area.height.saturating_sub(picture.cells.height) / 2;
                for strip in strips {
                    let size = strip.protocol.size();
                    let place = Rect::new(x, y, size.width, size.height).intersection(area);
                    frame.render_widget(Image::new(&strip.protocol), place);
                    y += size.height;
                }
            }
        }
        Shown::Failed(error) => {
            let text = Paragraph::new(format!("✗ {}", printable(&error.beside_its_name()))).style(theme::error());
            frame.render_widget(text.wrap(Wrap { trim: true }), area);
        }
        Shown::Nothing => {
            let middle = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..area };
            frame.render_widget(Line::styled("…", theme::remark()).centered(), middle);
        }
    }
}

/// A tile: a frame with a title, the picture, the caption.
pub struct Framed<'a> {
    pub slot: &'a Slot,
    pub shelf: &'a Shelf,
    pub title: String,
    pub name: String,
    /// Below the name.
    pub value: Option<String>,
    /// Below these.
    pub more: Vec<Line<'static>>,
    pub selected: bool,
    pub marked: bool,
    /// It is kept in place of marked ones.
    pub kept: bool,
}

impl Framed<'_> {
    pub fn draw(&self, frame: &mut Frame, tile: Tile) {
        let (style, border) = match (self.selected, self.marked) {
            (true, _) => (theme::selected_frame(), BorderType::Thick),
            (false, true) => (theme::marked_frame(), BorderType::Double),
            (false, false) => (theme::quiet(), BorderType::Plain),
        };
        // The frame's colour isn't readable on every background.
        let lettering = if self.selected || self.marked { theme::selected() } else { Style::new() };
        let mut block = Block::bordered().border_type(border).border_style(style);
        if !self.title.is_empty() {
            block = block.title(Span::styled(format!(" {} ", self.title), theme::on_frame(lettering)));
        }
        let label = match tile.frame.width {
            _ if self.kept => Some(Line::styled(" keep ", theme::on_frame(theme::value()))),
            ..24 if self.marked => Some(Line::styled(" ✓ ", theme::on_frame(theme::marked()))),
            _ => self.marked.then(|| Line::styled(" ✓ marked ", theme::on_frame(theme::marked()))),
        };
        if let Some(label) = label {
            block = block.title_top(label.right_aligned());
        }
        frame.render_widget(block, tile.frame);
        draw(frame, tile.picture, self.slot, self.shelf);
        let width = usize::from(tile.caption.width).saturating_sub(2);
        // Without colours, the arrow shows the selection.
        let lead = if self.selected { "▸" } else { " " };
        let sign = if self.marked { "✓ " } else { "" };
        let name = format!("{sign}{}", fit_middle(&self.name, width.saturating_sub(sign.width())));
        let mut lines = vec![Line::styled(format!("{lead}{name}"), lettering)];
        lines.extend(self.value.as_ref().map(|v| Line::styled(format!(" {}", fit(v, width)), theme::value())));
        lines.extend(self.more.iter().cloned());
        frame.render_widget(Paragraph::new(lines), tile.caption);
    }
}
