//! Groups of near-duplicates on a page.

use super::collection::Collection;
use super::group::{DuplicateGroup, GroupMember};
use super::plan::GroupPlan;
use super::report::likeness_between;
use crate::page::{PageGroup, PagePicture, PageSection, Weight};
use crate::text::count;

/// All groups, the most similar first: the kept picture, then those that may be marked and those that stay.
pub fn on_page(collection: &Collection, plan: &GroupPlan) -> PageSection {
    let groups = (1..).zip(&plan.groups).map(|(number, group)| on_page_as(number, collection, group));
    PageSection { groups: groups.collect(), ..PageSection::default() }
}

fn on_page_as(number: usize, collection: &Collection, group: &DuplicateGroup) -> PageGroup {
    let picture = |at: u32, label: &str| PagePicture::of(collection.image(at), label);
    let kept = PagePicture { why: group.reason.clone(), weight: Weight::Lead, ..picture(group.kept, "kept") };
    let member = |member: &GroupMember| {
        let (label, why, weight) = match member.judgement {
            Ok(reason) => ("marked", reason.text(), Weight::Marked),
            Err(doubt) => ("left to you", doubt.text(), Weight::Usual),
        };
        let is_identical = collection.content_of(member.picture) == collection.content_of(member.instead);
        let value = likeness_between(is_identical, member.likeness);
        // Identical ones are marked for that reason; don't repeat it.
        let why = if why == value { String::new() } else { why.to_owned() };
        // Another one than the group's kept picture.
        let of = Some(member.instead).filter(|instead| *instead != group.kept);
        let of = of.map(|instead| format!("beside {}", collection.name(instead)));
        let why = [why, of.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let why = why.join(", ");
        PagePicture { value, why, weight, ..picture(member.picture, label) }
    };
    PageGroup {
        heading: format!("Group {number}: {}", count(1 + group.members.len(), "picture")),
        has_lead: true,
        pictures: std::iter::once(kept).chain(group.members.iter().map(member)).collect(),
    }
}
