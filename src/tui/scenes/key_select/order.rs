//! The order of the pictures on key select.

use std::cmp::Reverse;

use crate::order::{OrderedBy, Ordering};
use crate::text::thousands;
use crate::tui::growth::Growth;
use crate::tui::jobs::{JoinGoal, JoinJob, JoinNews, JoinOutcome, OrderJob};
use crate::tui::msg::Task;
use crate::tui::set::{Set, SetState};
use crate::tui::world::World;

/// The criterion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    Name,
    /// Needs descriptors.
    Descriptors(OrderedBy),
    /// By the time the picture was taken, or else changed; newest first.
    Date,
    /// Largest file first.
    Size,
    /// With this seed.
    Shuffled(u64),
}

impl SortBy {
    /// The criterion that `S` selects next.
    fn next(self) -> SortBy {
        match self {
            SortBy::Name => SortBy::Descriptors(OrderedBy::Likeness),
            SortBy::Descriptors(OrderedBy::Likeness) => SortBy::Date,
            SortBy::Date => SortBy::Size,
            SortBy::Size => SortBy::Descriptors(OrderedBy::Solitude),
            SortBy::Descriptors(OrderedBy::Solitude) | SortBy::Shuffled(_) => SortBy::Name,
        }
    }

    fn text(self) -> &'static str {
        match self {
            SortBy::Name => "by name",
            SortBy::Descriptors(OrderedBy::Likeness) => "by similarity",
            SortBy::Date => "newest first",
            SortBy::Size => "largest first",
            SortBy::Descriptors(OrderedBy::Solitude) => "outliers first",
            SortBy::Shuffled(_) => "shuffled",
        }
    }
}

#[derive(Default)]
pub struct KeyOrder {
    by: SortBy,
    /// The last ordering found, and the dataset it was requested for.
    found: Option<Ordering>,
    /// How much was known of the dataset when the ordering was requested, or made from known facts.
    asked: Option<(usize, Growth)>,
    /// The request that waits for its answer, and its progress in percent.
    waits: Option<(u64, u64)>,
    error: Option<String>,
}

impl KeyOrder {
    /// To the next criterion.
    pub fn go_on(&mut self) {
        *self = KeyOrder { by: self.by.next(), ..KeyOrder::default() };
    }

    /// Whether to select the first picture: the newest, the largest, or the outlier, once found.
    pub fn is_to_begin(&self) -> bool {
        match self.by {
            SortBy::Date | SortBy::Size => true,
            SortBy::Descriptors(OrderedBy::Solitude) => self.found.is_none(),
            SortBy::Descriptors(OrderedBy::Likeness) | SortBy::Name | SortBy::Shuffled(_) => false,
        }
    }

    /// Another order each time, but the same sequence in every run.
    pub fn shuffle(&mut self) {
        let seed = if let SortBy::Shuffled(seed) = self.by { seed + 1 } else { 1 };
        *self = KeyOrder { by: SortBy::Shuffled(seed), ..KeyOrder::default() };
    }

    /// Orders pictures of `set`, given as indices in the order of names.
    pub fn arrange(&self, pictures: &mut [usize], set: &Set) {
        let image = |at: &usize| &set.images[*at];
        match self.by {
            SortBy::Name => {}
            SortBy::Shuffled(seed) => fastrand::Rng::with_seed(seed).shuffle(pictures),
            SortBy::Size => pictures.sort_by_key(|at| Reverse(image(at).size)),
            SortBy::Date => pictures.sort_by_cached_key(|at| (Reverse(date(set, *at)), *at)),
            SortBy::Descriptors(_) => {
                let mut ranks = vec![usize::MAX; set.images.len()];
                for (rank, name) in self.found.iter().flat_map(|found| &found.names).enumerate() {
                    if let Ok(at) = set.images.binary_search_by(|image| image.name.cmp(name)) {
                        ranks[at] = rank;
                    }
                }
                pictures.sort_by_key(|at| ranks[*at]);
            }
        }
    }

    /// Whether to order the pictures again, and the job for that: the dataset has changed, or more is known of it.
    pub fn further(&mut self, dataset: usize, world: &mut World) -> (bool, Option<Task>) {
        let by = match self.by {
            SortBy::Descriptors(by) => Some(by),
            SortBy::Date => None,
            SortBy::Name | SortBy::Size | SortBy::Shuffled(_) => return (false, None),
        };
        let is_another = self.asked.as_ref().is_none_or(|(of, _)| *of != dataset);
        let has_passed = self.asked.as_ref().is_some_and(|(_, asked)| asked.has_passed(&[dataset], world));
        if !is_another && !has_passed {
            return (false, None);
        }
        if is_another {
            (self.found, self.error) = (None, None);
        }
        self.asked = Some((dataset, Growth::of(&[dataset], world)));
        let Some(by) = by else { return (true, None) };
        let generation = world.next_generation();
        self.waits = Some((generation, 0));
        let source = world.sets[dataset].source();
        (is_another, Some(Task::Order(JoinJob { generation, goal: JoinGoal::Order(OrderJob { source, by }) })))
    }

    pub fn awaits(&self, generation: u64) -> bool {
        self.waits.is_some_and(|(waits, _)| waits == generation)
    }

    /// Takes news of the request. Returns whether to order the pictures again.
    pub fn take(&mut self, news: JoinNews) -> bool {
        match news {
            JoinNews::Step(step) => {
                self.waits = Some((step.generation, step.progress.percent()));
                return false;
            }
            JoinNews::Ended(_, Ok(JoinOutcome::Ordered(ordering))) => (self.found, self.error) = (Some(ordering), None),
            JoinNews::Ended(_, Ok(_)) => {}
            JoinNews::Ended(_, Err(error)) => self.error = Some(error.to_string()),
        }
        self.waits = None;
        true
    }

    /// Why there is no order, or no newer one.
    pub fn error(&self) -> Option<String> {
        Some(format!("no order {}: {}", self.by.text(), self.error.as_ref()?))
    }

    /// The order of pictures of `set`, unless by name; with the number of pictures that have no place in it yet and
    /// come last.
    pub fn told(&self, set: &Set) -> Option<String> {
        let text = self.by.text();
        match (self.by, &self.found, self.waits) {
            (SortBy::Name, ..) => None,
            (SortBy::Descriptors(_), None, Some((_, percent))) => Some(format!("{text} {percent} %")),
            // In a complete dataset, the others are unreadable.
            (SortBy::Descriptors(_), Some(found), _)
                if found.names.len() < set.images.len() && set.state != SetState::Complete =>
            {
                let missing = thousands(set.images.len() - found.names.len());
                Some(format!("{text}; {missing} not indexed yet, at the end"))
            }
            _ => Some(text.into()),
        }
    }
}

/// When a picture was taken, by its EXIF (the camera's clock), or else changed: nanoseconds since 1970.
fn date(set: &Set, at: usize) -> i64 {
    let image = &set.images[at];
    let row = set.matrix.get(&image.name).filter(|row| row.stamp == Some(image.stamp()));
    let taken = row.and_then(|row| row.facts()?.taken);
    taken.map_or(image.mtime_ns, |seconds| seconds.saturating_mul(1_000_000_000))
}
