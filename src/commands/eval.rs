//! `simages eval`: how good a dataset's results are, by each descriptor and metric, where classes are known.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;

use super::indexed::indexed;
use super::joining::Teller;
use super::progress::Lines;
use super::{print, say};
use crate::cancel::Cancel;
use crate::config::Eval;
use crate::dataset::Labels;
use crate::descriptor::FeatureMatrix;
use crate::join::{DescriptorKind, Means, Measures, Metric, PerKey, leave_one_out};
use crate::signals::cancel_on_signal;
use crate::text::{count, printable};
use crate::vgg16::Network;

/// What was measured of a dataset.
#[derive(Serialize)]
struct Report {
    dataset: String,
    pictures: usize,
    labels: String,
    classes: usize,
    /// Pictures that have others of their class.
    keys: usize,
    results: Vec<Measured>,
}

/// By one descriptor and metric.
#[derive(Serialize)]
struct Measured {
    descriptor: &'static str,
    metric: &'static str,
    #[serde(flatten)]
    all: Figures,
    per_class: Vec<ClassFigures>,
}

#[derive(Serialize)]
struct ClassFigures {
    class: String,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Serialize)]
struct Figures {
    keys: usize,
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

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(&format!("{:.3} [{:.3}, {:.3}]", self.mean, self.low, self.high))
    }
}

pub fn run(config: Eval) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::default();
    cancel_on_signal(cancel.clone());
    let network = Network::new(config.network.clone());
    let matrix = indexed(&config.dataset, &config.cache, &network, &cancel, Lines::Notices)?;
    let names = || matrix.rows().iter().map(|row| row.name.as_str());
    let labels = config.labels.clone().unwrap_or_else(|| Labels::fitting(names()));
    let classes: Vec<Option<String>> = names().map(|name| labels.of(name)).collect();
    let unlabelled = classes.iter().filter(|class| class.is_none()).count();
    if unlabelled > 0 {
        say(&format!("note: {} without a class, relevant to no key", count(unlabelled, "picture")));
    }
    let known: Vec<String> = classes.iter().flatten().collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let class_of = |class: &Option<String>| class.as_ref().and_then(|class| known.binary_search(class).ok());
    let of: Vec<Option<usize>> = classes.iter().map(class_of).collect();

    let mut results = Vec::new();
    for descriptor in &config.descriptors {
        for metric in &config.metrics {
            let per_key = measure(&config, &matrix, &of, (*descriptor, *metric), &cancel)?;
            if per_key.is_empty() {
                bail!(
                    "{}: no picture has another one of its class (labels: {labels}); --labels says what belongs together",
                    config.dataset.name
                );
            }
            results.push(measured(*descriptor, *metric, &per_key, &of, &known));
        }
    }
    let report = Report {
        dataset: config.dataset.name.clone(),
        pictures: matrix.len(),
        labels: labels.to_string(),
        classes: known.len(),
        keys: results.first().map_or(0, |r| r.all.keys),
        results,
    };
    let mut output = Vec::new();
    match config.json {
        true => {
            serde_json::to_writer(&mut output, &report)?;
            writeln!(output)?;
        }
        false => report.write(&mut output)?,
    }
    print(&output)?;
    Ok(ExitCode::SUCCESS)
}

fn measure(
    config: &Eval,
    matrix: &FeatureMatrix,
    classes: &[Option<usize>],
    by: (DescriptorKind, Metric),
    cancel: &Cancel,
) -> crate::Result<PerKey> {
    let mut teller = Teller::new(&format!("{} by {}, {}", config.dataset.name, by.0, by.1), true);
    let per_key = leave_one_out(&config.engine, matrix, classes, by, cancel, &mut |progress| teller.progress(progress));
    teller.clear();
    per_key
}

fn measured(
    descriptor: DescriptorKind,
    metric: Metric,
    per_key: &PerKey,
    classes: &[Option<usize>],
    known: &[String],
) -> Measured {
    let means = |class: Option<usize>| {
        let of = |at: &usize| class.is_none() || classes[*at] == class;
        let chosen: Vec<_> = per_key.iter().filter(|(at, _)| of(at)).map(|(_, measures)| *measures).collect();
        Means::over(&chosen)
    };
    let per_class = known.iter().enumerate().map(|(i, class)| (class.clone(), means(Some(i))));
    let per_class = per_class.filter(|(_, means)| means.keys > 0);
    Measured {
        descriptor: descriptor.name(),
        metric: metric.name(),
        all: means(None).into(),
        per_class: per_class.map(|(class, means)| ClassFigures { class, figures: means.into() }).collect(),
    }
}

impl Report {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let (pictures, keys) = (count(self.pictures, "picture"), count(self.keys, "key"));
        let labels = printable(&self.labels);
        writeln!(to, "{}: {pictures}, {} classes (labels: {labels}), {keys}", printable(&self.dataset), self.classes)?;
        writeln!(to, "Means over keys [95 % interval]\n")?;
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
