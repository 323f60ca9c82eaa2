//! In which order key select shows pictures.

use std::cmp::Reverse;

use crate::order::{OrderedBy, Ordering};
use crate::text::thousands;
use crate::tui::growth::Growth;
use crate::tui::jobs::{JoinGoal, JoinJob, JoinNews, JoinOutcome, OrderJob};
use crate::tui::msg::Task;
use crate::tui::set::Set;
use crate::tui::world::World;

/// What decides the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    Name,
    /// What needs descriptors.
    Descriptors(OrderedBy),
    /// When pictures were taken, or else changed; the newest first.
    Date,
    /// The largest file first.
    Size,
    /// With this.
    Shuffled(u64),
}

impl SortBy {
    /// What `S` goes on to.
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
            SortBy::Descriptors(OrderedBy::Likeness) => "by likeness",
            SortBy::Date => "newest first",
            SortBy::Size => "largest first",
            SortBy::Descriptors(OrderedBy::Solitude) => "most alone first",
            SortBy::Shuffled(_) => "shuffled",
        }
    }
}

#[derive(Default)]
pub struct KeyOrder {
    by: SortBy,
    /// What was found last, of the dataset it was asked for.
    found: Option<Ordering>,
    /// How much was known of the dataset when it was asked for, or ordered by what is known.
    asked: Option<(usize, Growth)>,
    /// The request that waits for its answer, and how far it is, in percent.
    waits: Option<(u64, u64)>,
    error: Option<String>,
}

impl KeyOrder {
    /// To the next order.
    pub fn go_on(&mut self) {
        *self = KeyOrder { by: self.by.next(), ..KeyOrder::default() };
    }

    /// Whether what comes first is what one wants to see: the newest, the largest, the most alone, which is just being found.
    pub fn is_to_begin(&self) -> bool {
        match self.by {
            SortBy::Date | SortBy::Size => true,
            SortBy::Descriptors(OrderedBy::Solitude) => self.found.is_none(),
            SortBy::Descriptors(OrderedBy::Likeness) | SortBy::Name | SortBy::Shuffled(_) => false,
        }
    }

    /// Each time another order, the same one each time the program is asked the same.
    pub fn shuffle(&mut self) {
        let seed = if let SortBy::Shuffled(seed) = self.by { seed + 1 } else { 1 };
        *self = KeyOrder { by: SortBy::Shuffled(seed), ..KeyOrder::default() };
    }

    /// Orders pictures of `set`, by number, which are in order by name.
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

    /// Whether pictures are to be ordered anew, and what is to be found for that: the dataset is another one, or more is known of it.
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

    /// Takes what there is to tell of the request; whether pictures are to be ordered anew.
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

    /// The order of pictures of `set`, where it isn't by name; of what has no place in it yet, how many pictures come last.
    pub fn told(&self, set: &Set) -> Option<String> {
        let text = self.by.text();
        match (self.by, &self.found, self.waits) {
            (SortBy::Name, ..) => None,
            (SortBy::Descriptors(_), None, Some((_, percent))) => Some(format!("{text} {percent} %")),
            (SortBy::Descriptors(_), Some(found), _) if found.names.len() < set.images.len() => {
                let missing = thousands(set.images.len() - found.names.len());
                Some(format!("{text}, {missing} not indexed last"))
            }
            _ => Some(text.into()),
        }
    }
}

/// When a picture was taken, by its EXIF (the clock in the camera), or else changed: nanoseconds since 1970.
fn date(set: &Set, at: usize) -> i64 {
    let image = &set.images[at];
    let row = set.matrix.get(&image.name).filter(|row| row.stamp == Some(image.stamp()));
    let taken = row.and_then(|row| row.facts()?.taken);
    taken.map_or(image.mtime_ns, |seconds| seconds.saturating_mul(1_000_000_000))
}
