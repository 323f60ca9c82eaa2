//! The clusters found so far, and the selection.

use crate::clusters::Cluster;
use crate::tui::jobs::{ClustersAnswer, ClustersJob, ClustersWork, JoinGoal, JoinJob, JoinStep};
use crate::tui::msg::Task;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::whole_sets::WholeSets;
use crate::tui::widgets::grid::{Across, Grid, NARROWEST, Wish};
use crate::tui::world::World;

/// Powers of two of the resolution.
const FINENESS: std::ops::RangeInclusive<i32> = -4..=8;

pub struct ClustersScreen {
    pub sets: WholeSets,
    pub settings: Settings,
    pub answer: Option<ClustersAnswer>,
    /// Why there are none, or no newer ones.
    pub error: Option<String>,
    /// The request that waits for its answer.
    waits: Option<u64>,
    pub step: Option<JoinStep>,
    /// The picture to select once there are clusters.
    begin: Option<KeyPicture>,
    /// Steps of resolution: more and smaller clusters, or fewer.
    pub fineness: i32,
    /// The selected or open cluster.
    pub selected: usize,
    /// The selected picture inside an open cluster.
    pub inside: Option<usize>,
}

impl ClustersScreen {
    /// Clusters of the key's dataset and the one joined with it, starting at the cluster of `begin`; returns tasks.
    pub fn new(settings: Settings, begin: Option<KeyPicture>, world: &mut World) -> (ClustersScreen, Vec<Task>) {
        let mut screen = ClustersScreen {
            sets: WholeSets::default(),
            settings,
            answer: None,
            error: None,
            waits: None,
            step: None,
            begin,
            fineness: 0,
            selected: 0,
            inside: None,
        };
        let tasks = screen.begin(world);
        (screen, tasks)
    }

    /// Requests the clusters of the chosen datasets.
    pub fn begin(&mut self, world: &mut World) -> Vec<Task> {
        let (sets, mut tasks) = WholeSets::of(&self.settings);
        self.sets = sets;
        tasks.push(self.ask(world));
        tasks
    }

    fn ask(&mut self, world: &mut World) -> Task {
        let sources = self.sets.ask(world);
        self.start(ClustersWork::Begin(sources), world)
    }

    fn start(&mut self, what: ClustersWork, world: &mut World) -> Task {
        let generation = world.next_generation();
        (self.waits, self.step) = (Some(generation), None);
        let job = ClustersJob { what, resolution: self.resolution() };
        Task::Join(JoinJob { generation, goal: JoinGoal::Clusters(job) })
    }

    /// Requests again if much more is known.
    pub fn next_work(&mut self, world: &mut World) -> Option<Task> {
        (self.waits.is_none() && self.sets.have_grown(world)).then(|| self.ask(world))
    }

    /// More and smaller clusters, or fewer, if possible.
    pub fn refine(&mut self, by: i32, world: &mut World) -> Option<Task> {
        let fineness = (self.fineness + by).clamp(*FINENESS.start(), *FINENESS.end());
        if fineness == self.fineness {
            match by {
                1.. => world.inform("these are the finest clusters"),
                ..0 => world.inform("these are the coarsest clusters"),
                0 => {}
            }
            return None;
        }
        self.fineness = fineness;
        let ground = self.answer.as_ref().map(|answer| answer.ground.clone());
        Some(match ground.filter(|_| !self.sets.have_grown(world)) {
            Some(ground) => self.start(ClustersWork::Again(ground), world),
            None => self.ask(world),
        })
    }

    pub fn resolution(&self) -> f64 {
        f64::from(self.fineness).exp2()
    }

    pub fn waits_for(&self, generation: u64) -> bool {
        self.waits == Some(generation)
    }

    /// Whether something is running.
    pub fn is_under_way(&self) -> bool {
        self.waits.is_some()
    }

    /// Tasks to stop work when the screen is left.
    pub fn left(&self) -> Vec<Task> {
        self.waits.map(|_| Task::StopJoin).into_iter().collect()
    }

