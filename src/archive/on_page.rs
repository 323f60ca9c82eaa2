//! A card's pictures on a page: grouped by standing, each beside its match in the archive.

use super::card_check::{CardCheck, CardPicture};
use super::standing::StandingKind;
use crate::duplicates::{Collection, likeness_between};
use crate::page::{PageGroup, PagePicture, PageSection, Weight};
use crate::text::count;

/// A section for each of these kinds that has pictures.
pub fn on_page(collection: &Collection, check: &CardCheck, kinds: &[StandingKind]) -> Vec<PageSection> {
    let of = |kind: &StandingKind| check.count(*kind) > 0;
    kinds.iter().filter(|kind| of(kind)).map(|kind| section(collection, check, *kind)).collect()
}

fn section(collection: &Collection, check: &CardCheck, kind: StandingKind) -> PageSection {
    let heading = format!("{}: {}", first_large(kind.text()), count(check.count(kind), "picture"));
    let groups = match kind {
        // Nothing is beside them.
        StandingKind::New | StandingKind::Unreadable => {
            let mut pictures: Vec<_> = check.of(kind).map(|picture| new(collection, picture)).collect();
            if kind == StandingKind::Unreadable {
                let root = collection.sources().first().map(|card| card.root.clone()).unwrap_or_default();
                let unread = |file: &String| PagePicture::new(root.join(file), None, kind.text());
                pictures.extend(check.unreadable.iter().map(|skipped| unread(&skipped.file)));
            }
            vec![PageGroup { pictures, ..PageGroup::default() }]
        }
        _ => check.of(kind).map(|picture| pair(collection, picture)).collect(),
    };
    PageSection { heading, note: meaning(kind).to_owned(), groups }
}

fn new(collection: &Collection, picture: &CardPicture) -> PagePicture {
    let why = picture.standing.reason().to_owned();
    PagePicture { why, weight: Weight::Marked, ..PagePicture::of(collection.image(picture.picture), "not there") }
}

/// A picture of the card, and its match.
fn pair(collection: &Collection, picture: &CardPicture) -> PageGroup {
    let why = picture.standing.reason().to_owned();
    let own = PagePicture::of(collection.image(picture.picture), "card");
    let other = picture.best.map(|best| {
        let value = likeness_between(best.is_identical(), best.likeness);
        PagePicture { value, ..PagePicture::of(collection.image(best.picture), "archive") }
    });
    // Already said of identical ones.
    let is_said = other.as_ref().is_some_and(|other| other.value == why);
    let own = PagePicture { why: if is_said { String::new() } else { why }, weight: Weight::Lead, ..own };
    PageGroup { has_lead: true, pictures: std::iter::once(own).chain(other).collect(), ..PageGroup::default() }
}

fn meaning(kind: StandingKind) -> &'static str {
    match kind {
        StandingKind::New => "The archive has nothing similar.",
        StandingKind::Unsure => "The archive has something similar, but there is no evidence of a copy.",
        StandingKind::Smaller => "The archive has a copy, but a worse one.",
        StandingKind::There => "Byte-identical, or a copy with at least as many pixels.",
        StandingKind::Unreadable => "They may be in the archive or not.",
    }
}

fn first_large(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
