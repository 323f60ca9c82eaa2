//! The measurements as a page: the tables, and the first results of some keys.

use std::path::Path;

use super::report::Report;
use crate::descriptor::FeatureMatrix;
use crate::join::export::{PictureFiles, results_on_page};
use crate::join::{AskedBy, DescriptorKind, Engine, Metric, PerKey, Predicate, Ranking};
use crate::page::{HtmlPage, PageGroup, PageSection, Weight};
use crate::text::thousands;

/// The number of keys shown, and of results for each.
const KEYS: usize = 9;
const RESULTS: usize = 8;

/// One descriptor and metric.
pub struct Measuring {
    pub by: (DescriptorKind, Metric),
    pub map: f64,
    pub per_key: PerKey,
}

/// The data that examples are taken from.
pub struct Examples<'a> {
    pub engine: &'a Engine,
    pub matrix: &'a FeatureMatrix,
    /// The class of each row.
    pub classes: &'a [Option<String>],
    pub files: PictureFiles<'a>,
    pub asked_by: AskedBy,
}

impl Examples<'_> {
    /// Keys from the worst to the best, spread evenly.
    pub fn section(&self, measuring: &Measuring) -> PageSection {
        let mut keys: Vec<_> =
            measuring.per_key.iter().map(|(at, measures)| (measures.average_precision, *at)).collect();
        // Ties by name.
        keys.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let groups = spread(keys.len(), KEYS).map(|place| self.group(keys[place], measuring.by)).collect();
        let (descriptor, metric) = measuring.by;
        PageSection {
            heading: format!("Results of some keys, by {}, {metric}", descriptor.name()),
            note: "From the key with the worst average precision to the one with the best. Results of another class than the key's are labelled."
                .to_owned(),
            groups,
        }
    }

    fn group(&self, (average_precision, at): (f64, usize), by: (DescriptorKind, Metric)) -> PageGroup {
        let row = &self.matrix.rows()[at];
        // With several keys at a time, show the results of one.
        let rank = match self.asked_by {
            AskedBy::Expanded => Ranking::expanded,
            AskedBy::One | AskedBy::Several(_) => Ranking::new,
        };
        let ranking = rank(self.engine, &row.descriptor, self.matrix, Some(&row.name), by);
        let results = ranking.results(Predicate::Knn(RESULTS));
        let key = self.files.picture(&row.name, "key");
        let mut group = results_on_page(vec![key], results, by.1, &[row.content()], self.files);
        let class = |name: &str| self.matrix.position(name).and_then(|at| self.classes[at].as_deref());
        let wanted = class(&row.name);
        for (picture, found) in group.pictures[1..].iter_mut().zip(results) {
            let of = class(&found.row.name);
            if of != wanted {
                picture.why = of.map_or_else(|| "no class".to_owned(), |of| format!("another class: {of}"));
                picture.weight = Weight::Marked;
            }
        }
        group.heading = format!("{}, average precision {average_precision:.3}", wanted.unwrap_or_default());
        group
    }
}

/// `some` indices below `of`, or all of them: the first, the last, and some evenly spaced between.
fn spread(of: usize, some: usize) -> impl Iterator<Item = usize> {
    let some = some.min(of);
    (0..some).map(move |i| if some > 1 { i * (of - 1) / (some - 1) } else { 0 })
}

/// A page with all measurements of the dataset in the folder `root`.
pub fn page(report: &Report, root: &Path, examples: PageSection) -> HtmlPage {
    let ranked = match report.asked_by {
        AskedBy::One => "in one pass".to_owned(),
        AskedBy::Expanded => "with a second pass (--expand)".to_owned(),
        AskedBy::Several(keys) => format!("with {keys} keys of a class (--keys); below, with one"),
    };
    HtmlPage {
        title: format!("Quality of results: {}", report.dataset),
        facts: vec![
            ("dataset", crate::shown::path(root)),
            ("pictures", thousands(report.pictures)),
            ("labels", report.labels.clone()),
            ("classes", report.classes.to_string()),
            ("keys", thousands(report.keys)),
            ("ranked", ranked),
        ],
        tables: report.tables(),
        sections: vec![examples],
        ..HtmlPage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spread_from_the_first_to_the_last() {
        let places = |of, some| spread(of, some).collect::<Vec<_>>();
        assert_eq!(places(100, 4), [0, 33, 66, 99]);
        assert_eq!((places(3, 9), places(1, 9), places(5, 1)), (vec![0, 1, 2], vec![0], vec![0]));
        assert!(places(0, 9).is_empty());
    }
}
