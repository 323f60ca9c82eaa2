//! A group of near-duplicates: its pictures, which one is kept, and the judgement of the others.

use std::collections::{BTreeMap, HashMap};

use super::collection::Collection;
use super::evidence::{CopyReason, Doubt, judge};
use super::settings::PlanSettings;
use super::similar::{Likeness, SimilarPairs};
use super::verdicts::Verdicts;
use crate::join::{Edge, stars};

/// In a group with more unmarked pictures than this, those are not compared with each other.
const MOST_UNMARKED: usize = 200;

/// A picture of a group, other than the kept one.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMember {
    pub picture: u32,
    /// The picture kept in its place: the group's, or another unmarked one.
    pub instead: u32,
    /// Similarity to that one; None if they are byte-identical or out of range.
    pub likeness: Option<Likeness>,
    /// Whether it may be marked.
    pub judgement: std::result::Result<CopyReason, Doubt>,
}

/// A group of similar pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct DuplicateGroup {
    pub kept: u32,
    /// Why that one.
    pub reason: String,
    /// The most similar first.
    pub members: Vec<GroupMember>,
}

impl DuplicateGroup {
    pub fn pictures(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.kept).chain(self.members.iter().map(|member| member.picture))
    }

    /// The similarity of the two most similar ones; identical ones rank highest.
    pub fn closeness(&self) -> f64 {
        self.members.iter().map(closeness).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Pairs of its pictures to be compared before it is known whether one is a copy of the other.
    pub fn pending(&self) -> Vec<(u32, u32)> {
        let pending = self.members.iter().filter(|member| member.judgement == Err(Doubt::Pending));
        pending.map(|member| (member.instead, member.picture)).collect()
    }

    /// Pictures that may be marked by rule.
    pub fn to_mark(&self) -> impl Iterator<Item = u32> {
        self.members.iter().filter(|member| member.judgement.is_ok()).map(|member| member.picture)
    }
}

fn closeness(member: &GroupMember) -> f64 {
    match (&member.likeness, member.judgement) {
        (Some(likeness), _) => likeness.closeness(),
        (None, Ok(_) | Err(Doubt::SameFile)) => 2.0,
        (None, Err(_)) => f64::MIN,
    }
}

/// The contents in no star, each with the closest one.
fn left_over(pairs: &[Edge], starred: &HashMap<u32, usize>) -> BTreeMap<u32, u32> {
    let mut closest: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
    for ((a, b), closeness) in pairs {
        for (content, near) in [(a, b), (b, a)].into_iter().filter(|(content, _)| !starred.contains_key(content)) {
            let so_far = closest.entry(*content).or_insert((*closeness, *near));
            if *closeness > so_far.0 || *closeness == so_far.0 && *near < so_far.1 {
                *so_far = (*closeness, *near);
            }
        }
    }
    closest.into_iter().map(|(content, (_, near))| (content, near)).collect()
}

/// The input of grouping.
pub struct Grouping<'a> {
    pub collection: &'a Collection,
    pub similar: &'a SimilarPairs,
    pub verdicts: &'a Verdicts,
    pub settings: &'a PlanSettings,
}

