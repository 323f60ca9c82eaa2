//! What is said of pictures that are not there any more: a drive may not be mounted.

use crate::text::count;

/// How it can be undone, and what to do where it was meant.
const KEPT: &str = "what was computed of them is kept until simages index --prune drops it";

/// In words; None if none is `gone`. `there`: the pictures that are.
pub fn gone<'a>(gone: &[String], there: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let first = gone.first()?;
    let number = count(gone.len(), "picture");
    if there.clone().next().is_none() {
        return Some(format!("none of the {number} of before is there: is a drive not mounted? {KEPT}"));
    }
    // Of several folders with nothing else in them the outermost.
    for folder in first.match_indices('/').map(|(end, _)| &first[..=end]) {
        let alone = gone.iter().all(|name| name.starts_with(folder));
        if alone && !there.clone().any(|name| name.starts_with(folder)) {
            return Some(format!("{folder}: none of its {number} is there: is a drive not mounted? {KEPT}"));
        }
    }
    Some(format!("{number} of before not there, {first} for one; {KEPT}"))
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
        let all = "none of the 2 pictures of before is there: is a drive not mounted? …";
        assert_eq!(text(&["a/b.jpg", "c.jpg"], &[]).unwrap(), all);
        let folder = "nas/: none of its 2 pictures is there: is a drive not mounted? …";
        assert_eq!(text(&["nas/x/a.jpg", "nas/y/b.jpg"], &["c.jpg"]).unwrap(), folder);
        let folder = "nas/x/: none of its 1 picture is there: is a drive not mounted? …";
        assert_eq!(text(&["nas/x/a.jpg"], &["nas/c.jpg"]).unwrap(), folder);
        let some = "2 pictures of before not there, a.jpg for one; …";
        assert_eq!(text(&["a.jpg", "nas/b.jpg"], &["c.jpg"]).unwrap(), some);
    }
}
