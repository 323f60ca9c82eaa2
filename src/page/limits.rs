//! The limits of a page's size.

use crate::text::{bytes, count};

/// Beyond this, browsers are slow or e-mails are refused.
const PICTURES: usize = 1_000;
const BYTES: u64 = 20_000_000;

/// The most that a page may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    pub pictures: usize,
    pub bytes: u64,
}

/// One limit, as typed: `5000`, `50MB`, `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageLimit {
    Pictures(usize),
    Bytes(u64),
    None,
}

impl Default for PageLimits {
    fn default() -> Self {
        PageLimits { pictures: PICTURES, bytes: BYTES }
    }
}

impl PageLimits {
    /// These instead of the default ones.
    pub fn new(said: &[PageLimit]) -> PageLimits {
        let mut limits = PageLimits::default();
        for limit in said {
            match limit {
                PageLimit::Pictures(pictures) => limits.pictures = *pictures,
                PageLimit::Bytes(bytes) => limits.bytes = *bytes,
                PageLimit::None => limits = PageLimits { pictures: usize::MAX, bytes: u64::MAX },
            }
        }
        limits
    }
}

impl PageLimit {
    pub fn parse(text: &str) -> Result<PageLimit, String> {
        const UNITS: [(&str, u64); 3] = [("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000)];
        let small = text.trim().to_ascii_lowercase();
        let unit = UNITS.iter().find_map(|(unit, bytes)| Some((small.strip_suffix(unit)?.trim_end(), *bytes)));
        let limit = match unit {
            _ if small == "none" => Some(PageLimit::None),
            Some((number, unit)) => number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).map(PageLimit::Bytes),
            None => small.replace(',', "").parse().ok().map(PageLimit::Pictures),
        };
        let is_something = |limit: &PageLimit| !matches!(limit, PageLimit::Pictures(0) | PageLimit::Bytes(0));
        limit.filter(is_something).ok_or_else(|| "a number of pictures, a size such as 50MB, or none".to_owned())
    }
}

impl std::fmt::Display for PageLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}, {}", count(self.pictures, "picture"), bytes(self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers_sizes_or_none() {
        let usual = PageLimits::default();
        assert_eq!(usual.to_string(), "1,000 pictures, 20.0 MB");
        let said =
            |texts: &[&str]| PageLimits::new(&texts.iter().map(|t| PageLimit::parse(t).unwrap()).collect::<Vec<_>>());
        assert_eq!(said(&["5000"]), PageLimits { pictures: 5_000, ..usual });
        assert_eq!(said(&["50MB", "2,000"]), PageLimits { pictures: 2_000, bytes: 50_000_000 });
        assert_eq!(said(&["300 kB"]).bytes, 300_000);
        assert_eq!(said(&["none"]), PageLimits { pictures: usize::MAX, bytes: u64::MAX });
        assert_eq!(said(&["none", "1gb"]), PageLimits { pictures: usize::MAX, bytes: 1_000_000_000 });
        for wrong in ["", "0", "0MB", "-1", "many", "MB", "1.5", "5 pictures", "99999999999GB"] {
            assert!(PageLimit::parse(wrong).is_err(), "{wrong}");
        }
    }
}
