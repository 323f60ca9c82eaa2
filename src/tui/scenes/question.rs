//! Questions: what y and n mean while one is asked, and that no other key does anything else meanwhile.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::scene::Go;

/// Whether it answers yes or no as text, if it does.
pub fn answer(key: KeyEvent) -> Option<bool> {
    match key.code {
        KeyCode::Char('y' | 'Y') => Some(true),
        KeyCode::Char('n' | 'N') => Some(false),
        _ => None,
    }
}

/// For a key that is no answer: the question stays. Ctrl-C and its like work as everywhere.
pub fn unanswered(key: KeyEvent) -> Go {
    if key.modifiers.contains(KeyModifiers::CONTROL) { Go::Unbound } else { Go::Stay }
}
