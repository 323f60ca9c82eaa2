//! What can be done with pairs and groups.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use crate::join::Ranking;
use crate::join::export::PairFormat;
use crate::tui::jobs::{JoinGoal, JoinJob, JoinNews, JoinOutcome, expanded};
use crate::tui::keys::{KeyTable, Keys, char, code, ctrl, keys};
use crate::tui::msg::Task;
use crate::tui::pairs::{Pairs, Selected, starting_range};
use crate::tui::pictures::Slot;
use crate::tui::scene::{Go, Purpose, Screen};
use crate::tui::scenes::list::List;
use crate::tui::scenes::prompt::{Typing, paths_of_marks};
use crate::tui::scenes::settings_panel::SettingsPanel;
use crate::tui::scenes::side_by_side::SideBySide;
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::settings::{Field, Settings};
use crate::tui::world::{World, Writing};

#[derive(Clone, Copy, Debug)]
pub enum JoinedAction {
    Go(Move),
    Compare,
    Back,
    Mark,
    /// All pictures of the group but the first.
    MarkOthers,
    Write,
    Settings,
    WritePaths,
    Larger,
    Smaller,
    Skipped,
}
use JoinedAction as Act;

pub static KEYS: Keys<JoinedAction> = keys! { "Joined sets"
    Act::Go(Move::Left) => [code(KeyCode::Left), char('h')] "move" "picture to the left";
    Act::Go(Move::Down) => [code(KeyCode::Down), char('j')] "move" "pair or group below";
    Act::Go(Move::Up) => [code(KeyCode::Up), char('k')] "move" "pair or group above";
    Act::Go(Move::Right) => [code(KeyCode::Right), char('l')] "move" "picture to the right; more of a large group";
    Act::Compare => [code(KeyCode::Enter), char('v')] "compare" "view the pair side by side: the first picture and the selected one";
    Act::Back => [char('b'), code(KeyCode::Esc), code(KeyCode::Backspace)] "back" "back to key select; a join under way is cancelled";
    Act::Mark => [char(' ')] "mark" "mark or unmark the picture";
    Act::MarkOthers => [char('m')] "others" "mark or unmark all pictures of the pair or group but the first";
    Act::Write => [char('w')] "write" "write the pairs, or groups, to a file: .csv, .jsonl or .parquet";
    Act::Settings => [char('e'), code(KeyCode::Tab)] "settings" "change datasets, metric, predicate, descriptor";
    Act::WritePaths => [char('W')] "" "write the paths of all marked pictures to a file";
    Act::Go(Move::PageDown) => [code(KeyCode::PageDown), ctrl('f')] "" "next page";
    Act::Go(Move::PageUp) => [code(KeyCode::PageUp), ctrl('b')] "" "previous page";
    Act::Go(Move::Home) => [code(KeyCode::Home), char('g')] "" "first pair or group";
    Act::Go(Move::End) => [code(KeyCode::End), char('G')] "" "last pair or group";
    Act::Larger => [char('+'), char('=')] "" "larger previews";
    Act::Smaller => [char('-')] "" "smaller previews";
    Act::Skipped => [char('x')] "" "list the pictures that can't be read";
};

pub struct Joined {
    pub pairs: Pairs,
}

impl Joined {
    /// Pairs that will be; and what is to be done for them.
    pub fn new(settings: Settings, world: &mut World) -> (Joined, Vec<Task>) {
        let prefer = [Task::Prefer(settings.dataset), Task::Prefer(settings.key_dataset)];
        let (pairs, job) = Pairs::new(settings, world);
        (Joined { pairs }, prefer.into_iter().chain([Task::Join(job)]).collect())
    }

    /// What is to be done when it is left: a join under way is of no use any more.
    pub fn left(&self) -> Vec<Task> {
        let under_way = self.pairs.request.answer().is_none();
        under_way.then_some(Task::StopJoin).into_iter().collect()
    }

