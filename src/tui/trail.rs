//! The way one has gone: key select, and the screens after it; the last one is shown.

use super::msg::Task;
use super::scene::Screen;
use super::scenes::KeySelect;
use super::world::World;

pub struct Trail {
    pub key_select: KeySelect,
    /// Those after key select.
    pub after: Vec<Box<dyn Screen>>,
}

impl Trail {
    pub fn new() -> Trail {
        Trail { key_select: KeySelect::new(), after: Vec::new() }
    }

    pub fn shown(&self) -> &dyn Screen {
        match self.after.last() {
            Some(screen) => &**screen,
            None => &self.key_select,
        }
    }

    pub fn shown_mut(&mut self) -> &mut dyn Screen {
        match self.after.last_mut() {
            Some(screen) => &mut **screen,
            None => &mut self.key_select,
        }
    }

    /// The screen that waits for the answer to this request.
    pub fn awaiting(&mut self, generation: u64) -> Option<&mut Box<dyn Screen>> {
        self.after.iter_mut().find(|screen| screen.awaits(generation))
    }

    pub fn go_on(&mut self, screen: Box<dyn Screen>) {
        self.after.push(screen);
    }

    /// Back to the screen before; what is to be done for it.
    pub fn go_back(&mut self, world: &mut World) -> Vec<Task> {
        self.after.pop();
        self.shown_mut().returned(world)
    }
}
