//! Asks before marking by the rules, and says how many pictures that marks.

use super::state::Duplicates;
use crate::text::{bytes, count};
use crate::tui::keys::{Keys, keys};
use crate::tui::meanings as on;
use crate::tui::scene::as_screen_mut;
use crate::tui::scenes::question::{Answer, Question};
use crate::tui::world::World;

pub static KEYS: Keys<Answer> = keys! { "Marking by rule"
    Answer::Yes => [on::GO_ON, on::BY_RULE] "yes" "mark them, or unmark them, as asked; W writes the paths of marked pictures";
    Answer::No => [on::ESC, on::BACK] "no" "leave the marks as they are";
};

/// None if there is nothing to mark.
pub fn question(duplicates: &Duplicates, world: &World) -> Option<Question> {
    let rules = duplicates.by_rules(world);
    if rules.pictures == 0 {
        return None;
    }
    let what = format!("{} in {}", count(rules.pictures, "picture"), count(rules.groups, "group"));
    let decided = match rules.decided {
        0 => String::new(),
        1 => " 1 group marked by hand stays as it is;".to_owned(),
        decided => format!(" {decided} groups marked by hand stay as they are;"),
    };
    let doubt = if rules.in_doubt > 0 { format!(" {} unsure stay unmarked;", rules.in_doubt) } else { String::new() };
    let text = match rules.open {
        0 => format!("unmark {what}? all of them are marked"),
        _ => {
            let kept = duplicates.wanted.rules.names();
            format!("mark {what}, {}?{doubt}{decided} keep: {kept}", bytes(rules.bytes))
        }
    };
    let asked = duplicates.to_mark_by_rule(world);
    Some(Question::new(text, &KEYS, move |below, world| {
        let Some(duplicates) = as_screen_mut::<Duplicates>(below) else { return };
        // Pictures may have come, gone or been looked at meanwhile.
        match duplicates.to_mark_by_rule(world) == asked {
            true => duplicates.mark_by_rule(world),
            false => world.error("the groups have changed since M asked, so nothing is marked: M asks again"),
        }
    }))
}
