//! Text that fits.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::printable;

/// `text`, harmless to the terminal, cut to `width` columns; what is cut is marked by `…`.
pub fn fit(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.width() <= width {
        return text;
    }
    let mut used = 1;
    let mut cut: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect();
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// As [`fit`], but the end stays: of a path it tells the most.
pub fn fit_left(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.width() <= width {
        return text;
    }
    let mut kept = text.as_str();
    while kept.width() + 1 > width && !kept.is_empty() {
        let mut rest = kept.chars();
        rest.next();
        kept = rest.as_str();
    }
    if width > 0 { format!("…{kept}") } else { String::new() }
}

/// A picture's name where there is little room: without folders and extension.
pub fn title(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rfind('.') {
        Some(dot) if dot > 0 => &file[..dot],
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_not_bytes() {
        assert_eq!(fit("birds_drake", 20), "birds_drake");
        assert_eq!(fit("birds_drake", 6), "birds…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(fit_left("sub/birds_drake", 6), "…drake");
        assert_eq!((fit_left("日本語", 5), fit_left("abc", 0)), ("…本語".into(), "".into()));
        assert_eq!(fit("a\u{1b}[2Jb", 99), "a\\u{1b}[2Jb");
    }

    #[test]
    fn titles_are_names_without_folder_and_extension() {
        assert_eq!(title("2023/spain/img.001.jpg"), "img.001");
        assert_eq!(title(".jpg"), ".jpg");
    }
}
