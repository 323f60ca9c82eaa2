//! Clusters on a page.

use super::clustering::{Cluster, Clustering};
use crate::duplicates::Collection;
use crate::page::{PageGroup, PagePicture, PageSection};
use crate::text::{count, thousands};

/// The most pictures shown of each cluster, enough to recognize it.
const SHOWN: usize = 24;

/// All clusters, the largest first, each with its most central pictures.
pub fn on_page(collection: &Collection, clustering: &Clustering) -> PageSection {
    let group = |(number, cluster): (usize, &Cluster)| {
        let shown = &cluster.pictures[..cluster.pictures.len().min(SHOWN)];
        let most = if shown.len() < cluster.pictures.len() {
            format!(", the {} most central ones", thousands(shown.len()))
        } else {
            String::new()
        };
        PageGroup {
            heading: format!("Cluster {number}: {}{most}", count(cluster.pictures.len(), "picture")),
            has_lead: false,
            pictures: (1..).zip(shown).map(|(rank, at)| picture(collection, *at, rank)).collect(),
        }
    };
    PageSection { groups: clustering.numbered(None).map(group).collect(), ..PageSection::default() }
}

fn picture(collection: &Collection, at: u32, rank: usize) -> PagePicture {
    PagePicture::of(collection.image(at), thousands(rank))
}
