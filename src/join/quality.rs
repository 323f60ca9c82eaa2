//! Measures the quality of results, given which pictures belong together (leave-one-out): each picture is a key once,
//! the others are ranked, and those of its class are relevant.

use parking_lot::Mutex;

use super::compare::DescriptorKind;
use super::engine::Engine;
use super::metric::Metric;
use super::predicate::Predicate;
use super::ranking::Ranking;
use super::several::SoughtKeys;
use crate::cancel::Cancel;
use crate::descriptor::FeatureMatrix;
use crate::error::Result;
use crate::parallel;
use crate::progress::Progress;

/// Measures of one ranking, or means over many, each from 0 to 1. Manning, Raghavan and Schütze, Introduction to
/// Information Retrieval, 2008, chapter 8.4.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Average precision: the mean of the precision at each relevant picture's rank. Its mean over keys is the mAP.
    pub average_precision: f64,
    /// Precision at 1: whether the first picture is relevant.
    pub p1: f64,
    /// Precision at 10: the share of relevant pictures among the first ten.
    pub p10: f64,
    /// Precision at R, where R is the number of relevant pictures.
    pub r_precision: f64,
}

impl Measures {
    /// From a ranking, best first, that says which pictures are relevant. None if none is.
    pub fn from_relevance(relevant: &[bool]) -> Option<Measures> {
        let all = relevant.iter().filter(|r| **r).count();
        let among = |n: usize| relevant.iter().take(n).filter(|r| **r).count() as f64;
        let (mut found, mut sum) = (0.0, 0.0);
        for (rank, _) in (1..).zip(relevant).filter(|(_, relevant)| **relevant) {
            found += 1.0;
            sum += found / f64::from(rank);
        }
        let all_f64 = all as f64;
        (all > 0).then(|| Measures {
            average_precision: sum / all_f64,
            p1: among(1),
            p10: among(10) / 10.0,
            r_precision: among(all) / all_f64,
        })
    }

    fn to_array(self) -> [f64; 4] {
        [self.average_precision, self.p1, self.p10, self.r_precision]
    }

    fn from_array(measures: [f64; 4]) -> Measures {
        let [average_precision, p1, p10, r_precision] = measures;
        Measures { average_precision, p1, p10, r_precision }
    }
}

/// Means over keys, and their 95 % confidence intervals over samples of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Means {
    pub keys: usize,
    pub mean: Measures,
    pub low: Measures,
    pub high: Measures,
}

/// Samples drawn for an interval.
const SAMPLES: usize = 2000;

impl Means {
    /// Intervals by the percentile bootstrap over keys (Efron, 1979), with a fixed random seed.
    pub fn over(measured: &[Measures]) -> Means {
        if measured.is_empty() {
            return Means::default();
        }
        let mean = |chosen: &mut dyn Iterator<Item = &Measures>| {
            let mut sum = [0.0; 4];
            chosen.for_each(|m| sum.iter_mut().zip(m.to_array()).for_each(|(sum, x)| *sum += x));
            sum.map(|sum| sum / measured.len() as f64)
        };
        let mut random = fastrand::Rng::with_seed(95);
        let mut sample = || mean(&mut (0..measured.len()).map(|_| &measured[random.usize(..measured.len())]));
        let samples: Vec<_> = (0..SAMPLES).map(|_| sample()).collect();
        let percentile = |share: f64| {
            Measures::from_array(std::array::from_fn(|i| {
                let mut values: Vec<f64> = samples.iter().map(|sample| sample[i]).collect();
                values.sort_unstable_by(f64::total_cmp);
                values[((SAMPLES - 1) as f64 * share).round() as usize]
            }))
        };
        Means {
            keys: measured.len(),
            mean: Measures::from_array(mean(&mut measured.iter())),
            low: percentile(0.025),
            high: percentile(0.975),
        }
    }
}

/// The index and the measures of each key that has others of its class.
pub type PerKey = Vec<(usize, Measures)>;

/// How the other pictures are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// By the picture alone.
    One,
    /// With a second search ([`Ranking::expanded`]).
    Expanded,
    /// With this many keys, at least 2 ([`Ranking::of_several`]): the picture, and others of its class drawn at random
    /// with a fixed seed. None of them is ranked.
    Several(usize),
}

