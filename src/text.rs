//! Names and numbers in human-readable form.

use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::shown::printable;

/// `25,088`
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 image`, `25,088 images`
pub fn count(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {what}{s}", thousands(number))
}

/// A number of bytes: `812 bytes`, `1.6 MB`, `2.4 GB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// The UTC date of a time in nanoseconds since 1970: `2026-05-03`.
pub fn date(nanoseconds: i64) -> String {
    // Howard Hinnant's algorithm: years start in March, so the leap day comes last.
    let days = nanoseconds.div_euclid(86_400_000_000_000) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    format!("{:04}-{month:02}-{day:02}", era * 400 + year_of_era + i64::from(month <= 2))
}

/// The UTC time of day of a time in nanoseconds since 1970: `14:03:59`.
pub fn clock(nanoseconds: i64) -> String {
    let seconds = nanoseconds.div_euclid(1_000_000_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Both: `2026-05-03 14:03:59`.
pub fn date_and_clock(nanoseconds: i64) -> String {
    format!("{} {}", date(nanoseconds), clock(nanoseconds))
}

/// Days from 1970-01-01 to a calendar date; the inverse of [`date`].
pub fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A large number to two or three digits: `812`, `25 k`, `3.2 M`.
pub fn large(number: f64) -> String {
    match number {
        1e9.. => format!("{:.1} G", number / 1e9),
        1e6.. => format!("{:.1} M", number / 1e6),
        1e3.. => format!("{:.0} k", number / 1e3),
        _ => format!("{number:.0}"),
    }
}

/// A duration: `4 s`, `1 min 01 s`, `1 h 01 min`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Bytes as two hexadecimal digits each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes that these hexadecimal digits stand for.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// `text`, safe for the terminal and cut to `width` columns; `…` marks the cut.
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

/// Like [`fit`], but keeps the end, which says the most about a path.
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

/// Like [`fit`], but keeps the beginning and the end: names of many files begin alike and end in a number.
pub fn fit_middle(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.width() <= width {
        return text;
    }
    // The end gets half of the columns, with the sign.
    let end = fit_left(&text, width.div_ceil(2));
    format!("{}{}", fit(&text, width - end.width() + 1).trim_end_matches('…'), end)
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
        assert_eq!(fit_middle("Scan of the album 017", 12), "Scan o…m 017");
        assert_eq!(fit_middle("Scan 017", 8), "Scan 017");
        for width in 0..9 {
            assert!(fit_middle("日本語-17", width).width() <= width);
        }
        assert_eq!((fit_left("日本語", 5), fit_left("abc", 0)), ("…本語".into(), "".into()));
        assert_eq!(fit("a\u{1b}[2Jb", 99), "a\\u{1b}[2Jb");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let day = |days: i64| date(days * 86_400_000_000_000 + 86_399_999_999_999);
        let days = [0, 58, 59, 11_016, 11_017, 20_576, -1].map(day);
        assert_eq!(
            days,
            ["1970-01-01", "1970-02-28", "1970-03-01", "2000-02-29", "2000-03-01", "2026-05-03", "1969-12-31"]
        );
        let numbers =
            [(1970, 1, 1), (1970, 2, 28), (1970, 3, 1), (2000, 2, 29), (2000, 3, 1), (2026, 5, 3), (1969, 12, 31)];
        assert_eq!(numbers.map(|(y, m, d)| day_number(y, m, d)), [0, 58, 59, 11_016, 11_017, 20_576, -1]);
    }

    #[test]
    fn times_of_day_begin_at_midnight() {
        assert_eq!([0, 86_399_999_999_999, -1].map(clock), ["00:00:00", "23:59:59", "23:59:59"]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 25_088, 1_000_000].map(thousands), ["0", "999", "1,000", "25,088", "1,000,000"]);
        assert_eq!(count(1, "image"), "1 image");
        assert_eq!([0.4, 812.0, 25_088.0, 3.2e6, 1.05e9].map(large), ["0", "812", "25 k", "3.2 M", "1.1 G"]);
        let seconds = [0.2, 61.0, 3700.0].map(|s| duration(Duration::from_secs_f64(s)));
        assert_eq!(seconds, ["1 s", "1 min 01 s", "1 h 01 min"]);
    }
}
