//! Reads pairs written by a join, on whatever machine: CSV, JSON Lines or Parquet.
//!
//! Input: such a file, and the rows that its names refer to. Output: its best pairs, in the form that the screens show.
//! The file is read record by record, so that memory doesn't grow with it.

mod parquet;
mod text;

use std::path::Path;
use std::sync::Arc;

use super::best_pairs::{BestPairs, Pair};
use super::export::PairFormat;
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::set_join::{Group, SetJoin, With};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// Records between two checks for cancellation.
const BETWEEN: u64 = 4096;

/// Pairs read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedPairs {
    /// Best first.
    pub pairs: Vec<Pair>,
    /// The metric that orders them in the file.
    pub metric: Metric,
    /// Records in the file.
    pub results: u64,
    /// Records that name a picture without a row.
    pub unknown: u64,
}

/// A record of the file.
struct FilePair<'a> {
    key: &'a str,
    file: &'a str,
    value: f64,
}

impl<'a> FilePair<'a> {
    /// What [`FilePair::new`] refuses.
    const NO_VALUE: &'static str = "the value isn't a number";

    /// None if its value can't be compared.
    fn new(key: &'a str, file: &'a str, value: f64) -> Option<FilePair<'a>> {
        (!value.is_nan()).then_some(FilePair { key, file, value })
    }
}

/// Takes a record, and how much of the file has been read.
type Take<'a> = &'a mut (dyn FnMut(FilePair, Progress) -> Result<()> + Send);

/// Reads the pairs in the file at `path`, matches them with the rows that `join` joins, and keeps the best `most`.
///
/// # Errors
/// [`Error::Io`] if it can't be read; [`Error::Input`] if it isn't a file of pairs; [`Error::Cancelled`].
pub fn read_pairs(
    path: &Path,
    join: &SetJoin,
    most: usize,
    cancel: &Cancel,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportedPairs> {
    let mut reading = Reading { join, metric: None, first: None, waiting: Vec::new(), best: None, most, unknown: 0 };
    let mut results = 0;
    let mut take = |record: FilePair, read: Progress| {
        if results % BETWEEN == 0 {
            cancel.check()?;
            progress(read);
        }
        results += 1;
        reading.take(record);
        Ok(())
    };
    match PairFormat::by_extension(path)? {
        PairFormat::Csv => text::read_csv(path, &mut take)?,
        PairFormat::Jsonl => text::read_jsonl(path, &mut take)?,
        PairFormat::Parquet => parquet::read(path, &mut take)?,
    }
    let (metric, unknown) = (reading.metric(), reading.unknown);
    Ok(ImportedPairs { pairs: reading.into_pairs(), metric, results, unknown })
}

/// The error for a file of pairs that can't be parsed.
fn unreadable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::Input(format!("{}: not a file of pairs from simages join: {why}", crate::shown::path(path)))
}

struct Reading<'a> {
    join: &'a SetJoin,
    /// Known as soon as two results of a key differ: the better one comes first.
    metric: Option<Metric>,
    /// The last key read, and its first value.
    first: Option<(String, f64)>,
    /// Pairs read before that.
    waiting: Vec<Pair>,
    best: Option<BestPairs>,
    most: usize,
    unknown: u64,
}

