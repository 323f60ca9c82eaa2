//! Groups of near-duplicates at a range, what is kept of each, and what may be marked.

use std::collections::{HashMap, HashSet};

use super::collection::Collection;
use super::evidence::{CopyReason, Doubt, judge};
use super::keep::KeepRules;
use super::similar::{Likeness, SimilarPairs};
use super::verdicts::Verdicts;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::join::{Star, stars};
use crate::progress::Progress;

/// Of a group with more pictures that are not marked, no two are looked at whether one is a copy of the other.
const MOST_UNMARKED: usize = 200;

/// What groups depend on that can be changed at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanSettings {
    /// The least cosine similarity.
    pub range: f64,
    pub rules: KeepRules,
    /// Whether two pictures in one folder are never duplicates, unless they are the same to the byte.
    pub across_folders: bool,
}

/// A picture of a group that isn't the kept one.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMember {
    pub picture: u32,
    /// The picture that is kept in its place: the group's, or another one that isn't marked.
    pub instead: u32,
    /// To that one; None if they are the same to the byte, or not within the range of each other.
    pub likeness: Option<Likeness>,
    /// Whether it may be marked.
    pub judgement: std::result::Result<CopyReason, Doubt>,
}

/// Pictures that are like one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct DuplicateGroup {
    pub kept: u32,
    /// Why that one.
    pub reason: String,
    /// The most alike first.
    pub members: Vec<GroupMember>,
}

impl DuplicateGroup {
    pub fn pictures(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.kept).chain(self.members.iter().map(|member| member.picture))
    }

    /// Those that may be marked by rule.
    pub fn to_mark(&self) -> impl Iterator<Item = u32> {
        self.members.iter().filter(|member| member.judgement.is_ok()).map(|member| member.picture)
    }
}

/// All groups, the most alike first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupPlan {
    pub groups: Vec<DuplicateGroup>,
    /// Pictures that may be marked by rule, the groups they are in, and their bytes.
    pub to_mark: usize,
    pub groups_to_mark: usize,
    pub bytes: u64,
}

impl GroupPlan {
    pub fn new(
        collection: &Collection,
        similar: &SimilarPairs,
        verdicts: &Verdicts,
        settings: &PlanSettings,
    ) -> GroupPlan {
        let counts = |pair: &&Likeness| {
            let (a, b) = pair.contents;
            pair.is_within(settings.range)
                && !verdicts.part(collection, a, b)
                && !(settings.across_folders && are_in_one_folder(collection, a, b))
        };
        let pairs: Vec<&Likeness> = similar.pairs.iter().filter(counts).collect();
        let edges: Vec<_> = pairs.iter().map(|pair| (pair.contents, pair.closeness())).collect();
        let near: HashMap<(u32, u32), &Likeness> = pairs.iter().map(|pair| (pair.contents, *pair)).collect();
        let stars = stars(&edges);
        let starred: HashSet<u32> = stars.iter().flat_map(Star::contents).collect();
        // The same to the byte, and like nothing else.
        let is_alone = |content: &u32| collection.of_content(*content).len() > 1 && !starred.contains(content);
        let alone = (0..collection.contents() as u32).filter(is_alone).map(|content| vec![content]);
        let all = alone.chain(stars.iter().map(|star| star.contents().collect()));
        let mut groups: Vec<_> = all.map(|contents: Vec<u32>| group(collection, &near, settings, &contents)).collect();
        groups.sort_by(|a, b| order(a).total_cmp(&order(b)).reverse().then(a.kept.cmp(&b.kept)));
        let bytes = |group: &DuplicateGroup| group.to_mark().map(|picture| collection.image(picture).size).sum::<u64>();
        GroupPlan {
            to_mark: groups.iter().map(|group| group.to_mark().count()).sum(),
            groups_to_mark: groups.iter().filter(|group| group.to_mark().next().is_some()).count(),
            bytes: groups.iter().map(bytes).sum(),
            groups,
        }
    }

