//! Asks before marking by the rules, and says how many pictures that marks.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::state::Duplicates;
use crate::text::{bytes, count};
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::scene::{Go, Layer, Screen, as_screen_mut};
use crate::tui::scenes::question::{answer, unanswered};
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum ByRuleAction {
    Mark,
    Back,
}
use ByRuleAction as Act;

pub static KEYS: Keys<ByRuleAction> = keys! { "Marking by rule"
    Act::Mark => [on::GO_ON, on::BY_RULE] "yes" "mark them, or unmark them, as asked; W writes the paths of marked pictures";
    Act::Back => [on::ESC, on::BACK] "no" "leave the marks as they are";
};

pub struct ByRule {
    said: String,
}

impl ByRule {
    /// None if there is nothing to mark.
    pub fn new(duplicates: &Duplicates, world: &World) -> Option<ByRule> {
        let rules = duplicates.by_rules(world);
        if rules.pictures == 0 {
            return None;
        }
        let what = format!("{} of {}", count(rules.pictures, "picture"), count(rules.groups, "group"));
        let decided = match rules.decided {
            0 => String::new(),
            1 => " 1 group marked by hand stays as it is;".to_owned(),
            decided => format!(" {decided} groups marked by hand stay as they are;"),
        };
        let doubt =
            if rules.in_doubt > 0 { format!(" {} unsure stay unmarked;", rules.in_doubt) } else { String::new() };
        let said = match rules.open {
            0 => format!("unmark {what}? all of them are marked"),
            _ => format!(
                "mark {what}, {}?{doubt}{decided} kept: {}",
                bytes(rules.bytes),
                duplicates.wanted.rules.names()
            ),
        };
        Some(ByRule { said })
    }
}

impl Layer for ByRule {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        let action = match answer(key) {
            Some(true) => Some(Act::Mark),
            Some(false) => Some(Act::Back),
            None => KEYS.action(key),
        };
        match (action, as_screen_mut::<Duplicates>(below)) {
            (Some(Act::Mark), Some(duplicates)) => duplicates.mark_by_rule(world),
            (Some(_), _) => {}
            (None, _) => return unanswered(key),
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

    fn asks(&self) -> bool {
        true
    }

    fn draw(&self, _: &mut Frame, _: &dyn Screen, _: &World) {}

    fn remark(&self) -> Option<String> {
        Some(self.said.clone())
    }
}
