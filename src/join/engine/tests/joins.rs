//! Compares every plan, instruction set and number of threads with the plain double loop, to the bit.

use std::sync::Arc;

use proptest::prelude::*;

use super::made::{matrix, rows};
use crate::cancel::Cancel;
use crate::dataset::{FileId, ImageFile};
use crate::descriptor::{FeatureMatrix, Row};
use crate::join::engine::{CodedSides, Engine, EngineJoin, Hit, Observer, Plan, Selection, Sides};
use crate::join::{DescriptorKind, Group, JoinedFiles, Metric, Predicate, SetJoin, With, query};
use crate::simd::Instructions;

/// A result as users see it: key, neighbours and the bits of their values.
type Seen = Vec<(String, Vec<(String, u64)>)>;

fn seen(groups: &[Group]) -> Seen {
    let neighbours = |g: &Group| g.neighbours.iter().map(|n| (n.row.name.clone(), n.value.to_bits())).collect();
    groups.iter().map(|g| (g.key.name.clone(), neighbours(g))).collect()
}

/// The name of the row on the other side that is of the same file as `key`.
fn twin(join: &SetJoin, key: &Row) -> Option<String> {
    let id = &join.files.keys.iter().find(|image| image.name == key.name)?.id;
    join.files.others.iter().find(|image| image.id == *id).map(|image| image.name.clone())
}

/// The files of all rows, numbered from `first`.
fn files(matrix: &FeatureMatrix, first: usize) -> Arc<Vec<ImageFile>> {
    let file = |(at, row): (usize, &Arc<Row>)| {
        let id = FileId::Inode { device: 1, inode: (first + at) as u64 };
        let (name, path) = (row.name.clone(), row.name.clone().into());
        ImageFile { name, path, id, size: 1, mtime_ns: 1, ctime_ns: 1 }
    };
    matrix.rows().iter().enumerate().map(file).collect::<Vec<_>>().into()
}

/// The double loop: compares two descriptors at a time.
fn expected(join: &SetJoin) -> Seen {
    let (rows, itself) = match &join.with {
        With::Dataset(rows) => (rows, false),
        With::Themselves => (&join.keys, true),
    };
    let comparison = join.descriptor.comparison();
    let group = |key: &Row| {
        let mut all: Vec<(String, f64)> = Vec::new();
        for row in rows.rows() {
            let once = itself && matches!(join.predicate, Predicate::Range(_));
            if (itself && row.name == key.name)
                || twin(join, key).as_ref() == Some(&row.name)
                || (once && row.name < key.name)
            {
                continue;
            }
            all.push((row.name.clone(), comparison.value(&key.descriptor, &row.descriptor, join.metric)));
        }
        all.sort_by(|a, b| join.metric.compare(a.1, b.1).then(a.0.cmp(&b.0)));
        match join.predicate {
            Predicate::Knn(k) => all.truncate(k),
            Predicate::Range(limit) => all.retain(|(_, value)| join.metric.compare(*value, limit).is_le()),
        }
        (key.name.clone(), all.into_iter().map(|(name, value)| (name, value.to_bits())).collect())
    };
    join.keys.rows().iter().map(|key| group(key)).collect()
}

fn run(join: &SetJoin, engine: Engine, threads: usize) -> Seen {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut groups = Vec::new();
    let take = &mut |group| {
        groups.push(group);
        Ok(())
    };
    pool.install(|| join.run(engine, &Cancel::default(), &mut |_| {}, take)).unwrap();
    seen(&groups)
}

fn set_join() -> impl Strategy<Value = SetJoin> {
    let metric = prop::sample::select(Metric::ALL.to_vec());
    (
        rows(),
        prop::option::of(rows()),
        metric,
        prop_oneof![1usize..5, 1usize..200],
        prop::option::of((0.0f64..1.0, 0usize..9)),
        prop::sample::select(DescriptorKind::ALL.to_vec()),
        prop::option::of(1usize..20),
    )
        .prop_map(|(keys, rows, metric, k, range, descriptor, shared)| {
            let keys = matrix(&keys);
            let with = rows.map_or(With::Themselves, |rows| With::Dataset(matrix(&rows)));
            // A limit that equals a value exactly, or a random one.
            let rows = if let With::Dataset(rows) = &with { rows } else { &keys };
            let predicate = match range {
                None => Predicate::Knn(k),
                Some((limit, at)) => match (keys.rows().first(), rows.rows().get(at)) {
                    (Some(key), Some(row)) => Predicate::Range(
                        descriptor.comparison().value(&key.descriptor, &row.descriptor, metric).max(0.0),
                    ),
                    _ => Predicate::Range(limit),
                },
            };
            // Some files are on both sides.
            let files = match (shared, &with) {
                (Some(first), With::Dataset(rows)) => {
                    JoinedFiles { keys: files(&keys, 10), others: files(rows, first) }
                }
                _ => JoinedFiles::default(),
            };
            SetJoin { keys, with, files, descriptor, metric, predicate }
        })
}

