//! The measurements, as JSON or as a table.

use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::join::{AskedBy, DescriptorKind, Means, Measures, Metric, PerKey};
use crate::page::PageTable;
use crate::text::{count, printable};

/// The measurements of a dataset.
#[derive(Serialize)]
pub struct Report {
    pub dataset: String,
    pub pictures: usize,
    pub labels: String,
    #[serde(flatten, serialize_with = "asked_by")]
    pub asked_by: AskedBy,
    pub classes: usize,
    /// Pictures that have others of their class.
    pub keys: usize,
    pub results: Vec<Measured>,
}

/// How it was queried, unless by one key.
fn asked_by<S: Serializer>(asked_by: &AskedBy, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    match asked_by {
        AskedBy::One => {}
        AskedBy::Expanded => map.serialize_entry("expanded", &true)?,
        AskedBy::Several(keys) => map.serialize_entry("keys_at_a_time", keys)?,
    }
    map.end()
}

/// One descriptor and metric.
#[derive(Serialize)]
pub struct Measured {
    descriptor: &'static str,
    metric: &'static str,
    #[serde(flatten)]
    pub all: Figures,
    per_class: Vec<ClassFigures>,
}

#[derive(Serialize)]
struct ClassFigures {
    class: String,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Serialize)]
pub struct Figures {
    pub keys: usize,
    map: Figure,
    p_at_1: Figure,
    p_at_10: Figure,
    r_precision: Figure,
}

/// A mean over keys and its 95 % interval.
#[derive(Clone, Copy, Serialize)]
struct Figure {
    mean: f64,
    low: f64,
    high: f64,
}

impl From<Means> for Figures {
    fn from(Means { keys, mean, low, high }: Means) -> Figures {
        let figure = |of: fn(&Measures) -> f64| Figure { mean: of(&mean), low: of(&low), high: of(&high) };
        Figures {
            keys,
            map: figure(|m| m.average_precision),
            p_at_1: figure(|m| m.p1),
            p_at_10: figure(|m| m.p10),
            r_precision: figure(|m| m.r_precision),
        }
    }
}

impl Figures {
    pub fn map(&self) -> f64 {
        self.map.mean
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(&format!("{:.3} [{:.3}, {:.3}]", self.mean, self.low, self.high))
    }
}

/// Measures over all keys, and over each class in `known`; `classes` has the class of each row.
pub fn measured(
    descriptor: DescriptorKind,
    metric: Metric,
    per_key: &PerKey,
    classes: &[Option<usize>],
    known: &[&str],
) -> Measured {
    let means = |class: Option<usize>| {
        let of = |at: &usize| class.is_none() || classes[*at] == class;
        let chosen: Vec<_> = per_key.iter().filter(|(at, _)| of(at)).map(|(_, measures)| *measures).collect();
        Means::over(&chosen)
    };
    let per_class = known.iter().enumerate().map(|(i, class)| ((*class).to_owned(), means(Some(i))));
    let per_class = per_class.filter(|(_, means)| means.keys > 0);
    Measured {
        descriptor: descriptor.name(),
        metric: metric.name(),
        all: means(None).into(),
        per_class: per_class.map(|(class, means)| ClassFigures { class, figures: means.into() }).collect(),
    }
}

impl Report {
    /// The same two tables, for a page.
    pub fn tables(&self) -> Vec<PageTable> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let means = self.results.iter().map(|Measured { descriptor, metric, all, .. }| {
            let figures = [all.map, all.p_at_1, all.p_at_10, all.r_precision].map(|figure| figure.to_string());
            [words(&[descriptor, metric]), figures.to_vec()].concat()
        });
        let titles = self.results.iter().map(|m| format!("{} {}", m.descriptor, m.metric));
        let classes = self.results.first().map_or(&[][..], |r| &r.per_class);
        let per_class = classes.iter().enumerate().map(|(i, class)| {
            let of_class = self.results.iter().map(|m| format!("{:.3}", m.per_class[i].figures.map.mean));
            [class.class.clone(), class.figures.keys.to_string()].into_iter().chain(of_class).collect()
        });
        vec![
            PageTable {
                heading: "Means over keys, with 95 % intervals".to_owned(),
                columns: words(&["descriptor", "metric", "mAP", "P@1", "P@10", "R-precision"]),
                rows: means.collect(),
            },
            PageTable {
                heading: "mAP of each class".to_owned(),
                columns: words(&["class", "keys"]).into_iter().chain(titles).collect(),
                rows: per_class.collect(),
            },
        ]
    }

    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let (pictures, keys) = (count(self.pictures, "picture"), count(self.keys, "key"));
        let labels = printable(&self.labels);
        writeln!(to, "{}: {pictures}, {} classes (labels: {labels}), {keys}", printable(&self.dataset), self.classes)?;
        let asked = match self.asked_by {
            AskedBy::One => String::new(),
            AskedBy::Expanded => ", expanded".to_owned(),
            AskedBy::Several(keys) => format!(", {keys} keys of a class at a time"),
        };
        writeln!(to, "Means over keys [95 % interval]{asked}\n")?;
        let mut line = |name: &str, metric: &str, [a, b, c, d]: [String; 4]| {
            writeln!(to, "{name:<10}  {metric:<9}  {a:<21}  {b:<21}  {c:<21}  {d}")
        };
        line("descriptor", "metric", ["mAP", "P@1", "P@10", "R-precision"].map(str::to_owned))?;
        for Measured { descriptor, metric, all, .. } in &self.results {
            line(descriptor, metric, [all.map, all.p_at_1, all.p_at_10, all.r_precision].map(|f| f.to_string()))?;
        }
        writeln!(to, "\nmAP of each class (--json has all measures and intervals)\n")?;
        let classes = self.results.first().map_or(&[][..], |r| &r.per_class);
        let wide = classes.iter().map(|c| printable(&c.class).chars().count()).max().unwrap_or(0).max(5);
        let short = |m: &Measured| format!("{}/{}", m.descriptor, &m.metric[..3]);
        let titles: Vec<String> = self.results.iter().map(|m| format!("  {:>8}", short(m))).collect();
        writeln!(to, "{:<wide$}  keys{}", "class", titles.concat())?;
        for (i, class) in classes.iter().enumerate() {
            let columns = self.results.iter().map(|m| format!("  {:>8.3}", m.per_class[i].figures.map.mean));
            let columns: String = columns.collect();
            writeln!(to, "{:<wide$}  {:>4}{columns}", printable(&class.class), class.figures.keys)?;
        }
        Ok(())
    }
}