impl Reading<'_> {
    fn take(&mut self, FilePair { key, file, value }: FilePair) {
        self.learn(key, value);
        let others = match &self.join.with {
            With::Dataset(others) => others,
            With::Themselves => &self.join.keys,
        };
        let (Some(key), Some(row)) = (self.join.keys.get(key), others.get(file)) else {
            self.unknown += 1;
            return;
        };
        let pair = Pair { key: key.clone(), neighbour: Neighbour::new(Arc::clone(row), value) };
        match self.metric {
            None => self.waiting.push(pair),
            Some(_) => self.keep(pair),
        }
    }

    /// Learns the metric: within a key, values fall if larger is better.
    fn learn(&mut self, key: &str, value: f64) {
        if self.metric.is_some() {
            return;
        }
        match &self.first {
            Some((of, first)) if of == key && *first != value => {
                self.metric = Metric::ALL.into_iter().find(|metric| metric.compare(*first, value).is_lt());
                for pair in std::mem::take(&mut self.waiting) {
                    self.keep(pair);
                }
            }
            Some((of, _)) if of == key => {}
            _ => self.first = Some((key.to_owned(), value)),
        }
    }

    /// If the file doesn't show it: the one chosen.
    fn metric(&self) -> Metric {
        self.metric.unwrap_or(self.join.metric)
    }

    fn keep(&mut self, pair: Pair) {
        let (metric, most) = (self.metric(), self.most);
        // Two pictures that found each other are one pair.
        let is_mutual = matches!(self.join.with, With::Themselves);
        let best = self.best.get_or_insert_with(|| BestPairs::of(metric, is_mutual, most));
        best.take(&Group { key: pair.key, neighbours: vec![pair.neighbour] });
    }

    fn into_pairs(mut self) -> Vec<Pair> {
        for pair in std::mem::take(&mut self.waiting) {
            self.keep(pair);
        }
        self.best.map_or(Vec::new(), BestPairs::into_pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
    use crate::join::export::PairWriter;
    use crate::join::{DescriptorKind, Engine, JoinedFiles, Predicate};

    fn matrix(names: &[&str]) -> FeatureMatrix {
        let row = |(i, name): (usize, &&str)| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            (dense[0], dense[1]) = (10.0, (i * i) as f32);
            Row::new(name.to_string(), None, Descriptor::from_dense(&dense).unwrap())
        };
        names.iter().enumerate().map(row).collect()
    }

    fn join(metric: Metric, predicate: Predicate, with: With) -> SetJoin {
        let keys = matrix(&["a, \"b\".png", "b.png", "c/d.png", "é.png", "z.png"]);
        SetJoin { keys, with, files: JoinedFiles::default(), descriptor: DescriptorKind::Full, metric, predicate }
    }

    fn write(join: &SetJoin, path: &Path) {
        let mut file = std::fs::File::create(path).unwrap();
        let format = PairFormat::by_extension(path).unwrap();
        let mut writer = PairWriter::new(format, Some(join.descriptor), &mut file).unwrap();
        let take = &mut |group| writer.take(&group).map_err(Error::io(path));
        join.run(Engine::default(), &Cancel::default(), &mut |_| {}, take).unwrap();
        writer.finish().unwrap();
    }

    fn read(path: &Path, join: &SetJoin) -> Result<ImportedPairs> {
        read_pairs(path, join, 1000, &Cancel::default(), &mut |_| {})
    }

    #[test]
    fn what_a_join_writes_is_read_as_the_screens_would_show_it() {
        let folder = tempfile::tempdir().unwrap();
        let others = || With::Dataset(matrix(&["x.png", "y.png", "z.png"]));
        for metric in Metric::ALL {
            for with in [With::Themselves, others()] {
                let join = join(metric, Predicate::Knn(2), with);
                let mut best = BestPairs::new(&join, 1000);
                let take = &mut |group| {
                    best.take(&group);
                    Ok(())
                };
                join.run(Engine::default(), &Cancel::default(), &mut |_| {}, take).unwrap();
                let (results, pairs) = (best.taken(), best.into_pairs());
                for format in PairFormat::ALL {
                    let path = folder.path().join(format!("pairs.{}", format.name()));
                    write(&join, &path);
                    // Whatever was chosen meanwhile, the file tells what it was ordered by.
                    for chosen in Metric::ALL {
                        let asked = SetJoin { metric: chosen, ..join.clone() };
                        let expected = ImportedPairs { pairs: pairs.clone(), metric, results, unknown: 0 };
                        assert!(read(&path, &asked).unwrap() == expected, "{metric} {}", format.name());
                    }
                }
            }
        }
    }

    #[test]
    fn what_names_other_pictures_is_counted_and_the_best_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        let join = join(Metric::Cosine, Predicate::Knn(1), With::Themselves);
        std::fs::write(&path, "key,rank,file,value\nb.png,1,z.png,0.25\ngone.png,1,b.png,0.9\né.png,1,b.png,0.5\n")
            .unwrap();
        let found = read(&path, &join).unwrap();
        assert_eq!((found.results, found.unknown, found.metric), (3, 1, Metric::Cosine));
        let names = |pair: &Pair| (pair.key.name.clone(), pair.neighbour.row.name.clone());
        assert_eq!(
            found.pairs.iter().map(names).collect::<Vec<_>>(),
            [("b.png", "é.png"), ("b.png", "z.png")].map(|(a, b)| (a.into(), b.into()))
        );
        let few = read_pairs(&path, &join, 1, &Cancel::default(), &mut |_| {}).unwrap();
        assert_eq!((few.pairs.len(), few.results), (1, 3));
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(matches!(read_pairs(&path, &join, 1, &cancel, &mut |_| {}), Err(Error::Cancelled)));
    }

    #[test]
    fn what_is_no_file_of_pairs_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let join = join(Metric::Cosine, Predicate::Knn(1), With::Themselves);
        for (name, text) in [
            ("a.csv", &b"name,x,y\nb.png,1,2\n"[..]),
            ("b.csv", b"key,rank,file,value\nb.png,1,z.png,near\n"),
            ("c.csv", b"key,rank,file,value\nb.png,1,z.png,NaN\n"),
            ("d.csv", b"key,rank,file,value\nb.png\n"),
            ("none.csv", b""),
            ("hello.csv", b"hello\n"),
            ("e.jsonl", b"{\"key\":\"b.png\"}\n"),
            ("f.jsonl", b"\xff\xfe\n"),
            ("g.parquet", b"PAR1PAR1"),
            ("h.parquet", b""),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let message = read(&path, &join).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains("not a file of pairs"), "{message}");
            assert!(!message.contains('{'), "{message}");
        }
        assert!(matches!(read(&folder.path().join("nowhere.csv"), &join), Err(Error::Io { .. })));
    }

    #[test]
    fn a_damaged_parquet_file_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.parquet");
        let join = join(Metric::Cosine, Predicate::Knn(3), With::Themselves);
        write(&join, &path);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, bytes).unwrap();
            // Some bytes are names, and some nobody reads.
            let _ = read(&path, &join);
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(read(&path, &join).is_err(), "{at} bytes");
        }
    }
}
