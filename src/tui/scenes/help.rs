//! The help: the keys of each scene, the vocabulary, and how pictures are drawn; all of it, or the lines that contain a
//! text.

use ratatui::text::{Line, Span};

use crate::join::{DescriptorKind, Kind, Metric};
use crate::shown::folded;
use crate::text::printable;
use crate::tui::keys::KeyTable;
use crate::tui::theme;
use crate::tui::widgets::text::beside;
use crate::tui::world::World;

/// Words on the screens that need an explanation.
const WORDS: [(&str, &str); 12] = [
    ("key", "the picture that others are compared with"),
    ("dataset", "a folder of pictures, including its subfolders"),
    ("A ⋈ B", "a join: the pictures of B that are similar to A"),
    ("value", "how similar two pictures are, by the metric"),
    ("auto", "a range that follows the key, so that about ten pictures pass"),
    ("identical", "the same file, byte for byte"),
    ("near-duplicates", "copies of a picture: smaller, cropped, rotated, recompressed"),
    (
        "keep, mark",
        "one picture of a group is kept; the others' paths are printed when you quit. Nothing is deleted or moved",
    ),
    ("fold", "near-duplicates among the results are shown as one"),
    ("expand", "the first results become additional keys, which finds more of the same kind"),
    ("indexed", "a picture whose descriptor is computed and stored; only these can be found"),
    ("descriptor", "the numbers that pictures are compared by, computed by the neural network VGG-16"),
];

pub struct Help {
    sections: Vec<HelpSection>,
}

struct HelpSection {
    title: &'static str,
    /// The explanations.
    rows: Vec<(String, String)>,
}

impl Help {
    /// The keys of scenes, in this order, and the vocabulary.
    pub fn new(scenes: Vec<&'static dyn KeyTable>) -> Help {
        let keys = |scene: &'static dyn KeyTable| HelpSection {
            title: scene.title(),
            rows: scene.rows().iter().map(|row| (row.names(), row.help.to_owned())).collect(),
        };
        let mut sections: Vec<_> = scenes.into_iter().map(keys).collect();
        let own = |(what, text): (&str, &str)| (what.to_owned(), text.to_owned());
        let mouse = [
            ("click", "selects; works on fields too"),
            ("double click", "views"),
            ("wheel", "pages"),
            ("right button", "goes back"),
        ];
        sections.push(HelpSection { title: "Mouse", rows: mouse.map(own).into() });
        let mut words: Vec<_> = WORDS.map(own).into();
        words.extend(DescriptorKind::ALL.map(|kind| own((kind.name(), kind.meaning()))));
        words.extend(Metric::ALL.map(|metric| own((metric.name(), metric.meaning()))));
        words.extend(Kind::ALL.map(|kind| own((kind.name(), kind.meaning()))));
        sections.push(HelpSection { title: "Words", rows: words });
        Help { sections }
    }

    /// Its lines, wrapped to the screen. `sought`: only rows that contain all of these words.
    pub fn lines(&self, sought: &str, world: &World) -> Vec<Line<'static>> {
        let terminal = &world.terminal;
        let (protocol, reason) = (terminal.graphics.protocol().name(), printable(&terminal.reason));
        let drawn = format!("with {protocol}: {reason} (simages doctor says more)");
        let pictures = HelpSection { title: "Pictures", rows: vec![("drawn".into(), drawn)] };
        let (mut lines, width) = (Vec::new(), usize::from(world.size.width));
        for section in self.sections.iter().chain([&pictures]) {
            let mut found = section.rows.iter().filter(|row| section.contains(row, sought)).peekable();
            if found.peek().is_none() {
                continue;
            }
            lines.push(Line::styled(format!(" {}", section.title), theme::title()));
            for (what, text) in found {
                lines.extend(beside(Span::styled(format!("   {what:<20}"), theme::key()), text, width));
            }
            lines.push(Line::default());
        }
        if lines.is_empty() {
            lines.push(Line::raw(" no line of the help contains this; esc shows everything"));
        }
        lines
    }
}

impl HelpSection {
    fn contains(&self, (what, text): &(String, String), sought: &str) -> bool {
        let all = folded(&format!("{} {what} {text}", self.title));
        folded(sought).split_whitespace().all(|word| all.contains(word))
    }
}
