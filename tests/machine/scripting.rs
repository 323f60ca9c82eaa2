//! The examples of docs/scripting.md do what the page says.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{BINARY, Outcome, Place};
use crate::missing::Missing;
use crate::python::python_with;

pub fn examples_of_the_page_print_what_it_shows() -> Result<(), Missing> {
    let python = python_with(&["numpy", "pyarrow"])?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/scripting.md")).unwrap();
    let place = Place::new();
    std::fs::create_dir(place.animals()).unwrap();
    for picture in std::fs::read_dir(root.join("datasets/animals")).unwrap().map(|entry| entry.unwrap()) {
        // Not what was computed of them.
        if picture.path().extension().is_some_and(|extension| extension == "jpg") {
            std::fs::copy(picture.path(), place.animals().join(picture.file_name())).unwrap();
        }
    }
    let mut paths = vec![PathBuf::from(BINARY).parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let paths = std::env::join_paths(paths).unwrap();

    let blocks = blocks(&page);
    assert!(blocks.len() > 10, "{blocks:?}");
    for (at, (language, text)) in blocks.iter().enumerate() {
        let mut command = match *language {
            "sh" => Command::new("sh"),
            "python" => Command::new(&python),
            _ => continue,
        };
        let flag = if *language == "sh" { "-ec" } else { "-c" };
        command.arg(flag).arg(text).env("PATH", &paths);
        let outcome = Outcome::of(place.placed(command).output().unwrap()).exits(0);
        if let Some((_, shown)) = blocks.get(at + 1).filter(|(language, _)| *language == "text") {
            assert_eq!(outcome.stdout, *shown, "printed by:\n{text}\n{}", outcome.stderr);
        }
    }
    Ok(())
}

/// Each block of code, by its language.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts: Vec<_> = page.split("```").collect();
    parts.iter().skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}
