//! The notice about absent pictures: a drive may not be mounted.

use crate::text::count;

/// How to get them back, and what to do if they were deleted on purpose.
const KEPT: &str = "descriptors are kept (simages index --prune drops them)";

/// The notice; None if no picture is `gone`. `there`: the pictures that exist.
pub fn gone<'a>(gone: &[String], there: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let first = gone.first()?;
    let number = count(gone.len(), "picture");
    if there.clone().next().is_none() {
        return Some(format!("every picture indexed before is absent ({number}): is a drive not mounted? {KEPT}"));
    }
    // Of nested folders that contain nothing else, the outermost.
    for folder in first.match_indices('/').map(|(end, _)| &first[..=end]) {
        let alone = gone.iter().all(|name| name.starts_with(folder));
        if alone && !there.clone().any(|name| name.starts_with(folder)) {
            return Some(format!("{folder}: every picture is absent ({number}): is a drive not mounted? {KEPT}"));
        }
    }
    let such = if gone.len() == 1 { ":" } else { ", such as" };
    Some(format!("{number} absent{such} {first}; {KEPT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_folder_that_is_gone_may_be_a_drive() {
        let text = |names: &[&str], there: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            gone(&names, there.iter().copied()).map(|text| text.replace(KEPT, "…"))
        };
        assert_eq!(text(&[], &["a.jpg"]), None);
        let all = "every picture indexed before is absent (2 pictures): is a drive not mounted? …";
        assert_eq!(text(&["a/b.jpg", "c.jpg"], &[]).unwrap(), all);
        let folder = "nas/: every picture is absent (2 pictures): is a drive not mounted? …";
        assert_eq!(text(&["nas/x/a.jpg", "nas/y/b.jpg"], &["c.jpg"]).unwrap(), folder);
        let folder = "nas/x/: every picture is absent (1 picture): is a drive not mounted? …";
        assert_eq!(text(&["nas/x/a.jpg"], &["nas/c.jpg"]).unwrap(), folder);
        assert_eq!(text(&["a.jpg"], &["c.jpg"]).unwrap(), "1 picture absent: a.jpg; …");
        let some = "2 pictures absent, such as a.jpg; …";
        assert_eq!(text(&["a.jpg", "nas/b.jpg"], &["c.jpg"]).unwrap(), some);
    }
}
