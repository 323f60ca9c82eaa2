//! The list of pairs that the user declared not duplicates, where that can be undone.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::duplicates::JudgedPair;
use crate::text::thousands;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::parts::full_screen;
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::selection::{Move, PageShape};
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::text::fit_left;
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum VerdictsAction {
    Go(Move),
    TakeBack,
    Back,
}
use VerdictsAction as Act;

pub static KEYS: Keys<VerdictsAction> = keys! { "Not duplicates"
    Act::Go(Move::Up) => [on::UP] "move" "pair above";
    Act::Go(Move::Down) => [on::DOWN] "move" "pair below";
    Act::TakeBack => [on::NOT_SAME] "undo" "undo: they may be duplicates";
    Act::Back => [on::ESC, on::BACK, on::VERDICTS] "back" "back to the groups";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first pair";
    Act::Go(Move::End) => [on::END] "" "last pair";
};

pub struct VerdictsList {
    selected: usize,
}

impl VerdictsList {
    pub fn new() -> VerdictsList {
        VerdictsList { selected: 0 }
    }

    fn rows(world: &World) -> usize {
        usize::from(full_screen(world.area())[1].height).max(1)
    }

    fn at(&self, world: &World) -> usize {
        self.selected.min(world.judged.len().saturating_sub(1))
    }

    fn act(&mut self, action: VerdictsAction, world: &mut World) -> Go {
        let (at, count) = (self.at(world), world.judged.len());
        match action {
            Act::Go(way) => {
                self.selected = way.from(at, PageShape { columns: 1, rows: VerdictsList::rows(world) }, count);
            }
            Act::TakeBack => {
                let (Some(file), Some((contents, names))) = (world.verdicts.clone(), world.judged.iter().nth(at))
                else {
                    return Go::Stay;
                };
                let pairs: Vec<JudgedPair> = vec![(contents, names.clone())];
                return Go::start(Task::Judge { file, pairs, undone: true });
            }
            Act::Back => return Go::back(),
        }
        Go::Stay
    }
}

impl Layer for VerdictsList {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, _: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, _: bool, _: &mut dyn Screen, world: &mut World) -> Go {
        let area = full_screen(world.area())[1];
        if area.contains(at) {
            let first = self.at(world) / VerdictsList::rows(world) * VerdictsList::rows(world);
            self.selected = (first + usize::from(at.y - area.y)).min(world.judged.len().saturating_sub(1));
        }
        Go::Stay
    }

    fn wheel(&mut self, _: Position, forward: bool, _: &mut dyn Screen, world: &mut World) -> Go {
        self.act(Act::Go(if forward { Move::Down } else { Move::Up }), world)
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn covers(&self) -> bool {
        true
    }

    fn draw(&self, frame: &mut Frame, _: &dyn Screen, world: &World) {
        let (area, at, count) = (full_screen(world.area())[1], self.at(world), world.judged.len());
        let place = match count {
            0 => "declared not duplicates".into(),
            _ => format!("declared not duplicates   {} of {}", thousands(at + 1), thousands(count)),
        };
        bars::header(frame, world, &place, "", "");
        if count == 0 {
            let text = Paragraph::new(
                "Nothing declared yet. In a group, n declares that the selected picture is no duplicate of the others; side by side, that the two shown aren't duplicates of each other.",
            );
            return frame.render_widget(text.wrap(Wrap { trim: true }), area.inner(Margin::new(2, 1)));
        }
        let rows = VerdictsList::rows(world);
        let first = at / rows * rows;
        let half = usize::from(area.width).saturating_sub(7) / 2;
        for (row, (_, [a, b])) in world.judged.iter().skip(first).take(rows).enumerate() {
            let is_selected = first + row == at;
            let lead = if is_selected { "▸" } else { " " };
            let line = format!("{lead} {:half$} | {}", fit_left(a, half), fit_left(b, half));
            let style = if is_selected { theme::selected() } else { ratatui::style::Style::new() };
            let area = Rect { y: area.y + row as u16, height: 1, ..area };
            frame.render_widget(Line::styled(line, style), area);
        }
    }
}
