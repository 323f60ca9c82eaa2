//! Chooses a file's format by its extension.

use std::path::Path;

use crate::error::{Error, Result};

/// The one of `formats` (lower-case extension, format) that `path` ends in, ignoring case.
///
/// # Errors
/// [`Error::Input`], which lists the known extensions, for any other or no extension.
pub fn by_extension<F: Copy>(path: &Path, formats: &[(&str, F)]) -> Result<F> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let format = formats.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format);
    format.ok_or_else(|| {
        let mut known: Vec<_> = formats.iter().map(|(known, _)| format!(".{known}")).collect();
        let last = known.pop().unwrap_or_default();
        let (path, known) = (crate::shown::path(path), known.join(", "));
        Error::Input(format!("{path}: unknown format; the name must end in {known} or {last}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_says_the_format_and_any_other_one_is_refused() {
        let formats = [("csv", 1), ("json", 2), ("txt", 3)];
        let said = |name: &str| by_extension(Path::new(name), &formats);
        assert_eq!(said("a.b/results.CSV").unwrap(), 1);
        assert_eq!(said("results.csv.json").unwrap(), 2);
        for name in ["results", "results.xlsx", "csv", ".csv", "results.", "a.csv/results"] {
            let message = said(name).unwrap_err().to_string();
            let expected = format!("{name}: unknown format; the name must end in .csv, .json or .txt");
            assert_eq!(message, expected);
        }
    }
}