impl Grouping<'_> {
    /// The contents of each group: a star, and contents that are only like one of its outer ones.
    pub fn contents(&self) -> Vec<Vec<u32>> {
        let pairs = self.similar.pairs.iter().filter(|pair| self.counts(pair));
        let pairs: Vec<Edge> = pairs.map(|pair| (pair.contents, pair.closeness())).collect();
        let mut groups: Vec<Vec<u32>> = stars(&pairs).iter().map(|star| star.contents().collect()).collect();
        let mut group_of: HashMap<u32, usize> = HashMap::new();
        for (group, contents) in groups.iter().enumerate() {
            group_of.extend(contents.iter().map(|content| (*content, group)));
        }
        for (content, near) in left_over(&pairs, &group_of) {
            // Two of them that are near each other would be a star.
            let group = group_of[&near];
            groups[group].push(content);
            group_of.insert(content, group);
        }
        // Byte-identical files, without anything similar.
        let is_alone =
            |content: &u32| self.collection.of_content(*content).len() > 1 && !group_of.contains_key(content);
        let alone = (0..self.collection.contents() as u32).filter(is_alone).map(|content| vec![content]);
        alone.chain(groups).collect()
    }

    /// Whether the similarity of two contents may put them in one group.
    fn counts(&self, pair: &Likeness) -> bool {
        let (a, b) = pair.contents;
        pair.is_within(self.settings.range)
            && !self.verdicts.part(self.collection, a, b)
            && !(self.settings.across_folders && self.are_in_one_folder(a, b))
    }

    /// Whether all pictures of both contents are in the same folder.
    fn are_in_one_folder(&self, a: u32, b: u32) -> bool {
        let first = self.collection.of_content(a)[0];
        let mut others = self.collection.of_content(a).iter().chain(self.collection.of_content(b));
        others.all(|picture| self.collection.in_one_folder(first, *picture))
    }

    /// The group of all pictures with these contents.
    pub fn group(&self, contents: &[u32]) -> DuplicateGroup {
        let all = contents.iter().flat_map(|content| self.collection.of_content(*content));
        let pictures: Vec<u32> = all.copied().collect();
        let (kept, decided) = self.settings.rules.kept(self.collection, &pictures);
        let mut members = self.members(kept, &pictures);
        self.thin_out(&mut members);
        let reason = decided.map_or_else(|| "first by name".into(), |rule| rule.reason());
        DuplicateGroup { kept, reason, members }
    }

    /// All but the kept one, the most similar first.
    fn members(&self, kept: u32, pictures: &[u32]) -> Vec<GroupMember> {
        let member = |picture: u32| {
            let likeness = self.likeness(kept, picture);
            let judged = judge(self.collection, kept, picture, likeness);
            let judgement = match self.settings.rules.protects(self.collection, picture) {
                true => Err(Doubt::Protected),
                false => judged,
            };
            GroupMember { picture, instead: kept, likeness: likeness.copied(), judgement }
        };
        let mut members: Vec<_> = pictures.iter().filter(|picture| **picture != kept).map(|p| member(*p)).collect();
        members.sort_by(|a, b| closeness(b).total_cmp(&closeness(a)).then(a.picture.cmp(&b.picture)));
        members
    }

    /// Pictures that aren't marked in favour of the kept one may be copies of each other: each of two shots may have
    /// its own. Compares them in the order of the rules, the better one first.
    fn thin_out(&self, members: &mut [GroupMember]) {
        let is_left = |member: &GroupMember| {
            member.judgement.is_err_and(|doubt| !matches!(doubt, Doubt::SameFile | Doubt::HoldsMore | Doubt::Pending))
        };
        let mut left: Vec<u32> = members.iter().filter(|member| is_left(member)).map(|m| m.picture).collect();
        if left.len() < 2 || left.len() > MOST_UNMARKED {
            return;
        }
        let rules = &self.settings.rules;
        let mut staying: Vec<u32> = Vec::new();
        while !left.is_empty() {
            let (next, _) = rules.kept(self.collection, &left);
            left.retain(|picture| *picture != next);
            let found = staying.iter().find_map(|better| {
                let likeness = self.likeness(*better, next);
                match judge(self.collection, *better, next, likeness) {
                    Err(doubt) if doubt != Doubt::Pending => None,
                    judged => Some((*better, likeness.copied(), judged)),
                }
            });
            match found.filter(|_| !rules.protects(self.collection, next)) {
                None => staying.push(next),
                Some((instead, likeness, judgement)) => {
                    let member = members.iter_mut().find(|member| member.picture == next).expect("it is one of them");
                    *member = GroupMember { picture: next, instead, likeness, judgement };
                }
            }
        }
    }

    /// The similarity of two pictures, if within range.
    pub fn likeness(&self, a: u32, b: u32) -> Option<&Likeness> {
        let (first, second) = (self.collection.content_of(a), self.collection.content_of(b));
        let is_apart = self.settings.across_folders && first != second && self.collection.in_one_folder(a, b);
        let found = self.similar.find(first.min(second), first.max(second)).filter(|_| !is_apart)?;
        self.counts(found).then_some(found)
    }
}
