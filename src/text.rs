//! Names and numbers as people read them.

/// A name with its control characters escaped: it can't send an escape sequence to a terminal.
pub fn printable(name: &str) -> String {
    name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

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

/// A number of bytes: `812 bytes`, `1.6 MB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", number as f64 / 1e3),
        _ => format!("{:.1} MB", number as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_send_escape_sequences() {
        assert_eq!(printable("a\u{1b}[31m\u{9b}b\n.jpg"), "a\\u{1b}[31m\\u{9b}b\\n.jpg");
        assert_eq!(printable("größe 日本.png"), "größe 日本.png");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 25_088, 1_000_000].map(thousands), ["0", "999", "1,000", "25,088", "1,000,000"]);
        assert_eq!(count(1, "image"), "1 image");
    }
}
