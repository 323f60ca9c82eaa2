//! The trail: key select and the screens visited after it. The last one is shown.

use super::marks::Settled;
use super::msg::Task;
use super::scene::Screen;
use super::scenes::KeySelect;
use super::world::World;

pub struct Trail {
    pub key_select: KeySelect,
    /// The screens after key select.
    pub after: Vec<Box<dyn Screen>>,
    /// A join that was left while pictures of its groups were marked. The user can come back to it.
    left: Option<Box<dyn Screen>>,
}

impl Trail {
    pub fn new() -> Trail {
        Trail { key_select: KeySelect::new(), after: Vec::new(), left: None }
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
    pub fn awaiting(&mut self, generation: u64) -> Option<&mut dyn Screen> {
        if self.key_select.awaits(generation) {
            return Some(&mut self.key_select);
        }
        self.after.iter_mut().map(|screen| &mut **screen).find(|screen| screen.awaits(generation))
    }

    /// Goes to a screen; if it is the join left before, goes back to that and returns true.
    pub fn go_on(&mut self, screen: Box<dyn Screen>) -> bool {
        let same = |left: &dyn Screen| left.pairs().zip(screen.pairs()).is_some_and(|(a, b)| a.is_of_the_same(b));
        let again = self.left.take_if(|left| same(&**left));
        let is_again = again.is_some();
        self.after.push(again.unwrap_or(screen));
        is_again
    }

    /// Another join has results, and marks now belong to its groups.
    pub fn forget_left(&mut self) {
        self.left = None;
    }

    #[cfg(test)]
    /// The join whose pairs or groups exist: on the trail, or left with marks.
    pub fn joined(&self) -> Option<&dyn Screen> {
        self.after.iter().chain(&self.left).map(|screen| &**screen).find(|screen| screen.pairs().is_some())
    }

    /// Back to the previous screen; returns its tasks.
    pub fn go_back(&mut self, world: &mut World) -> Vec<Task> {
        let left = self.after.pop();
        if let Some(left) = left.filter(|screen| screen.pairs().is_some()) {
            match (left.pairs().is_some_and(|pairs| pairs.found().is_some()), &self.left) {
                (true, _) => self.left = world.marks.has_grouped().then_some(left),
                // It had no results yet: the previous join's groups still apply.
                (false, Some(_)) => world.marks.settle_again(),
                (false, None) => {
                    let with_groups = world.marks.dissolve();
                    world.tell_settled(Settled { with_groups, ..Settled::default() });
                }
            }
        }
        self.shown_mut().returned(world)
    }
}
