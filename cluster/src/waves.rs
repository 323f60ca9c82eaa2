//! The file of waves: the order in which tasks run.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Reads a file of waves. Skips empty lines.
pub fn read(path: &Path) -> Result<Vec<Vec<u32>>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read the waves {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

fn parse(text: &str) -> Result<Vec<Vec<u32>>> {
    let mut seen = HashSet::new();
    let mut waves = Vec::new();
    for (line, tasks) in (1..).zip(text.lines()) {
        let mut wave = Vec::new();
        for word in tasks.split_whitespace() {
            let task = word.parse().with_context(|| format!("line {line}: {word:?} is not a task number"))?;
            if !seen.insert(task) {
                bail!("line {line}: task {task} appears twice");
            }
            wave.push(task);
        }
        if !wave.is_empty() {
            waves.push(wave);
        }
    }
    Ok(waves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_wave() {
        assert_eq!(parse("0 3 5\n\n1  2\n4").unwrap(), [vec![0, 3, 5], vec![1, 2], vec![4]]);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_number_or_there_twice_is_refused_with_its_line() {
        assert_eq!(parse("0 1\n2 x").unwrap_err().to_string(), "line 2: \"x\" is not a task number");
        assert_eq!(parse("0 1\n2 -1").unwrap_err().to_string(), "line 2: \"-1\" is not a task number");
        assert_eq!(parse("0 1\n2 1").unwrap_err().to_string(), "line 2: task 1 appears twice");
    }
}
