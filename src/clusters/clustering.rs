//! Clusters in order, each with its most central picture.

use crate::descriptor::CHANNELS;
use crate::map::MapGround;

/// A cluster of pictures, by index in the collection, the most central first; byte-identical ones are adjacent.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub pictures: Vec<u32>,
}

/// Every picture, in exactly one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clustering {
    /// The largest first; ties by the first picture.
    pub clusters: Vec<Cluster>,
}

impl Clustering {
    /// `communities` has the index of the community of each content.
    pub fn new(ground: &MapGround, communities: &[usize]) -> Clustering {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); communities.iter().max().map_or(0, |last| last + 1)];
        for (content, community) in communities.iter().enumerate() {
            members[*community].push(content as u32);
        }
        members.retain(|members| !members.is_empty());
        let mut clusters: Vec<Cluster> = members.into_iter().map(|members| Cluster::new(ground, members)).collect();
        let first = |cluster: &Cluster| cluster.pictures.iter().min().copied();
        clusters.sort_by(|a, b| b.pictures.len().cmp(&a.pictures.len()).then(first(a).cmp(&first(b))));
        Clustering { clusters }
    }

    /// The clusters with their numbers, which start at 1; or only the one with this number.
    pub fn numbered(&self, only: Option<usize>) -> impl Iterator<Item = (usize, &Cluster)> {
        (1..).zip(&self.clusters).filter(move |(number, _)| only.is_none_or(|only| only == *number))
    }

    /// For each picture, the index of its cluster.
    pub fn labels(&self) -> Vec<usize> {
        let mut labels = vec![0; self.clusters.iter().map(|cluster| cluster.pictures.len()).sum()];
        for (number, cluster) in self.clusters.iter().enumerate() {
            cluster.pictures.iter().for_each(|picture| labels[*picture as usize] = number);
        }
        labels
    }
}

impl Cluster {
    /// The most central content has the least sum of squared distances to all others: for descriptors of length 1, the
    /// largest product with their sum.
    fn new(ground: &MapGround, contents: Vec<u32>) -> Cluster {
        let points = ground.points();
        let mut sum = vec![0.0; CHANNELS];
        for content in &contents {
            sum.iter_mut().zip(points.point(*content as usize)).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let central = |content: u32| -> f64 {
            points.point(content as usize).iter().zip(&sum).map(|(x, sum)| f64::from(*x) * sum).sum()
        };
        let mut ranked: Vec<(f64, u32)> = contents.into_iter().map(|content| (central(content), content)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let of_content = |(_, content): &(f64, u32)| ground.collection.of_content(*content).iter().copied();
        Cluster { pictures: ranked.iter().flat_map(of_content).collect() }
    }
}
