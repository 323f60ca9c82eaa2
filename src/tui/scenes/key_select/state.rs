//! Which pictures are shown, in which order, and which one is selected.

use super::order::KeyOrder;
use crate::shown::folded;
use crate::tui::pictures::Slot;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::widgets::grid::{Across, Grid, NARROWEST, Wish};
use crate::tui::world::World;

/// Rows below a picture: its name.
const CAPTION: u16 = 1;

pub struct KeySelect {
    pub settings: Settings,
    /// The dataset shown.
    pub dataset: usize,
    /// Indices of its pictures that pass the filter, in the order shown.
    pub order: Vec<usize>,
    /// The position in that order.
    pub selected: usize,
    pub filter: String,
    pub sorted: KeyOrder,
}

impl KeySelect {
    pub fn new() -> KeySelect {
        let (settings, filter) = (Settings::new(0, 0), String::new());
        KeySelect { settings, dataset: 0, order: Vec::new(), selected: 0, filter, sorted: KeyOrder::default() }
    }

    /// A scan has found the pictures of `dataset`. The same picture stays selected, whatever its new index.
    pub fn rescanned(&mut self, dataset: usize, selected: Option<KeyPicture>, world: &World) {
        if dataset != self.settings.key_dataset {
            return;
        }
        self.show(world);
        if let Some(selected) = selected {
            let images = &world.sets[self.dataset].images;
            let at = self.order.iter().position(|at| images[*at].name == selected.name);
            self.selected = at.unwrap_or(self.selected);
        }
    }

    /// Shows the dataset chosen in the settings.
    pub fn show(&mut self, world: &World) {
        if self.dataset != self.settings.key_dataset {
            self.dataset = self.settings.key_dataset;
            self.selected = 0;
        }
        self.arrange(world);
    }

    /// Filters and orders; the selected picture stays selected if it is still shown.
    pub fn arrange(&mut self, world: &World) {
        let selected = self.order.get(self.selected).copied();
        let text = folded(&self.filter);
        // As a pattern too: *.png.
        let is_between = |c: char| c.is_whitespace() || c == '*';
        let has_all = |name: &str| text.split(is_between).all(|word| name.contains(word));
        let images = world.sets[self.dataset].images.iter().enumerate();
        self.order = images.filter(|(_, i)| has_all(&folded(&i.name))).map(|(at, _)| at).collect();
        self.sorted.arrange(&mut self.order, &world.sets[self.dataset]);
        let still = self.order.iter().position(|at| Some(*at) == selected);
        self.selected = still.unwrap_or(self.selected).min(self.order.len().saturating_sub(1));
    }

    pub fn filter(&mut self, text: &str, world: &World) {
        self.filter = text.into();
        self.arrange(world);
    }

    pub fn selected_picture(&self, world: &World) -> Option<KeyPicture> {
        self.picture_at(self.selected, world)
    }

    /// One of the pictures shown.
    pub fn picture_at(&self, at: usize, world: &World) -> Option<KeyPicture> {
        world.sets[self.dataset].images.get(*self.order.get(at)?).map(KeyPicture::from)
    }

    pub fn grid(&self, world: &World) -> Grid {
        let parts = world.parts(true);
        let (expected, across) = (usize::MAX, Across::Singles);
        let wish =
            Wish { room: parts.room, caption: CAPTION, zoom: world.zoom, expected, across, narrowest: NARROWEST };
        Grid::new(parts.pictures, self.order.len(), self.selected, wish)
    }

    pub fn slots(&self, world: &World, grid: &Grid, items: impl Iterator<Item = usize>) -> Vec<Slot> {
        let slot = |item| self.picture_at(item, world).map(|picture| world.slot(picture, grid.room()));
        items.filter_map(slot).collect()
    }
}
