//! Matches a file of labels with the existing pictures: uses the labels that fit, and reports the rest.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::bail;

use super::output::say;
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, LabelsFile, Misfit, MisfitReason, Skipped};
use crate::descriptor::FeatureMatrix;
use crate::progress::Due;
use crate::text::{count, printable, thousands};

/// How many names are listed for each kind of misfit.
const FEW: usize = 5;

/// The labels of `file` for pictures in `dataset`, by their names there. If none fits, that is an error, before
/// anything is computed.
pub fn fitted(file: &LabelsFile, dataset: &Dataset, cancel: &Cancel) -> anyhow::Result<LabelsFile> {
    let (mut due, mut teller) = (Due::new(), Teller::new(&dataset.name, Count::Each));
    let scan = dataset.scan(cancel, &mut |progress| {
        if due.is_now() {
            teller.scanning(progress.pictures);
        }
    });
    teller.clear();
    let scan = scan?;
    let (fitted, misfits) = file.fit(dataset, &scan)?;
    // If there are no pictures at all, indexing reports why.
    if scan.images.is_empty() {
        return Ok(fitted);
    }
    say(&told(&file.path, &dataset.root, &misfits));
    if fitted.is_empty() {
        bail!(
            "{}: none of the labels belongs to a picture in {}",
            crate::shown::path(&file.path),
            crate::shown::path(&dataset.root)
        );
    }
    Ok(fitted)
}

/// The number of each picture's class, in the order of class names, and those names.
pub fn numbered(classes: &[Option<String>]) -> (Vec<Option<usize>>, Vec<&str>) {
    let known: Vec<&str> = classes.iter().flatten().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let number = |class: &Option<String>| known.binary_search(&class.as_deref()?).ok();
    (classes.iter().map(number).collect(), known)
}

/// Reports the labels whose pictures could not be indexed. An error if that is all of them.
pub fn check_indexed(file: &LabelsFile, matrix: &FeatureMatrix, skipped: &[Skipped]) -> anyhow::Result<()> {
    let labels = file.labels();
    let unread: Vec<_> = labels.iter().filter(|(name, _)| matrix.get(name).is_none()).collect();
    if unread.is_empty() {
        return Ok(());
    }
    let lines = unread.iter().map(|(name, label)| {
        let error = skipped.iter().find(|skipped| skipped.file == *name).map_or("gone in the meantime", |s| &s.error);
        line(label.line, name, Some(error))
    });
    let what = "their pictures can't be read; repair them, or remove the lines";
    say(&note(&file.path, what, &lines.collect::<Vec<_>>()));
    if unread.len() == labels.len() {
        bail!("{}: none of the labels belongs to a picture that can be read", crate::shown::path(&file.path));
    }
    Ok(())
}

/// Lists the labels that match no picture in the folder `root`, grouped by what is wrong.
fn told(file: &Path, root: &Path, misfits: &[Misfit]) -> String {
    let root = crate::shown::path(root);
    let (mut absent, mut no_pictures, mut outside) = (Vec::new(), Vec::new(), Vec::new());
    for misfit in misfits {
        let (kind, reason) = match &misfit.reason {
            MisfitReason::NoSuchFile => (&mut absent, None),
            MisfitReason::NoPicture(reason) => (&mut no_pictures, Some(reason.as_str())),
            MisfitReason::Outside => (&mut outside, None),
        };
        kind.push(line(misfit.line, &misfit.name, reason));
    }
    let absent_what = format!("no such file; correct the names (paths inside {root}, with / between folders)");
    let no_pictures_what =
        "the file exists, but isn't one of the dataset's pictures; remove the lines, or fix the cause";
    let outside_what = format!("outside {root}; remove the lines, or give a folder that holds all of them");
    let kinds = [(absent_what.as_str(), absent), (no_pictures_what, no_pictures), (&outside_what, outside)];
    let kinds = kinds.iter().filter(|(_, lines)| !lines.is_empty());
    kinds.map(|(what, lines)| note(file, what, lines)).collect()
}

/// `  line 7: bad.jpg (the file is empty)`
fn line(number: usize, name: &str, reason: Option<&str>) -> String {
    let reason = reason.map_or_else(String::new, |reason| format!(" ({})", printable(reason)));
    format!("  line {number}: {}{reason}\n", printable(name))
}

/// How many labels are left out and why, with the first few lines.
fn note(file: &Path, what: &str, lines: &[String]) -> String {
    let mut text = format!("note: {}: {} left out: {what}\n", crate::shown::path(file), count(lines.len(), "label"));
    text.extend(lines.iter().take(FEW).map(String::as_str));
    if lines.len() > FEW {
        text += &format!("  and {} more\n", thousands(lines.len() - FEW));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_the_same_way_is_told_together_and_few_of_it() {
        let misfit = |line, name: &str, reason| Misfit { line, name: name.to_owned(), reason };
        let mut misfits = vec![
            misfit(2, "\u{1b}[31m\n.jpg", MisfitReason::NoSuchFile),
            misfit(3, "notes.txt", MisfitReason::NoPicture("not a picture".into())),
        ];
        misfits.extend((4..2004).map(|line| misfit(line, "b.jpg", MisfitReason::NoSuchFile)));
        misfits.push(misfit(2004, "/c.jpg", MisfitReason::Outside));
        let text = told("labels.csv".as_ref(), "/set".as_ref(), &misfits);
        let expected = "\
note: labels.csv: 2,001 labels left out: no such file; correct the names (paths inside /set, with / between folders)
  line 2: \\u{1b}[31m\\n.jpg
  line 4: b.jpg
  line 5: b.jpg
  line 6: b.jpg
  line 7: b.jpg
  and 1,996 more
note: labels.csv: 1 label left out: the file exists, but isn't one of the dataset's pictures; remove the lines, or fix the cause
  line 3: notes.txt (not a picture)
note: labels.csv: 1 label left out: outside /set; remove the lines, or give a folder that holds all of them
  line 2004: /c.jpg
";
        assert_eq!(text, expected);
        assert_eq!(told("labels.csv".as_ref(), "/set".as_ref(), &[]), "");
    }
}
