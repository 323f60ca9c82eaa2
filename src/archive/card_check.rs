//! All pictures of a card, each with its standing and its best match in the archive.

use std::collections::{HashMap, HashSet};

use parking_lot::Mutex;

use super::standing::{Standing, StandingKind};
use crate::cancel::Cancel;
use crate::dataset::{FileId, Sameness, Skipped};
use crate::duplicates::{
    Collection, CopyReason, HASH_LIMIT, HashPairing, Likeness, Verdicts, floor, hashes_of, near_hashes, start,
};
use crate::error::Result;
use crate::join::{DescriptorKind, Engine, JoinedFiles, Metric, Predicate, SetJoin, With};
use crate::parallel;
use crate::progress::Progress;

/// The number of nearest archive pictures that each of the card's is compared with. Bursts are shorter.
const NEAREST: usize = 32;

/// The index of the card among a [`Collection`]'s sources.
const CARD: usize = 0;

/// Cosine similarities that decide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardRanges {
    /// Below it, a picture is new.
    pub alike: f64,
    /// From it on, a picture is there even without evidence. None: similarity alone never suffices.
    pub same: Option<f64>,
}

impl CardRanges {
    /// Measured like those of near-duplicates.
    pub fn of(descriptor: DescriptorKind) -> CardRanges {
        CardRanges { alike: start(descriptor), same: None }
    }
}

/// A picture of the archive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArchiveMatch {
    pub picture: u32,
    /// None if both are byte-identical.
    pub likeness: Option<Likeness>,
}

impl ArchiveMatch {
    pub fn is_identical(&self) -> bool {
        self.likeness.is_none()
    }
}

/// A picture of the card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardPicture {
    pub picture: u32,
    pub standing: Standing,
    /// The match that decided, or the most similar one.
    pub best: Option<ArchiveMatch>,
}

/// All pictures of a card.
#[derive(Clone, Debug, Default)]
pub struct CardCheck {
    /// The readable ones: new ones by name, the others by similarity to their best match, highest first.
    pub pictures: Vec<CardPicture>,
    pub unreadable: Vec<Skipped>,
    /// Pictures of the archive that are the card's own files.
    pub own: usize,
}

/// Similar contents of the archive, for each of the card's.
type AlikeContents = HashMap<u32, Vec<Likeness>>;

impl CardCheck {
    /// Checks a collection whose first source is the card. `compared` reports the progress of comparing, `looked` the
    /// number of pictures checked.
    pub fn find(
        collection: &Collection,
        descriptor: DescriptorKind,
        (ranges, verdicts): (CardRanges, &Verdicts),
        engine: Engine,
        cancel: &Cancel,
        compared: &mut (dyn FnMut(Progress) + Send),
        looked: &(dyn Fn(Progress) + Sync),
    ) -> Result<CardCheck> {
        let candidates = candidates(collection, descriptor, engine, cancel, compared)?;
        let all: Vec<u32> = (0..collection.len() as u32).filter(|at| collection.picture(*at).source == CARD).collect();
        let done = Mutex::new(Progress::images(0, all.len()));
        let check = |picture: &u32| {
            cancel.check()?;
            let checked = Checking { collection, candidates: &candidates, ranges, verdicts }.one(*picture, cancel)?;
            let mut done = done.lock();
            done.done += 1;
            looked(*done);
            Ok(checked)
        };
        let mut pictures: Vec<CardPicture> = parallel::try_map_each(&all, check)?;
        // The sort is stable: ties stay in the order of names.
        pictures.sort_by(|a, b| b.order().total_cmp(&a.order()));
        Ok(CardCheck { pictures, unreadable: Vec::new(), own: own_files(collection) })
    }

    /// Pictures of one kind.
    pub fn of(&self, kind: StandingKind) -> impl Iterator<Item = &CardPicture> {
        self.pictures.iter().filter(move |picture| picture.standing.kind() == kind)
    }

    pub fn count(&self, kind: StandingKind) -> usize {
        match kind {
            StandingKind::Unreadable => self.unreadable.len(),
            kind => self.of(kind).count(),
        }
    }
}

impl CardPicture {
    /// The most similar first; new ones by name.
    fn order(&self) -> f64 {
        match (self.standing, &self.best) {
            (Standing::New, _) | (_, None) => f64::NEG_INFINITY,
            (_, Some(best)) => best.likeness.map_or(2.0, |likeness| likeness.closeness()),
        }
    }
}

/// How many files of the archive are the card's own, by another path.
fn own_files(collection: &Collection) -> usize {
    let Some((card, archives)) = collection.sources().split_first() else { return 0 };
    let own: HashSet<&FileId> = card.images.iter().map(|image| &image.id).collect();
    archives.iter().flat_map(|archive| archive.images.iter()).filter(|image| own.contains(&image.id)).count()
}

