//! Clusters of made-up pictures.

use super::*;
use crate::cancel::Cancel;
use crate::duplicates::Collection;
use crate::error::Error;
use crate::join::Engine;
use crate::map::tests::{collection, threads};

fn ground(collection: Collection) -> ClusterGround {
    ClusterGround::new(collection, Engine::default(), &Cancel::default(), &mut |_| {}).unwrap()
}

#[test]
fn kinds_are_found_without_being_told_how_many() {
    for (count, kinds) in [(240, 6), (90, 3), (1000, 20)] {
        let clustering = ground(collection(count, kinds)).clusters(1.0);
        let classes: Vec<usize> = (0..count).map(|at| at % kinds).collect();
        assert_eq!(clustering.clusters.len(), kinds);
        assert_eq!(adjusted_rand_index(&clustering.labels(), &classes), 1.0);
    }
}

#[test]
fn they_are_the_same_on_any_number_of_threads_and_finer_ones_are_more() {
    let made = |count: usize| threads(count, || ground(collection(300, 4)).clusters(1.0));
    assert_eq!(made(1), made(3));
    let ground = ground(collection(300, 4));
    let [coarse, usual, fine] = [0.01, 1.0, 16.0].map(|resolution| ground.clusters(resolution).clusters.len());
    assert!(coarse <= usual && usual == 4 && fine > 8, "{coarse} {usual} {fine}");
}

#[test]
fn every_picture_is_in_one_the_most_central_first_and_large_ones_come_first() {
    let ground = ground(collection(206, 6));
    let clustering = ground.clusters(1.0);
    let mut all: Vec<u32> = clustering.clusters.iter().flat_map(|cluster| cluster.pictures.clone()).collect();
    all.sort_unstable();
    assert_eq!(all, (0..206).collect::<Vec<_>>());
    let sizes: Vec<_> = clustering.clusters.iter().map(|cluster| cluster.pictures.len()).collect();
    assert_eq!(sizes, [35, 35, 34, 34, 34, 34]);
    assert!(clustering.clusters[0].pictures.contains(&0) && clustering.clusters[2].pictures.contains(&2));
    // By brute force: the least sum of squared distances.
    for cluster in &clustering.clusters {
        let rows = |at: &u32| ground.collection().picture(*at).row.descriptor.pooled(crate::descriptor::Pooling::Gap);
        let points: Vec<Vec<(usize, f32)>> =
            cluster.pictures.iter().map(|at| rows(at).entries().iter().collect()).collect();
        let sum_of_squares =
            |of: &Vec<(usize, f32)>| -> f64 { points.iter().map(|other| 2.0 - 2.0 * product(of, other)).sum() };
        let sums: Vec<f64> = points.iter().map(sum_of_squares).collect();
        assert!(sums.is_sorted_by(|a, b| a <= &(b + 1e-5)), "{sums:?}");
    }
}

fn product(a: &[(usize, f32)], b: &[(usize, f32)]) -> f64 {
    let length = |of: &[(usize, f32)]| of.iter().map(|(_, x)| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let other = |channel: usize| b.iter().find(|(at, _)| *at == channel).map_or(0.0, |(_, x)| f64::from(*x));
    a.iter().map(|(channel, x)| f64::from(*x) * other(*channel)).sum::<f64>() / length(a) / length(b)
}

#[test]
fn few_pictures_are_no_harm() {
    for count in 0..6 {
        let clustering = ground(collection(count, 2)).clusters(1.0);
        let pictures: usize = clustering.clusters.iter().map(|cluster| cluster.pictures.len()).sum();
        assert_eq!(pictures, count);
    }
}

#[test]
fn it_ends_when_it_is_cancelled() {
    let cancel = Cancel::default();
    cancel.cancel();
    let ended = ClusterGround::new(collection(50, 2), Engine::default(), &cancel, &mut |_| {});
    assert!(matches!(ended, Err(Error::Cancelled)));
}

#[test]
fn it_is_written_as_table_json_and_csv() {
    let ground = ground(collection(9, 2));
    let clustering = Clustering { clusters: vec![Cluster { pictures: vec![2, 0] }, Cluster { pictures: vec![1] }] };
    let written_only = |only: Option<usize>, format: ClusterFormat| {
        let mut to = Vec::new();
        write(ground.collection(), &clustering, only, format, &mut to).unwrap();
        String::from_utf8(to).unwrap()
    };
    let written = |format| written_only(None, format);
    assert_eq!(written_only(Some(2), ClusterFormat::Csv), "cluster,size,rank,path\n2,1,1,/pictures/0001.jpg\n");
    assert_eq!(
        written(ClusterFormat::Table),
        "   1  2 pictures  /pictures/0002.jpg\n   2   1 picture  /pictures/0001.jpg\n"
    );
    assert_eq!(
        written(ClusterFormat::Json),
        "[{\"cluster\":1,\"pictures\":[\"/pictures/0002.jpg\",\"/pictures/0000.jpg\"]},{\"cluster\":2,\"pictures\":[\"/pictures/0001.jpg\"]}]\n"
    );
    assert_eq!(
        written(ClusterFormat::Csv),
        "cluster,size,rank,path\n1,2,1,/pictures/0002.jpg\n1,2,2,/pictures/0000.jpg\n2,1,1,/pictures/0001.jpg\n"
    );
}
