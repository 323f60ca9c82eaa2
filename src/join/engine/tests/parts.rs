//! Tests the pure parts on their own: blocks cut at random, computed in random order with any thresholds; candidates
//! and results merged in any order and grouping.

use proptest::prelude::*;

use super::made::{matrix, rows};
use crate::descriptor::{Descriptor, FeatureMatrix};
use crate::join::engine::block::{Code, Pairing};
use crate::join::engine::blocks::{Blocks, Thresholds};
use crate::join::engine::candidate::Candidate;
use crate::join::engine::merge::Shortlist;
use crate::join::engine::{Coded, CodedSides, EveryPair, Hit, Regional, Selection, Vectors};
use crate::join::{DescriptorKind, Metric, Predicate};
use crate::simd::Instructions;

type Results = Vec<Vec<(u32, u64)>>;

fn bits(hits: Vec<Hit>) -> Vec<(u32, u64)> {
    hits.into_iter().map(|hit| (hit.row, hit.value.to_bits())).collect()
}

/// Cuts `0..n` at random, into ranges of at most `most`.
fn cut(n: usize, most: usize, random: &mut fastrand::Rng) -> Vec<std::ops::Range<usize>> {
    let (mut pieces, mut begin) = (Vec::new(), 0);
    while begin < n {
        let end = (begin + random.usize(1..=most)).min(n);
        pieces.push(begin..end);
        begin = end;
    }
    pieces
}

/// The candidates of `n` keys or rows, in several lists each.
struct Lists<C> {
    selection: Selection,
    needed: f32,
    lists: Vec<Vec<Shortlist<C>>>,
}

impl<C: crate::join::engine::candidate::Bounded> Lists<C> {
    fn new(n: usize, selection: Selection, needed: f32) -> Lists<C> {
        Lists { selection, needed, lists: (0..n).map(|_| Vec::new()).collect() }
    }

    /// No thresholds, or those of a random list.
    fn thresholds(&self, of: std::ops::Range<usize>, random: &mut fastrand::Rng) -> Vec<f32> {
        let known = |lists: &Vec<Shortlist<C>>, random: &mut fastrand::Rng| match lists.len() {
            0 => self.needed,
            n => lists.get(random.usize(..n + 1)).map_or(self.needed, Shortlist::threshold),
        };
        self.lists[of].iter().map(|lists| known(lists, random)).collect()
    }

    fn extend(&mut self, candidates: &[(u32, C)], random: &mut fastrand::Rng) {
        for of_one in candidates.chunk_by(|a, b| a.0 == b.0) {
            let lists = &mut self.lists[of_one[0].0 as usize];
            if lists.is_empty() || random.u8(..4) == 0 {
                lists.push(Shortlist::new(self.selection.predicate, self.needed, Vec::new()));
            }
            let at = random.usize(..lists.len());
            lists[at].extend(of_one.iter().map(|(_, candidate)| *candidate));
        }
    }

    /// Merges all lists of each, two at a time.
    fn merged(self, random: &mut fastrand::Rng) -> Vec<Vec<C>> {
        let merged = |mut lists: Vec<Shortlist<C>>| loop {
            match lists.len() {
                0 => break Vec::new(),
                1 => break lists.remove(0).into_sorted(),
                n => {
                    let some = lists.swap_remove(random.usize(..n));
                    lists[random.usize(..n - 1)].extend(some.into_sorted());
                }
            }
        };
        self.lists.into_iter().map(merged).collect()
    }
}

