//! Facts that show which of two pictures is better, in words.

use super::spread::Spread;
use crate::dataset::{Facts, Notes};
use crate::text::{bytes, count, date_and_clock, thousands};

/// One is sharper only beyond this ratio: less isn't visible.
const SHARPER: f64 = 1.05;
/// Unknown or absent.
const NOTHING: &str = "-";

/// One kind of fact, about both pictures.
pub struct Fact {
    pub name: &'static str,
    /// The values beside the fact's name.
    pub values: [String; 2],
    /// The values on their own; empty if there is nothing to say.
    pub short: [String; 2],
    /// The picture that is better in this respect.
    pub better: Option<usize>,
}

/// In the order of the table.
pub fn facts(spread: &Spread) -> Vec<Fact> {
    vec![pixels(spread), size(spread), format(spread), taken(spread), camera(spread), notes(spread), sharpness(spread)]
}

/// For narrow screens: facts for the first and the second line below a picture.
pub fn in_lines(spread: &Spread) -> [Vec<Fact>; 2] {
    let second = vec![sharpness(spread), taken(spread), notes(spread), camera(spread)];
    [vec![pixels(spread), size(spread), format(spread)], second]
}

fn facts_of(spread: &Spread, which: usize) -> Option<Facts> {
    spread.sides[which].facts.or(spread.told[which].as_ref().map(|told| told.facts))
}

/// The picture with the larger number, if both have one.
fn larger<T: PartialOrd>(values: [Option<T>; 2]) -> Option<usize> {
    match values {
        [Some(a), Some(b)] if a > b => Some(0),
        [Some(a), Some(b)] if b > a => Some(1),
        _ => None,
    }
}

fn fact(
    name: &'static str,
    values: [Option<String>; 2],
    short: impl Fn(String) -> String,
    better: Option<usize>,
) -> Fact {
    Fact {
        name,
        short: values.clone().map(|value| value.map(&short).unwrap_or_default()),
        values: values.map(|value| value.unwrap_or_else(|| NOTHING.into())),
        better,
    }
}

fn pixels(spread: &Spread) -> Fact {
    let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
    let text = |(width, height)| {
        let size = format!("{width} x {height}");
        match area((width, height)) {
            few @ ..100_000 => format!("{size}, {} pixels", thousands(few as usize)),
            many => format!("{size}, {:.1} MP", many as f64 / 1e6),
        }
    };
    let better = larger(spread.pixels.map(|pixels| pixels.map(area)));
    let short = |text: String| text.split(',').next().unwrap_or_default().to_owned();
    fact("pixels", spread.pixels.map(|pixels| pixels.map(text)), short, better)
}

fn size(spread: &Spread) -> Fact {
    let sizes = [0, 1].map(|which| spread.sides[which].picture.stamp.map(|stamp| stamp.size));
    let mut texts = sizes.map(|size| size.map(bytes));
    if texts[0] == texts[1] && sizes[0] != sizes[1] {
        // Show how little they differ.
        texts = sizes.map(|size| size.map(|size| count(size as usize, "byte")));
    }
    fact("bytes", texts, |text| text, larger(sizes))
}

fn format(spread: &Spread) -> Fact {
    let facts = [0, 1].map(|which| facts_of(spread, which));
    let text = |facts: Facts| {
        let more = if facts.holds_more { ", and more" } else { "" };
        let loss = if facts.is_lossless { ", lossless" } else { "" };
        format!("{}{loss}{more}", facts.format.name())
    };
    let better = larger(facts.map(|facts| facts.map(|facts| facts.is_lossless)));
    let short = |text: String| text.replace(", lossless", "").replace(", and more", " and more");
    fact("format", facts.map(|facts| facts.map(text)), short, better)
}

/// When it was taken, if its file says so, else when the file was last written. Neither makes a picture better.
fn taken(spread: &Spread) -> Fact {
    let time = |which: usize| {
        let by_camera = facts_of(spread, which).and_then(|facts| facts.taken);
        let by_file = spread.sides[which].picture.stamp.map(|stamp| stamp.mtime_ns);
        match (by_camera, by_file) {
            (Some(seconds), _) => Some(("taken", seconds.saturating_mul(1_000_000_000))),
            (None, Some(nanoseconds)) => Some(("file", nanoseconds)),
            (None, None) => None,
        }
    };
    let text = |(what, time): (&str, i64)| format!("{what} {}", date_and_clock(time));
    // Without the time of day.
    let short = |text: String| text.rsplit_once(' ').map_or(text.clone(), |(day, _)| day.to_owned());
    fact("date", [0, 1].map(|which| time(which).map(text)), short, None)
}

fn camera(spread: &Spread) -> Fact {
    let cameras = [0, 1].map(|which| spread.told[which].as_ref().and_then(|told| told.camera.clone()));
    fact("camera", cameras, |text| text, None)
}

/// What was noted and can't be seen.
fn notes(spread: &Spread) -> Fact {
    let known = |which: usize| {
        let told = spread.told[which].as_ref().map(|told| told.facts);
        [spread.sides[which].facts, told].into_iter().flatten().find_map(|facts| facts.notes)
    };
    let notes = [0, 1].map(known);
    let text = |notes: Option<Notes>| match notes.map(|notes| (notes.has_words, notes.has_place))? {
        (true, true) => Some("tags, place".to_owned()),
        (true, false) => Some("tags".into()),
        (false, true) => Some("place".into()),
        (false, false) => None,
    };
    let better = match notes {
        [Some(a), Some(b)] if a.holds(b) && !b.holds(a) => Some(0),
        [Some(a), Some(b)] if b.holds(a) && !a.holds(b) => Some(1),
        _ => None,
    };
    fact("notes", notes.map(text), |text| text, better)
}

