//! Text that fits.

pub use crate::text::{fit, fit_left};

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
    fn titles_are_names_without_folder_and_extension() {
        assert_eq!(title("2023/spain/img.001.jpg"), "img.001");
        assert_eq!(title(".jpg"), ".jpg");
    }
}