fn self_join(keys: &FeatureMatrix, predicate: Predicate) -> SetJoin {
    let (with, descriptor, metric) = (With::Themselves, DescriptorKind::Full, Metric::Cosine);
    SetJoin { keys: keys.clone(), with, files: JoinedFiles::default(), descriptor, metric, predicate }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_way_equals_the_double_loop_to_the_bit(
        join in set_join(),
        plan in prop::option::of(prop::sample::select(Plan::ALL.to_vec())),
        instructions in prop::sample::select(Instructions::available()),
        candidates in prop_oneof![Just(1usize << 24), 1usize..300],
        threads in 1usize..4,
    ) {
        let engine = Engine { instructions, plan, candidates };
        prop_assert_eq!(run(&join, engine, threads), expected(&join));
    }

    #[test]
    fn halves_find_what_is_in_the_other_one_and_nothing_is_lost_for_what_is_known_elsewhere(
        rows in rows(),
        (second, k) in (0usize..150, prop_oneof![1usize..5, 1usize..200]),
        (descriptor, metric) in (prop::sample::select(DescriptorKind::ALL.to_vec()), prop::sample::select(Metric::ALL.to_vec())),
        plan in prop::option::of(prop::sample::select(Plan::ALL.to_vec())),
        (candidates, threads) in (prop_oneof![Just(1usize << 24), 1usize..300], 1usize..4),
        (known, is_coded) in (any::<bool>(), any::<bool>()),
    ) {
        let matrix = matrix(&rows);
        let (all, second) = (matrix.rows(), second.min(matrix.len()));
        let selection = Selection { metric, predicate: Predicate::Knn(k) };
        let comparison = descriptor.comparison();
        let value = |a: usize, b: usize| comparison.value(&all[a].descriptor, &all[b].descriptor, metric);
        let nearest = |key: usize, other: &dyn Fn(usize) -> bool| {
            let others = (0..all.len()).filter(|row| *row != key && other(*row));
            selection.results(others.map(|row| Hit { row: row as u32, value: value(key, row) }).collect())
        };
        // The results of a join of each half with itself.
        let values = |key: usize| -> Vec<f64> {
            nearest(key, &|row| (row < second) == (key < second)).iter().map(|hit| hit.value).collect()
        };
        let elsewhere: Vec<Vec<f64>> = if known { (0..all.len()).map(values).collect() } else { Vec::new() };
        let expected: Vec<Vec<Hit>> = (0..all.len())
            .map(|key| {
                let hits = nearest(key, &|row| (row < second) != (key < second));
                let better = |hit: &Hit| elsewhere.get(key).into_iter().flatten().filter(|v| metric.compare(**v, hit.value).is_lt()).count();
                hits.iter().enumerate().filter(|(at, hit)| at + better(hit) < k).map(|(_, hit)| *hit).collect()
            })
            .collect();
        let engine = Engine { plan, candidates, ..Engine::default() };
        let coded = |rows| plan.filter(|_| is_coded).and_then(|plan| comparison.coded(rows, plan)).unwrap_or_default();
        let mut keys = coded(&all[..second]);
        keys.append(coded(&all[second..]));
        let coded = CodedSides { keys, rows: None };
        let joined = EngineJoin { elsewhere: &elsewhere, coded, ..EngineJoin::new(Sides::Halves { all, second }, selection) };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut found: Vec<Vec<Hit>> = Vec::new();
        let observer = Observer { cancel: &Cancel::default(), progress: &|_| () };
        pool.install(|| {
            comparison.join(&engine, &joined, observer, &mut |results| {
                found.extend(results);
                Ok(())
            })
        }).unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_query_equals_the_double_loop_to_the_bit(
        join in set_join(),
        plan in prop::option::of(Just(Plan::Plain)),
        instructions in prop::sample::select(Instructions::available()),
    ) {
        let engine = Engine { instructions, plan, ..Engine::default() };
        for (key, expected) in join.keys.rows().iter().zip(expected(&join)).take(3) {
            // A self-join with a range reports pairs once; a query reports all of them.
            let With::Dataset(rows) = &join.with else { continue };
            let name = twin(&join, key);
            let found = query(&engine, &key.descriptor, rows, name.as_deref(), (join.descriptor, join.metric), join.predicate).unwrap();
            prop_assert_eq!(seen(&[Group { key: key.clone(), neighbours: found }]), vec![expected]);
        }
    }
}

#[test]
fn pictures_that_are_all_alike_are_no_harder_than_others() {
    // Every row is a candidate of every key: they exceed the limit, and the join continues in smaller batches.
    let keys = matrix(&vec![vec![(3, 1.0), (25_000, 2.0)]; 300]);
    for predicate in [Predicate::Knn(3), Predicate::Range(1.0)] {
        let join = self_join(&keys, predicate);
        let engine = Engine { plan: Some(Plan::Values), candidates: 5000, ..Engine::default() };
        assert_eq!(run(&join, engine, 2), expected(&join));
    }
}

#[test]
fn a_cancelled_join_says_so() {
    let keys = matrix(&vec![vec![(3, 1.0)]; 10]);
    for plan in Plan::ALL {
        let join = self_join(&keys, Predicate::Knn(3));
        let cancel = Cancel::default();
        cancel.cancel();
        let engine = Engine { plan: Some(plan), ..Engine::default() };
        let outcome = join.run(engine, &cancel, &mut |_| {}, &mut |_| panic!("no results expected"));
        assert!(matches!(outcome, Err(crate::Error::Cancelled)), "{plan:?}");
    }
}

#[test]
fn progress_ends_at_all_pairs() {
    let keys = matrix(&(0..200).map(|i| vec![(i, 1.0), (i * 100, 2.0)]).collect::<Vec<_>>());
    for plan in Plan::ALL {
        for predicate in [Predicate::Knn(3), Predicate::Range(0.5)] {
            let join = self_join(&keys, predicate);
            let engine = Engine { plan: Some(plan), ..Engine::default() };
            let mut last = None;
            join.run(engine, &Cancel::default(), &mut |progress| last = Some(progress), &mut |_| Ok(())).unwrap();
            let last = last.unwrap();
            assert!(last.done == last.of && last.of > 0, "{plan:?} {last:?}");
        }
    }
}
