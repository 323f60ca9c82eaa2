//! Links in the documents lead somewhere: to a file of the repository, and where they name a heading, to that heading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where documents are.
const FOLDERS: [&str; 5] = ["", "docs", "weights", "datasets", "cluster"];

#[test]
fn links_in_documents_lead_to_files_and_headings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = documents(root);
    assert!(documents.contains_key(&root.join("README.md")) && documents.contains_key(&root.join("docs/keys.md")));
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (document, text) in &documents {
        for link in links(text).into_iter().filter(|link| !link.contains("://")) {
            seen += 1;
            let (path, heading) = link.split_once('#').map_or((&*link, None), |(path, h)| (path, Some(h)));
            let target = if path.is_empty() { document.clone() } else { plain(&document.parent().unwrap().join(path)) };
            let found = match heading {
                None => target.exists(),
                Some(heading) => documents.get(&target).is_some_and(|text| anchors(text).contains(heading)),
            };
            if !found {
                wrong.push(format!("{}: {link}", document.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(seen > 50, "only {seen} links were read");
    assert!(wrong.is_empty(), "these lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn links_and_headings_are_read_as_a_browser_shows_them() {
    let text = "# One, *two*: `three`\n[a](x.md#y) `[no](b)` ![c](d.png)\n```sh\n# no heading\n[no](e)\n```\n\n    [no](f)\n\n# One, two: three\n";
    assert_eq!(links(text), ["x.md#y", "d.png"]);
    assert_eq!(anchors(text), BTreeSet::from(["one-two-three".to_owned(), "one-two-three-1".to_owned()]));
}

/// The Markdown files of these folders, and what is in them.
fn documents(root: &Path) -> BTreeMap<PathBuf, String> {
    let folders = FOLDERS.iter().flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let paths = folders.map(|entry| entry.unwrap().path());
    let documents = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Lines that aren't code, without the code in them.
fn prose(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !line.starts_with("    ") {
            lines.push(line.split('`').step_by(2).collect());
        }
    }
    lines
}

fn links(text: &str) -> Vec<String> {
    let text = prose(text).join("\n");
    let begins = text.match_indices("](").map(|(at, _)| &text[at + 2..]);
    begins.filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.to_owned()).collect()
}

/// What GitHub calls headings in links.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let Some(heading) = line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#') && !fenced)
        else {
            continue;
        };
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let name: String = kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect();
        let times = (1..).find(|n| !found.contains(&format!("{name}-{n}"))).unwrap();
        let again = found.contains(&name);
        found.insert(if again { format!("{name}-{times}") } else { name });
    }
    found
}

/// Without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