/// The results of all keys, and of all rows if `both`: then `swapped` has keys and rows exchanged. In a self-join,
/// `both` means that each pair is compared once and serves both.
fn anyhow<B: Blocks>(blocks: &B, swapped: Option<&B>, both: bool, random: &mut fastrand::Rng) -> (Results, Results) {
    let (selection, needed) = (blocks.selection(), blocks.needed());
    let itself = blocks.is_self_join();
    let pairs = match (itself, both || matches!(selection.predicate, Predicate::Range(_))) {
        (false, _) => Pairing::All,
        (true, true) => Pairing::Once,
        (true, false) => Pairing::Others,
    };
    let mut of_keys = Lists::new(blocks.keys(), selection, needed);
    let mut of_rows = Lists::new(if itself { 0 } else { blocks.rows() }, selection, needed);
    let (keys, rows) = (cut(blocks.keys(), B::KEYS, random), cut(blocks.rows(), B::ROWS, random));
    let mut todo: Vec<_> = keys.iter().flat_map(|keys| rows.iter().map(move |rows| (keys, rows))).collect();
    random.shuffle(&mut todo);
    let mut last = None;
    for (keys, rows) in todo {
        let prepared = blocks.prepare_rows(rows.clone());
        let panel = blocks.prepare_keys(keys.clone(), std::slice::from_ref(&prepared), last.take());
        let by_key = of_keys.thresholds(keys.clone(), random);
        let side = if itself { &of_keys } else { &of_rows };
        let by_row = both.then(|| side.thresholds(rows.clone(), random));
        let found = blocks.block(&panel, &prepared, pairs, Thresholds { keys: &by_key, rows: by_row.as_deref() });
        assert!(both || found.of_rows.is_empty());
        of_keys.extend(&found.of_keys, random);
        if itself { &mut of_keys } else { &mut of_rows }.extend(&found.of_rows, random);
        last = Some(panel);
    }
    let exact = |blocks: &B, candidates: Vec<Vec<B::Candidate>>| {
        let mut exact = blocks.exact();
        (0..).zip(candidates).map(|(key, candidates)| bits(exact(key, candidates, &[]))).collect()
    };
    let of_keys = exact(blocks, of_keys.merged(random));
    let of_rows = swapped.map_or(Vec::new(), |swapped| exact(swapped, of_rows.merged(random)));
    (of_keys, of_rows)
}

/// The double loop.
fn plainly(keys: &FeatureMatrix, rows: Option<&FeatureMatrix>, kind: DescriptorKind, selection: Selection) -> Results {
    let (comparison, itself) = (kind.comparison(), rows.is_none());
    let once = matches!(selection.predicate, Predicate::Range(_));
    let results = |(i, key): (usize, &Descriptor)| {
        let all = rows.unwrap_or(keys).rows().iter().enumerate();
        let others = all.filter(|(j, _)| !itself || if once { *j > i } else { *j != i });
        let value = |row: &Descriptor| comparison.value(key, row, selection.metric);
        let mut hits: Vec<_> = others.map(|(j, r)| Hit { row: j as u32, value: value(&r.descriptor) }).collect();
        hits.sort_by(|a, b| selection.order(a, b));
        match selection.predicate {
            Predicate::Knn(k) => hits.truncate(k),
            Predicate::Range(limit) => hits.retain(|hit| selection.metric.compare(hit.value, limit).is_le()),
        }
        bits(hits)
    };
    keys.rows().iter().map(|row| &row.descriptor).enumerate().map(results).collect()
}

fn descriptors(matrix: &FeatureMatrix) -> Vec<&Descriptor> {
    matrix.rows().iter().map(|row| &row.descriptor).collect()
}

