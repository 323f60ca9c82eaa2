//! Turns pictures that may go into marks, each with the file kept in its place.

use super::collection::Collection;
use super::plan::GroupPlan;
use crate::marks::{Mark, MarkedFile, Origin};

/// A mark for each picture that may be marked by rule.
pub fn to_marks(collection: &Collection, plan: &GroupPlan) -> Vec<Mark> {
    let marked = plan.groups.iter().flat_map(|group| group.members.iter().filter(|member| member.judgement.is_ok()));
    let file = |picture: u32| file(collection, picture);
    marked.map(|member| Mark { file: file(member.picture), origin: Origin::Group(file(member.instead)) }).collect()
}

/// A picture's file, as of the last scan.
pub fn file(collection: &Collection, picture: u32) -> MarkedFile {
    let image = collection.image(picture);
    MarkedFile {
        path: image.path.clone(),
        name: image.name.clone(),
        dataset: collection.picture(picture).source,
        stamp: image.stamp(),
        id: image.id.clone(),
        ctime_ns: image.ctime_ns,
        content: collection.picture(picture).row.content(),
    }
}
