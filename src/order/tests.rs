//! Orders of made-up points and pictures.

use super::*;
use crate::cancel::Cancel;
use crate::join::Engine;
use crate::map::tests::{collection, threads};
use crate::map::{GraphNeighbour, MapGround, NeighbourGraph};

/// The path through points on a plane, neighbours by brute force.
fn path_of(points: &[[f64; 2]]) -> Vec<u32> {
    let distance = |a: u32, b: u32| {
        let [[a, b], [x, y]] = [points[a as usize], points[b as usize]];
        (a - x).hypot(b - y)
    };
    path(points.len(), &distance, &mut |of, k, _| Ok(nearest(of, k, distance)), &Cancel::default(), &mut |_| {})
        .unwrap()
}

fn nearest(of: &[u32], k: usize, distance: impl Fn(u32, u32) -> f64) -> NeighbourGraph {
    let row = |from: &u32| {
        let others = of.iter().filter(|other| *other != from);
        let mut near: Vec<_> =
            others.map(|other| GraphNeighbour { point: *other, distance: distance(*from, *other) }).collect();
        near.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.point.cmp(&b.point)));
        near.truncate(k);
        near
    };
    NeighbourGraph { nearest: of.iter().map(row).collect() }
}

fn length(points: &[[f64; 2]], path: &[u32]) -> f64 {
    let at = |point: u32| points[point as usize];
    path.windows(2).map(|pair| (at(pair[0])[0] - at(pair[1])[0]).hypot(at(pair[0])[1] - at(pair[1])[1])).sum()
}

fn is_each_once(path: &[u32], count: usize) -> bool {
    let mut sorted = path.to_vec();
    sorted.sort_unstable();
    sorted == (0..count as u32).collect::<Vec<_>>()
}

#[test]
fn a_path_goes_through_each_point_once() {
    let mut random = fastrand::Rng::with_seed(7);
    for count in (0..14).chain([50, 211, 600]) {
        // Many at the same place.
        let points: Vec<_> = (0..count).map(|_| [random.u8(..9), random.u8(..9)].map(f64::from)).collect();
        let path = path_of(&points);
        assert!(is_each_once(&path, count), "{count}: {path:?}");
    }
}

#[test]
fn points_on_a_line_are_gone_through_from_one_end_to_the_other() {
    let mut places: Vec<u16> = (0..40).collect();
    fastrand::Rng::with_seed(5).shuffle(&mut places);
    let points: Vec<_> = places.iter().map(|place| [f64::from(*place).powf(1.5), 0.0]).collect();
    let path = path_of(&points);
    assert!((length(&points, &path) - 39f64.powf(1.5)).abs() < 1e-9, "{path:?}");
    assert!(path[0] < path[39]);
}

#[test]
fn it_is_shorter_than_always_going_to_the_nearest_that_is_left() {
    let mut random = fastrand::Rng::with_seed(3);
    let points: Vec<_> = (0..700).map(|_| [random.f64(), random.f64()]).collect();
    let ours = path_of(&points);
    let mut chain = vec![0u32];
    let mut left: Vec<u32> = (1..700).collect();
    while !left.is_empty() {
        let step = |to: u32| length(&points, &[chain[chain.len() - 1], to]);
        let nearest = (0..left.len()).min_by(|a, b| step(left[*a]).total_cmp(&step(left[*b]))).unwrap();
        chain.push(left.swap_remove(nearest));
    }
    // Within 10 % of the shortest, about 0.7124 √(n A): Johnson, McGeoch and Rothberg, 1996.
    let (ours, chain) = (length(&points, &ours), length(&points, &chain));
    assert!(ours < 0.9 * chain && ours < 1.1 * 0.7124 * 700f64.sqrt() + 0.5, "{ours}, {chain}");
}

fn ordered(by: OrderedBy, count: usize, kinds: usize) -> Vec<String> {
    let ground = MapGround::new(collection(count, kinds)).unwrap();
    Ordering::of(&ground, by, Engine::default(), &Cancel::default(), &mut |_| {}).unwrap().names
}

#[test]
fn pictures_of_a_kind_follow_each_other() {
    let names = ordered(OrderedBy::Likeness, 120, 6);
    let kind = |name: &String| name[..4].parse::<usize>().unwrap() % 6;
    let changes = names.windows(2).filter(|pair| kind(&pair[0]) != kind(&pair[1])).count();
    assert_eq!((names.len(), changes), (120, 5), "{names:?}");
}

#[test]
fn an_order_is_the_same_on_any_number_of_threads() {
    for by in [OrderedBy::Likeness, OrderedBy::Solitude] {
        assert_eq!(threads(1, || ordered(by, 150, 4)), threads(3, || ordered(by, 150, 4)));
    }
}

#[test]
fn the_picture_that_is_like_no_other_comes_first() {
    let names = ordered(OrderedBy::Solitude, 61, 61);
    assert_eq!(names.len(), 61);
    // The first kind has six pictures, each with five like it; other kinds have five.
    let names = ordered(OrderedBy::Solitude, 61, 12);
    let kinds: Vec<_> = names.iter().map(|name| name[..4].parse::<usize>().unwrap() % 12).collect();
    assert!(kinds[55..].iter().all(|kind| *kind == 0), "{names:?}");
    let mut near = vec![Vec::new(); 3];
    let neighbour = |distance| GraphNeighbour { point: 0, distance };
    near[0] = [1.0, 2.0, 3.0, 4.0, 5.0, 9.0].map(neighbour).to_vec();
    near[1] = vec![neighbour(7.0)];
    assert_eq!(solitude(&NeighbourGraph { nearest: near }), [5.0, 7.0, 0.0]);
    assert_eq!((ordered(OrderedBy::Solitude, 0, 1), ordered(OrderedBy::Likeness, 0, 1)), (vec![], vec![]));
    assert_eq!(ordered(OrderedBy::Likeness, 1, 1), ["0000.jpg"]);
}