/// The nearest in the archive by descriptor, and those with a near small hash.
fn candidates(
    collection: &Collection,
    descriptor: DescriptorKind,
    engine: Engine,
    cancel: &Cancel,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<AlikeContents> {
    let first = collection.contents_of_first();
    let all = 0..collection.contents() as u32;
    // Byte-identical ones need no comparison.
    let is_there = |content: u32| in_archive(collection, content).is_some();
    let keys: Vec<u32> = all.clone().take(first).filter(|content| !is_there(*content)).collect();
    let others: Vec<u32> = all.clone().filter(|content| is_there(*content)).collect();
    let progress = Mutex::new(progress);
    let hashes = hashes_of(collection, &[&keys[..], &others].concat());
    let pairing = HashPairing::FirstWithOthers(keys.len());
    let near = near_hashes(&hashes, pairing, HASH_LIMIT, engine.instructions, cancel, &|done| progress.lock()(done))?;
    let mut found: HashMap<(u32, u32), Likeness> = HashMap::new();
    for near in near {
        let contents = (keys[near.pictures.0 as usize], others[near.pictures.1 as usize - keys.len()]);
        let [a, b] = [contents.0, contents.1].map(|content| &collection.compared(content).row.descriptor);
        let value = descriptor.comparison().value(a, b, Metric::Cosine);
        let value = (value >= floor(descriptor)).then_some(value);
        found.insert(contents, Likeness::new(contents, value, Some(near)));
    }
    let join = SetJoin {
        keys: collection.matrix(keys),
        with: With::Dataset(collection.matrix(others)),
        files: JoinedFiles::default(),
        descriptor,
        metric: Metric::Cosine,
        predicate: Predicate::Knn(NEAREST),
    };
    join.run(engine, cancel, &mut |done| progress.lock()(done), &mut |group| {
        for neighbour in group.neighbours {
            let contents = (Collection::content_of_row(&group.key), Collection::content_of_row(&neighbour.row));
            let likeness = Likeness::new(contents, Some(neighbour.value), None);
            found.entry(contents).or_insert(likeness).value = Some(neighbour.value);
        }
        Ok(())
    })?;
    let mut candidates = AlikeContents::new();
    for ((card, _), likeness) in found {
        candidates.entry(card).or_default().push(likeness);
    }
    for alike in candidates.values_mut() {
        alike.sort_by(|a, b| b.closeness().total_cmp(&a.closeness()).then(a.contents.cmp(&b.contents)));
    }
    Ok(candidates)
}

/// A picture of the archive with this content.
fn in_archive(collection: &Collection, content: u32) -> Option<u32> {
    collection.of_content(content).iter().copied().find(|at| collection.picture(*at).source != CARD)
}

/// The data for checking one picture.
struct Checking<'a> {
    collection: &'a Collection,
    candidates: &'a AlikeContents,
    ranges: CardRanges,
    verdicts: &'a Verdicts,
}

impl Checking<'_> {
    fn one(&self, picture: u32, cancel: &Cancel) -> Result<CardPicture> {
        let content = self.collection.content_of(picture);
        let is_other =
            |other: &u32| self.collection.image(*other).compare(self.collection.image(picture)) == Sameness::Different;
        if let Some(same) = in_archive(self.collection, content).filter(is_other) {
            let best = Some(ArchiveMatch { picture: same, likeness: None });
            return Ok(CardPicture { picture, standing: Standing::There(Some(CopyReason::Identical)), best });
        }
        let alike = self.candidates.get(&content).map_or(&[][..], |alike| &alike[..]);
        let of_archive = |likeness: &Likeness| in_archive(self.collection, likeness.contents.1);
        let nearest = alike
            .first()
            .and_then(|likeness| Some(ArchiveMatch { picture: of_archive(likeness)?, likeness: Some(*likeness) }));
        let mut found = CardPicture { picture, standing: Standing::New, best: nearest };
        for likeness in alike.iter().filter(|likeness| likeness.is_within(self.ranges.alike)) {
            let Some(other) = of_archive(likeness) else { continue };
            if self.verdicts.part(self.collection, likeness.contents.0, likeness.contents.1) {
                continue;
            }
            let standing = self.standing(picture, other, likeness, cancel)?;
            if rank(standing) > rank(found.standing) {
                let best = Some(ArchiveMatch { picture: other, likeness: Some(*likeness) });
                found = CardPicture { picture, standing, best };
            }
            if matches!(standing, Standing::There(_)) {
                break;
            }
        }
        Ok(found)
    }

    fn standing(&self, picture: u32, other: u32, likeness: &Likeness, cancel: &Cancel) -> Result<Standing> {
        loop {
            match Standing::of(self.collection, picture, other, Some(likeness)) {
                None => self.collection.look_at(&[(other, picture)], cancel)?,
                Some(Standing::Unsure(doubt)) => {
                    let is_same = self.ranges.same.zip(likeness.value).is_some_and(|(same, value)| value >= same);
                    let has_pixels = self.pixels(other) >= self.pixels(picture);
                    return Ok(if is_same && has_pixels { Standing::There(None) } else { Standing::Unsure(doubt) });
                }
                Some(standing) => return Ok(standing),
            }
        }
    }

    fn pixels(&self, picture: u32) -> u64 {
        self.collection.picture(picture).facts.map_or(0, |facts| facts.pixels())
    }
}

/// Standings, ordered by how much they say.
fn rank(standing: Standing) -> usize {
    match standing.kind() {
        StandingKind::New | StandingKind::Unreadable => 0,
        StandingKind::Unsure => 1,
        StandingKind::Smaller => 2,
        StandingKind::There => 3,
    }
}
