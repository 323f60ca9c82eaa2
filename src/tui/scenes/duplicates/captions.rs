//! Captions below the pictures of a group: name, facts, similarity and the judgement.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::duplicates::{Collection, DuplicateGroup, GroupMember, time_ns};
use crate::text::{bytes, date, printable};
use crate::tui::theme;
use crate::tui::widgets::text::fit;

/// Lines below the folder of a group's picture; 0 is the one to keep by the rules. `decided`: what the marks made of it,
/// if they differ from the rules.
pub fn lines(
    collection: &Collection,
    group: &DuplicateGroup,
    picture: usize,
    decided: Option<&str>,
    width: usize,
    full: bool,
) -> Vec<Line<'static>> {
    let (at, member) = match picture.checked_sub(1) {
        None => (group.kept, None),
        Some(member) => (group.members[member].picture, Some(&group.members[member])),
    };
    let text = |at: u32| {
        let (image, facts) = (collection.image(at), collection.picture(at).facts);
        let pixels = facts.map_or_else(String::new, |facts| format!("{}x{}", facts.width, facts.height));
        let format = facts.map_or("", |facts| facts.format.name());
        [pixels, bytes(image.size), format.to_owned(), date(time_ns(collection, at))]
    };
    let (own, kept) = (text(at), text(group.kept));
    // Emphasize facts that differ from the kept picture's.
    let span = |fact: usize| match own[fact] == kept[fact] {
        true => Span::raw(own[fact].clone()),
        false => Span::styled(own[fact].clone(), Style::new().add_modifier(Modifier::BOLD)),
    };
    let pair = |first: usize, second: usize| {
        let room = width.saturating_sub(own[first].width() + own[second].width());
        let mut spans = vec![Span::raw(" "), span(first)];
        if room > 0 {
            spans.extend([Span::raw(" ".repeat(room.min(2))), span(second)]);
        }
        Line::from(spans)
    };
    let mut lines = vec![pair(0, 1)];
    if full {
        lines.push(pair(2, 3));
    }
    let (said, style) = match (decided, member.map(|member| member.judgement)) {
        (Some(decided), _) => (decided.to_owned(), theme::value()),
        (None, None) => (group.reason.clone(), theme::value()),
        (None, Some(Ok(reason))) => (reason.text().to_owned(), theme::value()),
        (None, Some(Err(doubt))) => (doubt.short().to_owned(), Style::new()),
    };
    lines.push(Line::styled(format!(" {}", fit(&said, width)), style));
    lines
}

/// `identical`, `0.912`, `7 bits off`; nothing if the kept picture is out of range.
pub fn likeness(is_identical: bool, member: &GroupMember) -> String {
    match member.likeness {
        _ if is_identical => "identical".into(),
        Some(likeness) => likeness.text(),
        None => String::new(),
    }
}

/// Names shortened in the middle to `width` columns, so that names that differ look different.
pub fn apart(names: &[String], width: usize) -> Vec<String> {
    let mut cut: Vec<String> = names.iter().map(|name| cut_at(name, width, None)).collect();
    for at in 0..names.len() {
        let twin = (0..names.len()).find(|other| *other != at && cut[*other] == cut[at] && names[*other] != names[at]);
        if let Some(twin) = twin {
            let differs = names[at].chars().zip(names[twin].chars()).take_while(|(a, b)| a == b).count();
            for one in [at, twin] {
                cut[one] = cut_at(&names[one], width, Some(differs));
            }
        }
    }
    cut
}

/// The beginning and end of a name; or the text around its character number `shown`.
fn cut_at(name: &str, width: usize, shown: Option<usize>) -> String {
    let name = printable(name);
    if name.width() <= width {
        return name;
    }
    let chars: Vec<char> = name.chars().collect();
    let text = |range: std::ops::Range<usize>| {
        chars[range.start.min(chars.len())..range.end.min(chars.len())].iter().collect::<String>()
    };
    // As many characters as columns; wide ones are cut below.
    let room = width.saturating_sub(1);
    let cut = match shown {
        None => {
            // The end says more: the file's own name.
            let end = room * 2 / 3;
            format!("{}…{}", text(0..room - end), text(chars.len() - end..chars.len()))
        }
        Some(shown) => {
            let end = (shown + room * 2 / 3).min(chars.len());
            let begin = end.saturating_sub(room.saturating_sub(1));
            let more = if end < chars.len() { "…" } else { "" };
            format!("…{}{more}", text(begin..end))
        }
    };
    fit(&cut, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(names: &[&str], width: usize) -> Vec<String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        apart(&names, width)
    }

    #[test]
    fn names_are_cut_in_the_middle_and_never_look_the_same() {
        assert_eq!(cut(&["short.jpg", "2019/spain/IMG_0001.jpg"], 16), ["short.jpg", "2019/…G_0001.jpg"]);
        let twins = cut(&["2019/original/a/IMG_0001.jpg", "2019/original/b/IMG_0001.jpg"], 16);
        assert_ne!(twins[0], twins[1]);
        assert!(
            twins.iter().zip(["a/", "b/"]).all(|(name, part)| name.contains(part) && name.width() <= 16),
            "{twins:?}"
        );
        let late = cut(
            &["0123456789/0123456789/x-1/same-end-of-all.jpg", "0123456789/0123456789/x-2/same-end-of-all.jpg"],
            14,
        );
        assert!(late[0].contains("-1") && late[1].contains("-2"), "{late:?}");
        for name in cut(&["日本語日本語日本語日本語.jpg", "日本語日本語日本語日本言.jpg"], 12) {
            assert!(name.width() <= 12, "{name}");
        }
    }
}