fn selection() -> impl Strategy<Value = Selection> {
    let predicate = prop_oneof![
        (1usize..5).prop_map(Predicate::Knn),
        (1usize..200).prop_map(Predicate::Knn),
        (0.0f64..1.0).prop_map(Predicate::Range),
        (0.0f64..150.0).prop_map(Predicate::Range),
    ];
    (prop::sample::select(Metric::ALL.to_vec()), predicate)
        .prop_map(|(metric, predicate)| Selection { metric, predicate })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn blocks_in_any_order_are_the_double_loop_to_the_bit(
        keys in rows(),
        others in prop::option::of(rows()),
        selection in selection(),
        way in 0usize..4,
        both in any::<bool>(),
        instructions in prop::sample::select(Instructions::available()),
        seed in any::<u64>(),
    ) {
        let random = &mut fastrand::Rng::with_seed(seed);
        let (keys, others) = (matrix(&keys), others.map(|others| matrix(&others)));
        let (keys_alone, others_alone) = (descriptors(&keys), others.as_ref().map(descriptors));
        // A range self-join reports each pair once, so there is no other side.
        let both = both && (others.is_some() || matches!(selection.predicate, Predicate::Knn(_)));
        let sides = |swapped: bool| match (&others_alone, swapped) {
            (Some(others), true) => (others.clone(), Some(keys_alone.clone())),
            (others, _) => (keys_alone.clone(), others.clone()),
        };
        let vectors = |swapped| {
            let (keys, rows) = sides(swapped);
            Vectors { keys, rows, selection, instructions }
        };
        let regional = |swapped| {
            let (keys, rows) = sides(swapped);
            Regional { keys, rows, selection, instructions }
        };
        let has_rows = both && others.is_some();
        let coded = |code, random: &mut fastrand::Rng| {
            let swapped = has_rows.then(|| Coded::new(vectors(true), code, CodedSides::default()));
            anyhow(&Coded::new(vectors(false), code, CodedSides::default()), swapped.as_ref(), both, random)
        };
        let (found, kind) = match way {
            0 => (coded(Code::Values, random), DescriptorKind::Full),
            1 => (coded(Code::Norms, random), DescriptorKind::Full),
            2 => {
                let swapped = has_rows.then(|| EveryPair(vectors(true)));
                (anyhow(&EveryPair(vectors(false)), swapped.as_ref(), both, random), DescriptorKind::Full)
            }
            _ => {
                let swapped = has_rows.then(|| regional(true));
                (anyhow(&regional(false), swapped.as_ref(), both, random), DescriptorKind::Regions)
            }
        };
        prop_assert_eq!(found.0, plainly(&keys, others.as_ref(), kind, selection));
        if let Some(others) = others.filter(|_| both) {
            prop_assert_eq!(found.1, plainly(&others, Some(&keys), kind, selection));
        }
    }

    #[test]
    fn results_merged_in_any_order_and_grouping_are_those_of_all_hits(
        values in prop::collection::vec(0u8..20, 0..60),
        selection in selection(),
        seed in any::<u64>(),
    ) {
        let random = &mut fastrand::Rng::with_seed(seed);
        let hits: Vec<_> = (0..).zip(values).map(|(row, v)| Hit { row, value: f64::from(v) / 10.0 }).collect();
        let mut parts: Vec<Vec<Hit>> = vec![Vec::new(); random.usize(1..6)];
        let n = parts.len();
        hits.iter().for_each(|hit| parts[random.usize(..n)].push(*hit));
        let mut parts: Vec<_> = parts.into_iter().map(|hits| selection.results(hits)).collect();
        while parts.len() > 1 {
            let some = parts.swap_remove(random.usize(..parts.len()));
            let more = parts.swap_remove(random.usize(..parts.len()));
            parts.push(selection.merge(some, more));
        }
        prop_assert_eq!(bits(parts.remove(0)), bits(selection.results(hits)));
    }

    #[test]
    fn who_is_left_on_a_shortlist_depends_on_who_there_was_and_not_on_their_order(
        bounds in prop::collection::vec((0u8..30, 0u8..10), 0..300),
        predicate in prop_oneof![(1usize..9).prop_map(Predicate::Knn), Just(Predicate::Range(0.0))],
        seed in any::<u64>(),
    ) {
        let random = &mut fastrand::Rng::with_seed(seed);
        let selection = Selection { metric: Metric::Cosine, predicate };
        let candidate = |(row, (lower, more)): (u32, &(u8, u8))| {
            (0, Candidate { row, lower: f32::from(*lower), upper: f32::from(lower + more) })
        };
        let mut candidates: Vec<(u32, Candidate)> = (0..).zip(&bounds).map(candidate).collect();
        let needed = if let Predicate::Range(_) = predicate { 12.0 } else { f32::NEG_INFINITY };
        let mut left = || {
            random.shuffle(&mut candidates);
            let mut lists = Lists::new(1, selection, needed);
            candidates.chunks(7).for_each(|some| lists.extend(some, random));
            lists.merged(random)
        };
        prop_assert_eq!(left(), left());
    }
}