    fn act(&mut self, action: JoinedAction, world: &mut World) -> Go {
        let pairs = &mut self.pairs;
        match action {
            Act::Go(way) => pairs.selected = pairs.moved(way, &pairs.grid(world)),
            Act::Compare if pairs.rows() > 0 => {
                pairs.selected.picture = pairs.selected.picture.max(1);
                return Go::over(SideBySide::default());
            }
            Act::Compare => {}
            Act::Back => return Go::Back(self.left()),
            Act::Mark => {
                if let Some(picture) = pairs.picture(pairs.selected, world) {
                    world.toggle_mark(picture.path);
                }
            }
            Act::MarkOthers => self.mark_others(world),
            Act::Write => return self.ask_where_to_write(world),
            Act::Settings => return Go::over(SettingsPanel::new(Field::KeyDataset, &pairs.settings)),
            Act::WritePaths => return paths_of_marks(world),
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }

    /// Marks all pictures of the selected group but the first; unmarks them if they all are marked.
    fn mark_others(&self, world: &mut World) {
        let (pairs, row) = (&self.pairs, self.pairs.selected.row);
        let others = (1..pairs.pictures(row)).filter_map(|picture| pairs.picture(Selected { row, picture }, world));
        let paths: Vec<_> = others.map(|picture| picture.path).collect();
        if paths.iter().all(|path| world.marks.contains(path)) {
            world.marks.retain(|path| !paths.contains(path));
        } else {
            world.marks.extend(paths);
        }
    }

    fn ask_where_to_write(&self, world: &mut World) -> Go {
        let (pairs, name) = (&self.pairs, |set: usize| world.sets[set].dataset.name.replace(['/', '\\'], "-"));
        let (keys, others) = (name(pairs.settings.key_dataset), name(pairs.settings.dataset));
        match &world.writing {
            Some(writing) => world.error(format!("{} is still being written", writing.path.display())),
            None if pairs.found().is_none() => world.error("the join is not done yet"),
            None if pairs.rows() == 0 => world.error("there is nothing to write"),
            None => {
                let what = if pairs.are_groups() { "groups".into() } else { others };
                return Go::over(Typing::new(Purpose::WriteJoin, format!("simages-{keys}-{what}.csv")));
            }
        }
        Go::Stay
    }

    /// Writes the groups shown; of pairs all results of the join, also those that were not kept for the screen.
    fn write(&self, path: PathBuf, world: &mut World) -> Vec<Task> {
        if let Err(error) = PairFormat::by_extension(&path) {
            world.error(error);
            return Vec::new();
        }
        let Some(answer) = self.pairs.request.answer() else { return Vec::new() };
        let goal = match self.pairs.are_groups() {
            true => JoinGoal::WriteShown(path.clone(), answer.found.clone()),
            false => JoinGoal::Write(path.clone(), self.pairs.join.clone()),
        };
        let generation = world.next_generation();
        world.writing = Some(Writing { generation, path, step: None, may_be_dropped: false });
        vec![Task::WriteJoin(JoinJob { generation, goal })]
    }
}

impl Screen for Joined {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let grid = self.pairs.grid(world);
        let Some(item) = grid.at(at) else { return Go::Stay };
        if let Some(selected) = self.pairs.in_tile(&grid, item) {
            self.pairs.selected = selected;
        }
        if double { self.act(Act::Compare, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        self.pairs.visible(world)
    }

    fn next(&self, world: &World) -> Vec<Slot> {
        self.pairs.next_page(world)
    }

    fn draw(&self, frame: &mut Frame, world: &World) {
        draw::draw(frame, &self.pairs, world);
    }

    fn settings(&self) -> &Settings {
        &self.pairs.settings
    }

    fn starting_range(&self, settings: &Settings, world: &World) -> Option<f64> {
        Some(starting_range(settings, world))
    }

    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task> {
        let (again, tasks) = Joined::new(settings, world);
        *self = again;
        tasks
    }

    fn live_key(&self, _: bool, _: &World) -> Option<KeyPicture> {
        None
    }

    fn ranking<'a>(&self, _: &'a World) -> Option<&'a Ranking> {
        None
    }

    fn typed(&mut self, purpose: Purpose, text: &str, world: &mut World) -> Vec<Task> {
        match purpose {
            Purpose::WriteJoin => self.write(expanded(text), world),
            Purpose::WritePaths => {
                vec![Task::WritePaths { path: expanded(text), paths: world.marks.iter().cloned().collect() }]
            }
            _ => Vec::new(),
        }
    }

    fn awaits(&self, generation: u64) -> bool {
        self.pairs.request.is(generation)
    }

    fn joining(&mut self, news: JoinNews) {
        match news {
            JoinNews::Step(step) => self.pairs.step = Some(step),
            JoinNews::Ended(_, Ok(JoinOutcome::Shown(answer))) => self.pairs.request.take(Ok(answer)),
            JoinNews::Ended(_, Err(error)) => self.pairs.request.take(Err(error)),
            JoinNews::Ended(_, Ok(JoinOutcome::Written(_))) => {}
        }
    }

    fn count(&self) -> usize {
        0
    }

    fn picture(&self, _: usize, _: &World) -> Option<KeyPicture> {
        None
    }

    fn select(&mut self, _: usize) {}

    fn pairs(&self) -> Option<&Pairs> {
        Some(&self.pairs)
    }

    fn pairs_mut(&mut self) -> Option<&mut Pairs> {
        Some(&mut self.pairs)
    }
}