fn sharpness(spread: &Spread) -> Fact {
    let values = [0, 1].map(|which| spread.told[which].as_ref().map(|told| told.sharpness));
    let better = match values {
        [Some(a), Some(b)] if a > SHARPER * b => Some(0),
        [Some(a), Some(b)] if b > SHARPER * a => Some(1),
        _ => None,
    };
    let text = |value: f64| format!("{value:.3}");
    fact("sharpness", values.map(|value| value.map(text)), |text| format!("sharpness {text}"), better)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ratatui::layout::Size;

    use super::*;
    use crate::dataset::{FileFormat, Stamp};
    use crate::tui::couples::Side;
    use crate::tui::jobs::Told;
    use crate::tui::pictures::Slot;
    use crate::tui::set::KeyPicture;

    fn facts_of(width: u32, height: u32, format: FileFormat, taken: Option<i64>) -> Facts {
        let is_lossless = format == FileFormat::Png;
        Facts {
            width,
            height,
            format,
            is_lossless,
            holds_more: !is_lossless,
            chroma: 9,
            taken,
            notes: Some(Notes::default()),
        }
    }

    fn spread() -> Spread {
        let side = |name: &str, size, facts| {
            let stamp = Some(Stamp { size, mtime_ns: 1_700_000_000_000_000_000 });
            let picture = KeyPicture { path: PathBuf::from(name), stamp, id: None, name: name.into(), part: None };
            Side { picture, facts: Some(facts) }
        };
        let photo = facts_of(4000, 3000, FileFormat::Jpeg, Some(1_563_717_839));
        let icon = facts_of(64, 48, FileFormat::Png, None);
        let told =
            |facts, camera: Option<&str>, sharpness| Some(Told { facts, camera: camera.map(Into::into), sharpness });
        Spread {
            sides: [side("a", 4_100_000, photo), side("b", 9_000, icon)],
            told: [told(photo, Some("Canon EOS 5D"), 0.35), told(icon, None, 0.34)],
            difference: None,
            pixels: [Some((4000, 3000)), Some((64, 48))],
            stage: None,
            slots: ["a", "b"].map(|path| Slot::preview(path.into(), None, Size::new(1, 1), (1, 1))),
        }
    }

    #[test]
    fn each_fact_says_which_one_is_better_if_that_is_known() {
        let told: Vec<_> = facts(&spread()).into_iter().map(|fact| (fact.name, fact.values, fact.better)).collect();
        let expected = [
            ("pixels", ["4000 x 3000, 12.0 MP", "64 x 48, 3,072 pixels"], Some(0)),
            ("bytes", ["4.1 MB", "9 kB"], Some(0)),
            ("format", ["JPEG, and more", "PNG, lossless"], Some(1)),
            ("date", ["taken 2019-07-21 14:03:59", "file 2023-11-14 22:13:20"], None),
            ("camera", ["Canon EOS 5D", "-"], None),
            ("notes", ["-", "-"], None),
            // So little isn't seen.
            ("sharpness", ["0.350", "0.340"], None),
        ];
        for ((name, values, better), expected) in told.into_iter().zip(expected) {
            assert_eq!((name, values.each_ref().map(String::as_str), better), expected);
        }
    }

    #[test]
    fn notes_of_a_kind_that_the_other_lacks_are_better() {
        let mut spread = spread();
        assert_eq!(notes(&spread).better, None);
        spread.sides[1].facts.as_mut().unwrap().notes = Some(Notes { has_words: true, has_place: false });
        let fact = notes(&spread);
        assert_eq!((fact.values, fact.better), (["-".into(), "tags".into()], Some(1)));
        spread.sides[0].facts.as_mut().unwrap().notes = Some(Notes { has_words: false, has_place: true });
        let fact = notes(&spread);
        assert_eq!((fact.values, fact.better), (["place".into(), "tags".into()], None));
    }

    #[test]
    fn in_lines_each_stands_for_itself() {
        let line = |facts: &[Fact], which: usize| {
            facts.iter().map(|fact| fact.short[which].clone()).collect::<Vec<_>>().join("|")
        };
        let [first, second] = in_lines(&spread());
        assert_eq!(line(&first, 0), "4000 x 3000|4.1 MB|JPEG and more");
        assert_eq!(line(&second, 0), "sharpness 0.350|taken 2019-07-21||Canon EOS 5D");
        assert_eq!(
            (line(&first, 1), line(&second, 1)),
            ("64 x 48|9 kB|PNG".into(), "sharpness 0.340|file 2023-11-14||".into())
        );
        let mut alike = spread();
        alike.sides[1].picture.stamp.as_mut().unwrap().size = 4_100_001;
        let [first, _] = in_lines(&alike);
        assert_eq!((line(&first, 0), first[1].better), ("4000 x 3000|4,100,000 bytes|JPEG and more".into(), Some(1)));
        let mut sharper = spread();
        sharper.told[1].as_mut().unwrap().sharpness = 0.5;
        assert_eq!(in_lines(&sharper)[1][0].better, Some(1));
        sharper.told = [None, None];
        assert_eq!(in_lines(&sharper)[1][0].better, None);
    }
}
