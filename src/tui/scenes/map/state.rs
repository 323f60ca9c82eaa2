//! The map made so far, and the visible part.

use std::cell::RefCell;
use std::rc::Rc;

use ratatui::layout::{Constraint, Layout, Rect};

use super::laid::{Laid, ShownTile};
use super::view::{MapView, Projection};
use crate::map::{MapKind, showing_order};
use crate::tui::jobs::{JoinGoal, JoinJob, JoinStep, MapAnswer, MapJob, MapWork};
use crate::tui::msg::Task;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::whole_sets::WholeSets;
use crate::tui::world::World;

/// Columns beside the map, at least and at most.
const BESIDE: std::ops::RangeInclusive<u16> = 20..=40;

pub struct MapScreen {
    /// The datasets on the map.
    pub sets: WholeSets,
    pub settings: Settings,
    pub answer: Option<MapAnswer>,
    /// The number of maps received.
    pub answers: i64,
    /// Why there is none, or no better one.
    pub error: Option<String>,
    /// The request under way.
    work: Option<MapRequest>,
    pub step: Option<JoinStep>,
    /// The picture to select once there is a map.
    begin: Option<KeyPicture>,
    /// Index in the collection.
    pub selected: u32,
    pub view: MapView,
    /// The order in which pictures are given room.
    pub order: Vec<u32>,
    laid: RefCell<Option<Rc<Laid>>>,
}

/// A request that waits for its answer.
#[derive(Clone, Copy)]
struct MapRequest {
    generation: u64,
    /// A map exists, and is being arranged by neighbours.
    arranges: bool,
}

impl MapScreen {
    /// The map of the key's dataset and the one joined with it, starting at `begin`; returns tasks.
    pub fn new(settings: Settings, begin: Option<KeyPicture>, world: &mut World) -> (MapScreen, Vec<Task>) {
        let mut map = MapScreen {
            sets: WholeSets::default(),
            settings,
            answer: None,
            answers: 0,
            error: None,
            work: None,
            step: None,
            begin,
            selected: 0,
            view: MapView { middle: [0.5; 2], zoom: 0 },
            order: Vec::new(),
            laid: RefCell::default(),
        };
        let tasks = map.begin(world);
        (map, tasks)
    }

    /// Requests the map of the chosen datasets.
    pub fn begin(&mut self, world: &mut World) -> Vec<Task> {
        let (sets, mut tasks) = WholeSets::of(&self.settings);
        self.sets = sets;
        tasks.push(self.ask(world));
        tasks
    }

    /// Requests the map of everything indexed by now.
    fn ask(&mut self, world: &mut World) -> Task {
        let sources = self.sets.ask(world);
        self.start(MapWork::Begin(sources), false, world)
    }

    fn start(&mut self, what: MapWork, arranges: bool, world: &mut World) -> Task {
        let generation = world.next_generation();
        self.work = Some(MapRequest { generation, arranges });
        self.step = None;
        Task::Join(JoinJob { generation, goal: JoinGoal::Map(MapJob { what, maps: world.maps.clone() }) })
    }

    /// The next task: more is known, or the first map must be arranged.
    pub fn next_work(&mut self, world: &mut World) -> Option<Task> {
        if self.work.is_none_or(|work| work.arranges) && self.sets.have_grown(world) {
            return Some(self.ask(world));
        }
        let answer = self.answer.as_ref().filter(|_| self.work.is_none() && self.error.is_none())?;
        if answer.map.kind == MapKind::Neighbours {
            return None;
        }
        let ground = answer.ground.clone();
        Some(self.start(MapWork::Arrange(ground), true, world))
    }

    pub fn waits_for(&self, generation: u64) -> bool {
        self.work.is_some_and(|work| work.generation == generation)
    }

    pub fn is_arranged(&self) -> bool {
        self.work.is_some_and(|work| work.arranges)
    }

    /// Tasks to stop work when the screen is left.
    pub fn left(&self) -> Vec<Task> {
        self.work.map(|_| Task::StopJoin).into_iter().collect()
    }

    pub fn failed(&mut self, error: String) {
        (self.work, self.error) = (None, Some(error));
    }

    /// Takes a new map; the same picture stays selected.
    pub fn take(&mut self, answer: MapAnswer, world: &World) {
        let stood_on = self.picture_at(self.selected).or(self.begin.take());
        let is_first = self.answer.as_ref().is_none_or(|before| before.map.places.is_empty());
        let at_middle = is_first || self.view.zoom == 0;
        (self.work, self.error) = (None, None);
        self.order = showing_order(answer.map.places.len());
        let collection = &answer.ground.collection;
        self.selected = stood_on.and_then(|picture| self.sets.find(collection, &picture, world)).unwrap_or(0);
        self.answer = Some(answer);
        self.answers += 1;
        if let Some(answer) = self.answer.as_ref().filter(|_| at_middle) {
            self.view = MapView::whole(&answer.map);
        } else if let Some(place) = self.place() {
            self.view.middle = place;
        }
    }

    pub fn count(&self) -> usize {
        self.answer.as_ref().map_or(0, |answer| answer.ground.collection.len())
    }

    pub fn picture_at(&self, at: u32) -> Option<KeyPicture> {
        let collection = &self.answer.as_ref()?.ground.collection;
        ((at as usize) < collection.len()).then(|| KeyPicture::from(collection.image(at)))
    }

    /// Which of the datasets a picture is in: 0 or 1.
    pub fn dataset_of(&self, at: u32) -> usize {
        self.answer.as_ref().map_or(0, |answer| answer.ground.collection.picture(at).source)
    }

    /// The selected picture's place on the map.
    pub fn place(&self) -> Option<[f64; 2]> {
        let place = self.answer.as_ref()?.map.places.get(self.selected as usize)?;
        Some(place.map(f64::from))
    }

    /// The map's projection on the screen. None before there is a map.
    pub fn projection(&self, world: &World) -> Option<Projection> {
        let answer = self.answer.as_ref()?;
        Some(Projection::new(&answer.map, self.view, self.areas(world).0, world.terminal.cell))
    }

    /// The layout at this size; made once for each size.
    pub fn laid(&self, projection: &Projection) -> Option<Rc<Laid>> {
        let map = &self.answer.as_ref()?.map;
        let mut kept = self.laid.borrow_mut();
        if let Some(laid) = kept.as_ref().filter(|laid| laid.is_of(map, projection)) {
            return Some(laid.clone());
        }
        let laid = Rc::new(Laid::new(map.clone(), projection, &self.order));
        *kept = Some(laid.clone());
        Some(laid)
    }

    /// The visible tiles.
    pub fn tiles(&self, world: &World) -> Vec<ShownTile> {
        let laid = self.projection(world).and_then(|projection| Some((projection, self.laid(&projection)?)));
        laid.map_or(Vec::new(), |(projection, laid)| laid.shown(&projection, self.selected))
    }

    /// The areas of the map, and of the picture beside it.
    pub fn areas(&self, world: &World) -> (Rect, Rect) {
        let area = world.parts(false).pictures;
        let width = (area.width / 4).clamp(*BESIDE.start(), *BESIDE.end());
        let [map, _, beside] =
            Layout::horizontal([Constraint::Min(1), Constraint::Length(1), Constraint::Length(width)]).areas(area);
        (map, beside)
    }
}