    pub fn failed(&mut self, error: String) {
        (self.waits, self.error) = (None, Some(error));
    }

    /// Takes new clusters. The selection stays on the same picture, or the cluster that holds it.
    pub fn take(&mut self, answer: ClustersAnswer, world: &World) {
        let stood_on = self.begin.take().or_else(|| self.standing());
        (self.waits, self.error) = (None, None);
        self.answer = Some(answer);
        let place = stood_on.and_then(|picture| self.place_of(&picture, world));
        let (cluster, within) = place.unwrap_or_default();
        self.selected = cluster;
        self.inside = self.inside.filter(|_| place.is_some()).map(|_| within);
    }

    /// The cluster that a picture is in, and its place in it.
    fn place_of(&self, picture: &KeyPicture, world: &World) -> Option<(usize, usize)> {
        let answer = self.answer.as_ref()?;
        let number = self.sets.find(answer.ground.collection(), picture, world)?;
        let within = |cluster: &Cluster| cluster.pictures.iter().position(|picture| *picture == number);
        let mut places = answer.clustering.clusters.iter().enumerate();
        places.find_map(|(cluster, of)| Some((cluster, within(of)?)))
    }

    pub fn clusters(&self) -> &[Cluster] {
        self.answer.as_ref().map_or(&[], |answer| &answer.clustering.clusters)
    }

    /// The number of items shown: the most central picture of each cluster, or the pictures of one.
    pub fn shown(&self) -> usize {
        match self.inside {
            Some(_) => self.clusters().get(self.selected).map_or(0, |cluster| cluster.pictures.len()),
            None => self.clusters().len(),
        }
    }

    /// The index of the selected item.
    pub fn at(&self) -> usize {
        self.inside.unwrap_or(self.selected)
    }

    pub fn stand_at(&mut self, at: usize) {
        match &mut self.inside {
            Some(inside) => *inside = at,
            None => self.selected = at,
        }
    }

    /// One of the items shown.
    pub fn picture_at(&self, at: usize) -> Option<KeyPicture> {
        let (cluster, within) = if self.inside.is_some() { (self.selected, at) } else { (at, 0) };
        self.picture(*self.clusters().get(cluster)?.pictures.get(within)?)
    }

    fn picture(&self, number: u32) -> Option<KeyPicture> {
        Some(KeyPicture::from(self.answer.as_ref()?.ground.collection().image(number)))
    }

    pub fn standing(&self) -> Option<KeyPicture> {
        self.picture_at(self.at())
    }

    /// All pictures of the selected or open cluster.
    pub fn pictures(&self) -> Vec<KeyPicture> {
        let pictures = self.clusters().get(self.selected).map_or(&[][..], |cluster| &cluster.pictures);
        pictures.iter().filter_map(|number| self.picture(*number)).collect()
    }

    /// How many pictures of a cluster are marked, and how many it has.
    pub fn marked(&self, cluster: usize, world: &World) -> (usize, usize) {
        let pictures = self.clusters().get(cluster).map_or(&[][..], |cluster| &cluster.pictures);
        let collection = self.answer.as_ref().map(|answer| answer.ground.collection());
        let is_marked = |at: &&u32| collection.is_some_and(|all| world.marks.contains(&all.image(**at).path));
        let marked = if world.marks.is_empty() { 0 } else { pictures.iter().filter(is_marked).count() };
        (marked, pictures.len())
    }

    pub fn grid(&self, world: &World) -> Grid {
        let parts = world.parts(false);
        let (zoom, across) = (world.zoom, Across::Singles);
        // Below a picture: its name, and the size of the cluster.
        let caption = if self.inside.is_some() { 1 } else { 2 };
        let wish = Wish { room: parts.room, caption, zoom, expected: self.shown(), across, narrowest: NARROWEST };
        Grid::new(parts.pictures, self.shown(), self.at(), wish)
    }
}