/// Ranks all others for each row of `matrix`. `classes` has the class of each row; rows without a class are never
/// relevant and never keys. In the order of the rows.
pub fn leave_one_out(
    engine: &Engine,
    matrix: &FeatureMatrix,
    classes: &[Option<usize>],
    by: (DescriptorKind, Metric),
    asked_by: AskedBy,
    cancel: &Cancel,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<PerKey> {
    assert_eq!(matrix.len(), classes.len());
    let pairs = (matrix.len() * matrix.len()) as u64;
    let progress = Mutex::new((0, progress));
    let measured = |at: usize| {
        cancel.check()?;
        let row = &matrix.rows()[at];
        let measures = classes[at].and_then(|class| {
            let (key, left_out) = (&row.descriptor, Some(row.name.as_str()));
            let ranking = match asked_by {
                AskedBy::One => Ranking::new(engine, key, matrix, left_out, by),
                AskedBy::Expanded => Ranking::expanded(engine, key, matrix, left_out, by),
                AskedBy::Several(keys) => {
                    let rows: Vec<_> = drawn(at, classes, keys)?.into_iter().map(|at| &matrix.rows()[at]).collect();
                    let like: Vec<_> = rows.iter().map(|row| &row.descriptor).collect();
                    let left_out: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
                    Ranking::of_several(engine, SoughtKeys { like: &like, unlike: &[] }, matrix, &left_out, by)
                }
            };
            let of = |name: &str| matrix.position(name).and_then(|at| classes[at]);
            let ranked = ranking.results(Predicate::Knn(usize::MAX));
            let relevant: Vec<bool> = ranked.iter().map(|n| of(&n.row.name) == Some(class)).collect();
            Some((at, Measures::from_relevance(&relevant)?))
        });
        let (done, told) = &mut *progress.lock();
        *done += matrix.len() as u64;
        told(Progress::pairs(*done, pairs));
        Ok(measures)
    };
    let measured = parallel::try_map(classes.len(), measured)?;
    matrix.check_whole()?;
    Ok(measured.into_iter().flatten().collect())
}

/// The row `at` and others of its class, `keys` in all. None if that would leave none of the class to find.
fn drawn(at: usize, classes: &[Option<usize>], keys: usize) -> Option<Vec<usize>> {
    let others = (0..classes.len()).filter(|other| *other != at && classes[*other] == classes[at]);
    let others: Vec<_> = others.collect();
    let drawn = fastrand::Rng::with_seed(at as u64).choose_multiple(others.iter().copied(), keys - 1);
    (others.len() >= keys).then(|| std::iter::once(at).chain(drawn).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Descriptor, Row};

    #[test]
    fn measures_are_those_of_the_textbook() {
        let measures = Measures::from_relevance(&[true, false, true, false, false, true]).unwrap();
        assert_eq!(measures.average_precision, (1.0 + 2.0 / 3.0 + 0.5) / 3.0);
        assert_eq!((measures.p1, measures.p10, measures.r_precision), (1.0, 0.3, 2.0 / 3.0));
        assert_eq!(Measures::from_relevance(&[false, false]), None);
        let perfect = Measures::from_relevance(&[true; 20]).unwrap();
        assert_eq!(perfect.to_array(), [1.0; 4]);
    }

    #[test]
    fn the_interval_holds_the_mean_and_narrows_with_more_keys() {
        let keys = |n: usize| -> Vec<_> { (0..n).map(|i| Measures::from_array([(i % 2) as f64; 4])).collect() };
        let width = |n| {
            let means = Means::over(&keys(n));
            assert_eq!((means.keys, means.mean.p1), (n, 0.5));
            assert!(means.low.p1 < 0.5 && 0.5 < means.high.p1);
            means.high.p1 - means.low.p1
        };
        // 2 * 1.96 * 0.5 / n.sqrt()
        assert!((width(100) - 0.196).abs() < 0.02);
        assert!(width(1000) < width(100) / 2.5);
        assert_eq!(Means::over(&[]), Means::default());
    }

    #[test]
    fn each_key_is_left_out_and_those_alone_are_none() {
        let row = |(i, values): (usize, &[f32; 3])| {
            let descriptor = Descriptor::from_dense(values).unwrap();
            Row::new(format!("{i}.png"), None, descriptor)
        };
        let rows = [[1.0, 0.0, 0.0], [1.0, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.1], [0.0, 0.0, 1.0], [0.5; 3]];
        let matrix: FeatureMatrix = rows.iter().enumerate().map(row).collect();
        let classes = [Some(0), Some(0), Some(1), Some(1), Some(2), None];
        let (engine, by, mut told) = (Engine::default(), (DescriptorKind::Full, Metric::Cosine), Progress::default());
        let cancel = Cancel::default();
        let measured =
            leave_one_out(&engine, &matrix, &classes, by, AskedBy::Expanded, &cancel, &mut |p| told = p).unwrap();
        assert_eq!(measured.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(measured.iter().all(|(_, m)| m.average_precision == 1.0 && m.p10 == 0.1));
        assert_eq!((told.done, told.of), (36, 36));
        let cancelled = Cancel::default();
        cancelled.cancel();
        assert!(leave_one_out(&engine, &matrix, &classes, by, AskedBy::One, &cancelled, &mut |_| ()).is_err());
    }
}
