//! Which picture of a group is kept: rules in order, each choosing among those that the rules before left.

use std::path::{Path, PathBuf};

use super::collection::Collection;
use crate::dataset::DCIM;
use crate::error::{Error, Result};

/// What makes a picture better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepRule {
    /// It is in this folder, whose pictures are never marked.
    In(PathBuf),
    Pixels,
    /// Its format is lossless.
    Lossless,
    /// It isn't grey.
    Colours,
    Bytes,
    /// It isn't in a folder DCIM, as cameras and phones have it: who keeps a card's picture in place of the archive's
    /// loses both with the card.
    OutsideDcim,
    /// By EXIF, else by the file's modification time.
    Oldest,
    Newest,
    ShortestPath,
}

/// Rules in order; ties go to the first name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepRules(Vec<KeepRule>);

impl Default for KeepRules {
    fn default() -> Self {
        KeepRules(KeepRules::USUAL.to_vec())
    }
}

impl KeepRule {
    /// Parses a rule of the command line: `pixels`, `in:~/Archive`.
    pub fn parse(text: &str) -> Result<KeepRule> {
        match text.split_once(':') {
            Some(("in", folder)) if !folder.is_empty() => Ok(KeepRule::In(folder.into())),
            _ => KeepRules::NAMED.into_iter().find(|(name, _)| *name == text).map(|(_, rule)| rule).ok_or_else(|| {
                let names = KeepRules::NAMED.map(|(name, _)| name).join(", ");
                Error::Input(format!("\"{text}\": expected {names}, or in:FOLDER"))
            }),
        }
    }

    /// Why the kept picture is kept.
    pub fn reason(&self) -> String {
        match self {
            KeepRule::In(folder) => format!("in {}", crate::shown::path(folder)),
            KeepRule::Pixels => "most pixels".into(),
            KeepRule::Lossless => "lossless format".into(),
            KeepRule::Colours => "in colour".into(),
            KeepRule::Bytes => "most bytes".into(),
            KeepRule::OutsideDcim => "not in DCIM".into(),
            KeepRule::Oldest => "oldest".into(),
            KeepRule::Newest => "newest".into(),
            KeepRule::ShortestPath => "shortest path".into(),
        }
    }

    /// The least score that counts as equal to the best. A few more bytes are no advantage: the copy may have been
    /// turned or saved again.
    fn least(&self, best: i128) -> i128 {
        if *self == KeepRule::Bytes { best * 9 / 10 } else { best }
    }

    /// A picture's score; more is better.
    fn score(&self, collection: &Collection, picture: u32) -> i128 {
        let (image, facts) = (collection.image(picture), collection.picture(picture).facts);
        match self {
            KeepRule::In(folder) => i128::from(is_in(folder, collection, picture)),
            KeepRule::Pixels => facts.map_or(0, |facts| facts.pixels().into()),
            KeepRule::Lossless => i128::from(facts.is_some_and(|facts| facts.is_lossless)),
            KeepRule::Colours => i128::from(facts.is_some_and(|facts| facts.is_coloured())),
            KeepRule::Bytes => image.size.into(),
            KeepRule::OutsideDcim => {
                let is_a_cameras = |path: &Path| path.iter().any(|part| part.eq_ignore_ascii_case(DCIM));
                i128::from(!is_a_cameras(&image.path) && !collection.real_folder(picture).is_some_and(is_a_cameras))
            }
            KeepRule::Oldest => -time(collection, picture),
            KeepRule::Newest => time(collection, picture),
            KeepRule::ShortestPath => -(image.path.as_os_str().len() as i128),
        }
    }
}

/// Whether a picture is in this folder, by its path or where links lead.
fn is_in(folder: &Path, collection: &Collection, picture: u32) -> bool {
    collection.image(picture).path.starts_with(folder)
        || collection.real_folder(picture).is_some_and(|real| real.starts_with(folder))
}

/// When a picture was taken; for equal times, as in copies, when the file was last modified.
fn time(collection: &Collection, picture: u32) -> i128 {
    i128::from(time_ns(collection, picture)) * (1 << 64) + i128::from(collection.image(picture).mtime_ns)
}

/// When a picture was taken, else when its file was last modified: nanoseconds since 1970.
pub fn time_ns(collection: &Collection, picture: u32) -> i64 {
    let taken = collection.picture(picture).facts.and_then(|facts| facts.taken);
    taken.map_or(collection.image(picture).mtime_ns, |seconds| seconds.saturating_mul(1_000_000_000))
}

impl KeepRules {
    const USUAL: [KeepRule; 7] = [
        KeepRule::Pixels,
        KeepRule::Lossless,
        KeepRule::Colours,
        KeepRule::Bytes,
        KeepRule::OutsideDcim,
        KeepRule::Oldest,
        KeepRule::ShortestPath,
    ];

    const NAMED: [(&str, KeepRule); 8] = [
        ("pixels", KeepRule::Pixels),
        ("lossless", KeepRule::Lossless),
        ("colours", KeepRule::Colours),
        ("bytes", KeepRule::Bytes),
        ("outside-dcim", KeepRule::OutsideDcim),
        ("oldest", KeepRule::Oldest),
        ("newest", KeepRule::Newest),
        ("shortest-path", KeepRule::ShortestPath),
    ];

    /// These rules first, then the default ones.
    pub fn new(first: impl IntoIterator<Item = KeepRule>) -> KeepRules {
        let mut rules: Vec<KeepRule> = first.into_iter().collect();
        for usual in KeepRules::USUAL {
            let is_said = rules.contains(&usual) || usual == KeepRule::Oldest && rules.contains(&KeepRule::Newest);
            if !is_said {
                rules.push(usual);
            }
        }
        KeepRules(rules)
    }

    /// In words: `pixels, lossless, bytes`.
    pub fn names(&self) -> String {
        let name = |rule: &KeepRule| match rule {
            KeepRule::In(folder) => {
                format!("in {}", crate::shown::text(folder.file_name().unwrap_or(folder.as_os_str())))
            }
            other => {
                KeepRules::NAMED.iter().find(|(_, rule)| rule == other).map_or_else(String::new, |(n, _)| (*n).into())
            }
        };
        self.0.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// Whether a picture is in a folder where everything is kept.
    pub fn protects(&self, collection: &Collection, picture: u32) -> bool {
        self.0.iter().any(|rule| matches!(rule, KeepRule::In(folder) if is_in(folder, collection, picture)))
    }

    /// The kept one of `pictures`, and the rule that decided; None if they differ only in their names.
    pub fn kept(&self, collection: &Collection, pictures: &[u32]) -> (u32, Option<&KeepRule>) {
        let mut left = pictures.to_vec();
        let mut decided = None;
        for rule in &self.0 {
            let best = left.iter().map(|picture| rule.score(collection, *picture)).max();
            let before = left.len();
            left.retain(|picture| best.is_some_and(|best| rule.score(collection, *picture) >= rule.least(best)));
            if left.len() < before {
                decided = Some(rule);
            }
            if left.len() == 1 {
                break;
            }
        }
        (left.into_iter().min().expect("a group has pictures"), decided)
    }
}
