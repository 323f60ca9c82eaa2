//! Questions to be answered with yes or no. Meanwhile no other key does anything, so that a mistaken key harms nothing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Position;

use crate::tui::keys::{KeyTable, Keys};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::world::World;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Yes,
    No,
}

/// A question, over the screen or layer that asks it.
pub struct Question {
    text: String,
    keys: &'static Keys<Answer>,
    /// What yes does.
    yes: Box<Agreed>,
}

/// What is done if the answer is yes.
type Agreed = dyn Fn(&mut dyn Screen, &mut World);

impl Question {
    pub fn new(
        text: String,
        keys: &'static Keys<Answer>,
        yes: impl Fn(&mut dyn Screen, &mut World) + 'static,
    ) -> Question {
        Question { text, keys, yes: Box::new(yes) }
    }

    fn answer(&self, key: KeyEvent) -> Option<Answer> {
        match (key.modifiers - KeyModifiers::SHIFT, key.code) {
            (KeyModifiers::NONE, KeyCode::Char('y' | 'Y')) => Some(Answer::Yes),
            (KeyModifiers::NONE, KeyCode::Char('n' | 'N')) => Some(Answer::No),
            _ => self.keys.action(key),
        }
    }
}

impl Layer for Question {
    fn keys(&self) -> &'static dyn KeyTable {
        self.keys
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        match self.answer(key) {
            Some(Answer::Yes) => (self.yes)(below, world),
            Some(Answer::No) => {}
            // Ctrl-C and its like work as everywhere.
            None if key.modifiers.contains(KeyModifiers::CONTROL) => return Go::Unbound,
            None => return Go::Stay,
        }
        Go::back()
    }

    fn click(&mut self, _: Position, _: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn wheel(&mut self, _: Position, _: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::Stay
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn covers(&self) -> bool {
        false
    }

    fn draw(&self, _: &mut Frame, _: &dyn Screen, _: &World) {}

    fn question(&self) -> Option<&str> {
        Some(&self.text)
    }
}
