//! Edits the settings, in panels over the screen that they belong to.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Position;
use ratatui::widgets::Clear;

use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::scene::{Go, Layer, Screen, field_at};
use crate::tui::settings::{Field, Settings, Step};
use crate::tui::widgets::panels;
use crate::tui::world::World;

/// Stands for deleting a character of the parameter.
const BACKSPACE: char = '\u{8}';

#[derive(Clone, Copy, Debug)]
pub enum SettingsAction {
    Change(Step),
    NextField,
    PreviousField,
    Apply,
    Cancel,
}
use SettingsAction::*;

pub static KEYS: Keys<SettingsAction> = keys! { "Settings"
    Change(Step::Up) => [on::UP] "change" "previous choice; for a number: up";
    Change(Step::Down) => [on::DOWN] "change" "next choice; for a number: down";
    PreviousField => [on::LEFT, on::PREVIOUS_FIELD] "field" "field to the left";
    NextField => [on::RIGHT, on::NEXT_FIELD] "field" "field to the right";
    Apply => [on::GO_ON] "apply" "apply";
    Cancel => [on::ESC] "cancel" "back to the pictures; the settings are again as they were";
    Change(Step::FarDown) => [on::PAGE_DOWN] "" "for a number: down a lot";
    Change(Step::FarUp) => [on::PAGE_UP] "" "for a number: up a lot";
};

pub struct SettingsPanel {
    /// The field that keys change.
    focus: Field,
    /// Not applied yet.
    edited: Settings,
    /// As they were when the panel was opened.
    before: Settings,
}

impl SettingsPanel {
    pub fn new(focus: Field, settings: &Settings) -> SettingsPanel {
        SettingsPanel { focus, edited: settings.clone(), before: settings.clone() }
    }

    fn act(&mut self, action: SettingsAction, below: &mut dyn Screen, world: &mut World) -> Go {
        match action {
            Change(step) => self.change(step, below, world),
            NextField => self.step_field(1, below, world),
            PreviousField => self.step_field(below.fields().len() - 1, below, world),
            Apply => match self.edited.commit() {
                Ok(()) => Go::Back(below.apply(self.edited.clone(), world)),
                Err(error) => {
                    world.error(error);
                    Go::Stay
                }
            },
            Cancel => Go::Back(below.choose(&self.before, world)),
        }
    }

    pub fn change(&mut self, step: Step, below: &mut dyn Screen, world: &mut World) -> Go {
        self.edited.change(self.focus, step, world.sets.len(), below.ranking(world));
        self.chosen(below, world)
    }

    /// Some choices apply at once.
    fn chosen(&mut self, below: &mut dyn Screen, world: &mut World) -> Go {
        self.edited.start_range(|edited| below.starting_range(edited, world));
        Go::Start(below.choose(&self.edited, world))
    }

    /// Moves the focus to the right, wrapping around.
    fn step_field(&mut self, steps: usize, below: &dyn Screen, world: &mut World) -> Go {
        if let Err(error) = self.edited.commit() {
            world.error(error);
            return Go::Stay;
        }
        let fields = below.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        self.focus = fields[(at + steps) % fields.len()];
        Go::Stay
    }

    /// Where choices apply at once, an invalid parameter doesn't.
    fn leave(&mut self, below: &mut dyn Screen, world: &mut World) {
        if self.edited.commit().is_err() {
            self.edited.forget_typed();
        }
        below.choose(&self.edited, world);
    }

    /// Types a number into the parameter, wherever the focus is.
    fn typed(&mut self, key: KeyEvent, below: &dyn Screen, world: &World) -> bool {
        let is_digit = key.modifiers.is_empty() && matches!(key.code, KeyCode::Char('0'..='9' | '.'));
        if is_digit && below.fields().contains(&Field::Parameter) {
            self.focus = Field::Parameter;
        }
        let c = match key.code {
            _ if self.focus != Field::Parameter => return false,
            KeyCode::Char(c) if key.modifiers.is_empty() => c,
            KeyCode::Backspace => BACKSPACE,
            _ => return false,
        };
        self.edited.type_char(c, below.ranking(world))
    }
}

impl Layer for SettingsPanel {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        if self.typed(key, below, world) {
            return Go::Stay;
        }
        KEYS.press(key, |action| self.act(action, below, world))
    }

    /// A click on a panel focuses it, and takes the option there.
    fn click(&mut self, at: Position, _: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let Some((field, option)) = field_at(below, &self.edited, at, world) else {
            self.leave(below, world);
            return Go::Through;
        };
        self.focus = field;
        match option {
            Some(option) => {
                self.edited.choose(field, option);
                self.chosen(below, world)
            }
            None => Go::Stay,
        }
    }

    fn wheel(&mut self, at: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let Some((field, _)) = field_at(below, &self.edited, at, world) else {
            self.leave(below, world);
            return Go::Through;
        };
        self.focus = field;
        self.change(if forward { Step::Down } else { Step::Up }, below, world)
    }

    fn back(&mut self, below: &mut dyn Screen, world: &mut World) -> Go {
        self.act(Cancel, below, world)
    }

    fn covers(&self) -> bool {
        false
    }

    fn close(&mut self, below: &mut dyn Screen, world: &mut World) {
        self.leave(below, world);
    }

    fn draw(&self, frame: &mut Frame, below: &dyn Screen, world: &World) {
        let (area, labels) = (world.parts(below.shows_settings()).settings, world.labels());
        frame.render_widget(Clear, area);
        let shown = panels::Panels {
            settings: &self.edited,
            fields: below.fields(),
            focus: Some(self.focus),
            datasets: &labels,
            ranking: below.ranking(world),
        };
        shown.draw(frame, area);
    }

    fn remark(&self) -> Option<String> {
        let (edited, focus) = (&self.edited, self.focus);
        let (options, taken) = edited.options(focus, &[]);
        // Dataset names aren't explained.
        let name = options.get(taken)?;
        Some(format!("{name}: {}", edited.meaning(focus)))
    }

    fn settings(&self) -> Option<&Settings> {
        Some(&self.edited)
    }
}