    /// Pairs of pictures that are to be looked at before it is known whether one is a copy of the other.
    pub fn pending(&self) -> Vec<(u32, u32)> {
        let pending = |group: &DuplicateGroup| {
            let pending = group.members.iter().filter(|member| member.judgement == Err(Doubt::Pending));
            pending.map(|member| (member.instead, member.picture)).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(pending).collect()
    }

    /// Groups in which all is known that can be known: looks at files where that is needed.
    pub fn complete(
        collection: &Collection,
        similar: &SimilarPairs,
        verdicts: &Verdicts,
        settings: &PlanSettings,
        cancel: &Cancel,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<GroupPlan> {
        loop {
            // What was seen may change what is kept, and so what is to be looked at next.
            let plan = GroupPlan::new(collection, similar, verdicts, settings);
            match plan.pending() {
                pending if pending.is_empty() => return Ok(plan),
                pending => collection.look_at(&pending, cancel, progress)?,
            }
        }
    }
}

/// How alike the two most alike of a group are: identical ones most.
fn order(group: &DuplicateGroup) -> f64 {
    group.members.iter().map(closeness).fold(f64::NEG_INFINITY, f64::max)
}

fn closeness(member: &GroupMember) -> f64 {
    match (&member.likeness, member.judgement) {
        (Some(likeness), _) => likeness.closeness(),
        (None, Ok(_) | Err(Doubt::SameFile)) => 2.0,
        (None, Err(_)) => f64::MIN,
    }
}

/// Whether all pictures of both contents are in one folder.
fn are_in_one_folder(collection: &Collection, a: u32, b: u32) -> bool {
    let first = collection.of_content(a)[0];
    let mut others = collection.of_content(a).iter().chain(collection.of_content(b));
    others.all(|picture| collection.in_one_folder(first, *picture))
}

/// The group of all pictures of these contents.
fn group(
    collection: &Collection,
    near: &HashMap<(u32, u32), &Likeness>,
    settings: &PlanSettings,
    contents: &[u32],
) -> DuplicateGroup {
    let pictures: Vec<u32> = contents.iter().flat_map(|content| collection.of_content(*content)).copied().collect();
    let (kept, decided) = settings.rules.kept(collection, &pictures);
    let mut members = members(collection, near, settings, kept, &pictures);
    thin_out(collection, near, settings, &mut members);
    let reason = decided.map_or_else(|| "first by name".into(), |rule| rule.reason());
    DuplicateGroup { kept, reason, members }
}

/// All but the kept one, the most alike first.
fn members(
    collection: &Collection,
    near: &HashMap<(u32, u32), &Likeness>,
    settings: &PlanSettings,
    kept: u32,
    pictures: &[u32],
) -> Vec<GroupMember> {
    let member = |picture: u32| {
        let likeness = near_pair(collection, near, settings, kept, picture);
        let judged = judge(collection, kept, picture, likeness);
        let judgement = match settings.rules.protects(collection, picture) {
            true => Err(Doubt::Protected),
            false => judged,
        };
        GroupMember { picture, instead: kept, likeness: likeness.copied(), judgement }
    };
    let mut members: Vec<_> = pictures.iter().filter(|picture| **picture != kept).map(|p| member(*p)).collect();
    members.sort_by(|a, b| closeness(b).total_cmp(&closeness(a)).then(a.picture.cmp(&b.picture)));
    members
}

/// Pictures that are not marked in favour of the group's kept one may be copies of each other: of two shots, each may have
/// its own. Looked at in the order of the rules, the better one first.
fn thin_out(
    collection: &Collection,
    near: &HashMap<(u32, u32), &Likeness>,
    settings: &PlanSettings,
    members: &mut [GroupMember],
) {
    let is_left = |member: &GroupMember| {
        member.judgement.is_err_and(|doubt| !matches!(doubt, Doubt::SameFile | Doubt::HoldsMore | Doubt::Pending))
    };
    let mut left: Vec<u32> = members.iter().filter(|member| is_left(member)).map(|member| member.picture).collect();
    if left.len() < 2 || left.len() > MOST_UNMARKED {
        return;
    }
    let mut staying: Vec<u32> = Vec::new();
    while !left.is_empty() {
        let (next, _) = settings.rules.kept(collection, &left);
        left.retain(|picture| *picture != next);
        let found = staying.iter().find_map(|better| {
            let likeness = near_pair(collection, near, settings, *better, next);
            match judge(collection, *better, next, likeness) {
                Err(doubt) if doubt != Doubt::Pending => None,
                judged => Some((*better, likeness.copied(), judged)),
            }
        });
        match found.filter(|_| !settings.rules.protects(collection, next)) {
            None => staying.push(next),
            Some((instead, likeness, judgement)) => {
                let member = members.iter_mut().find(|member| member.picture == next).expect("it is one of them");
                *member = GroupMember { picture: next, instead, likeness, judgement };
            }
        }
    }
}

/// How alike two pictures are, if they are within the range of each other.
fn near_pair<'a>(
    collection: &Collection,
    near: &HashMap<(u32, u32), &'a Likeness>,
    settings: &PlanSettings,
    a: u32,
    b: u32,
) -> Option<&'a Likeness> {
    let (first, second) = (collection.content_of(a), collection.content_of(b));
    let is_apart = settings.across_folders && first != second && collection.in_one_folder(a, b);
    near.get(&(first.min(second), first.max(second))).copied().filter(|_| !is_apart)
}
