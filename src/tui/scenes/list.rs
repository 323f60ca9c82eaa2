//! Full-screen lists: the help, and the pictures that were skipped.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Position;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::help::Help;
use crate::dataset::Skipped;
use crate::text::{count, printable, thousands};
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::parts::full_screen;
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::set::Set;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::prompt::Prompt;
use crate::tui::widgets::text::beside;
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum ListAction {
    Down,
    Up,
    PageDown,
    PageUp,
    Search,
    Close,
    CloseHelp,
    CloseSkipped,
}
use ListAction::*;

pub static KEYS: Keys<ListAction> = keys! { "Help and lists"
    Down => [on::DOWN] "scroll" "down";
    Up => [on::UP] "scroll" "up";
    PageDown => [on::PAGE_DOWN] "" "down a page";
    PageUp => [on::PAGE_UP] "" "up a page";
    Search => [on::FILTER] "search" "filter the help by text; esc: show everything";
    Close => [on::ESC, on::BACK] "close" "close";
    CloseHelp => [on::HELP] "" "help, or back from it";
    CloseSkipped => [on::SKIPPED] "" "back from the files that aren't shown";
};

pub struct List {
    content: Content,
    /// The first line shown.
    scroll: usize,
    /// The text that lines must contain.
    search: Prompt,
    /// Whether that is being typed.
    types: bool,
}

enum Content {
    Help(Help),
    Skipped,
}

impl List {
    pub fn help(help: Help) -> List {
        List::of(Content::Help(help))
    }

    /// Unreadable pictures, further names, and what was left out.
    pub fn skipped() -> List {
        List::of(Content::Skipped)
    }

    fn of(content: Content) -> List {
        let search = Prompt {
            label: "search the help",
            above: None,
            refused: None,
            text: String::new(),
            is_proposed: false,
            completes: false,
        };
        List { content, scroll: 0, search, types: false }
    }

    fn title(&self) -> &'static str {
        match self.content {
            Content::Help(_) => "help",
            Content::Skipped => "pictures not shown, and why",
        }
    }

    fn lines(&self, world: &World) -> Vec<Line<'static>> {
        match &self.content {
            Content::Help(help) => help.lines(&self.search.text, world),
            Content::Skipped => skipped(world),
        }
    }

    fn act(&mut self, action: ListAction, world: &World) -> Go {
        let page = usize::from(world.size.height).saturating_sub(3);
        let last = self.lines(world).len().saturating_sub(page);
        let to = match action {
            Down => self.scroll + 1,
            Up => self.scroll.saturating_sub(1),
            PageDown => self.scroll + page,
            PageUp => self.scroll.saturating_sub(page),
            Search if matches!(self.content, Content::Help(_)) => {
                self.types = true;
                0
            }
            Search => return Go::Unbound,
            Close if !self.search.text.is_empty() => {
                self.search.text.clear();
                0
            }
            Close => return Go::back(),
            CloseHelp if matches!(self.content, Content::Help(_)) => return Go::back(),
            CloseSkipped if matches!(self.content, Content::Skipped) => return Go::back(),
            // A list doesn't open over itself, but may over the other one.
            CloseHelp | CloseSkipped => return Go::Unbound,
        };
        self.scroll = to.min(last);
        Go::Stay
    }

    /// A key typed into the search text.
    fn type_key(&mut self, key: KeyEvent) -> Go {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return Go::Unbound,
            KeyCode::Esc => {
                self.search.text.clear();
                self.types = false;
            }
            KeyCode::Enter => self.types = false,
            _ => self.search.type_key(key),
        }
        self.scroll = 0;
        Go::Stay
    }
}

impl Layer for List {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, _: &mut dyn Screen, world: &mut World) -> Go {
        if self.types {
            return self.type_key(key);
        }
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, _: Position, _: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn wheel(&mut self, _: Position, forward: bool, _: &mut dyn Screen, world: &mut World) -> Go {
        self.act(if forward { Down } else { Up }, world)
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn covers(&self) -> bool {
        true
    }

    fn stays(&self) -> bool {
        true
    }

    fn shows_notices(&self) -> bool {
        false
    }

    fn prompt(&self) -> Option<&Prompt> {
        self.types.then_some(&self.search)
    }

    fn paste(&mut self, text: &str, _: &mut dyn Screen, _: &mut World) {
        if self.types {
            self.search.paste(text);
        }
    }

    fn draw(&self, frame: &mut Frame, _: &dyn Screen, world: &World) {
        let [_, middle, _] = full_screen(world.area());
        let lines = self.lines(world);
        let shown = (self.scroll + usize::from(middle.height)).min(lines.len());
        let right = match lines.len() > usize::from(middle.height) {
            true => format!("{shown} of {} lines", lines.len()),
            false => String::new(),
        };
        let sought = match self.search.text.as_str() {
            "" => String::new(),
            text => format!("containing \"{}\"", printable(text)),
        };
        bars::header(frame, world, self.title(), &sought, &right);
        let seen: Vec<Line> = lines.into_iter().skip(self.scroll).take(middle.height.into()).collect();
        frame.render_widget(Paragraph::new(seen), middle);
    }
}

fn skipped(world: &World) -> Vec<Line<'static>> {
    let (mut lines, width) = (Vec::new(), usize::from(world.size.width));
    if world.sets.iter().all(|set| set.skipped.is_empty()) {
        lines.extend([Line::raw(" Every picture seen so far can be read."), Line::default()]);
    }
    let mut part = |set: &Set, what: String, listed: Vec<(String, String)>| {
        if listed.is_empty() {
            return;
        }
        lines.push(Line::styled(format!(" {}   {what}", printable(&set.dataset.name)), theme::title()));
        for (name, what) in listed {
            let (name, what) = (Span::raw(format!("   {}  ", printable(&name))), printable(&what));
            if name.width() + what.width() < width {
                lines.push(Line::from(vec![name, Span::raw(what)]));
            } else {
                lines.push(Line::from(name));
                lines.extend(beside(Span::raw("      "), &what, width));
            }
        }
        lines.push(Line::default());
    };
    for set in &world.sets {
        let films = Skipped::films(&set.skipped);
        let skipped = set.skipped.iter().filter(|skipped| !skipped.is_film());
        let skipped = skipped.map(|skipped| (skipped.file.clone(), skipped.error.clone()));
        part(set, format!("{} skipped", thousands(set.skipped.len() - films)), skipped.collect());
        let of_films = (films > 0).then(|| (count(films, "video"), "not pictures; the log names them".to_owned()));
        part(set, "skipped".into(), of_films.into_iter().collect());
    }
    // Not failures: files listed under another name, and files excluded by request.
    for set in &world.sets {
        let further = set.further_names.iter().map(|further| (further.file.clone(), further.what()));
        part(set, count(set.further_names.len(), "further name"), further.collect());
        let left_out = set.left_out.iter().map(|left_out| (left_out.title(), left_out.what()));
        part(set, "left out".into(), left_out.collect());
    }
    lines
}
