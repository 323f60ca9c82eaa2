//! Wraps the text after the options in `--help`; continued lines of tables and commands are indented. clap wraps lines
//! to the left edge.

use clap::Command;
use terminal_size::{Width, terminal_size};
use textwrap::{Options, WordSeparator, fill};

/// The most columns that help uses.
pub const WIDEST: usize = 100;
/// How much further in a wrapped command goes on.
const OF_COMMANDS: usize = 4;

/// The command and all of its subcommands, with texts wrapped for this terminal.
pub fn wrapped(command: Command) -> Command {
    // As clap does.
    let of_terminal = terminal_size().map(|(Width(width), _)| usize::from(width));
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    wrapped_at(command, of_terminal.or_else(told).map_or(WIDEST, |width| WIDEST.min(width)))
}

fn wrapped_at(command: Command, width: usize) -> Command {
    let text = command.get_after_long_help().map(|text| hanging(&text.to_string(), width));
    let command = match text {
        Some(text) => command.after_long_help(text),
        None => command,
    };
    command.mut_subcommands(|subcommand| wrapped_at(subcommand, width))
}

/// Wraps a text. First joins lines that were wrapped by hand at the column that [`hang`] gives.
fn hanging(text: &str, width: usize) -> String {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some((before, hang)) if *hang > indent(before) && indent(line) == *hang && !line.trim().is_empty() => {
                before.push(' ');
                before.push_str(line.trim_start());
            }
            _ => lines.push((line.to_owned(), hang(line))),
        }
    }
    let wrapped = lines.iter().map(|(line, hang)| {
        let (begin, further) = (" ".repeat(indent(line)), " ".repeat(*hang));
        let options = Options::new(width).initial_indent(&begin).subsequent_indent(&further).break_words(false);
        fill(line.trim_start(), options.word_separator(WordSeparator::AsciiSpace))
    });
    wrapped.collect::<Vec<_>>().join("\n")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The column at which a line goes on when wrapped: below the second column of a table.
fn hang(line: &str) -> usize {
    let (indent, text) = (indent(line), line.trim());
    match text.find("  ") {
        _ if text.starts_with("simages ") => indent + OF_COMMANDS,
        Some(gap) if indent > 0 => {
            let second = text[gap..].len() - text[gap..].trim_start().len();
            indent + text[..gap].chars().count() + second
        }
        _ => indent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_commands_hang_below_their_beginning() {
        let text = "A text that is longer.\n\nIn a group:\n  keep   one two three four\n         five six\n  leave  seven\n  simages query a.jpg animals --csv\n\
                    \n  {\"a\":\"a_long_word_that_stays_whole\"}";
        let expected = "A text that is\nlonger.\n\nIn a group:\n  keep   one two\n         three four\n         five six\n  leave  seven\n  \
                        simages query\n      a.jpg animals\n      --csv\n\n  {\"a\":\"a_long_word_that_stays_whole\"}";
        assert_eq!(hanging(text, 20), expected);
        let widest = hanging(text, 100);
        assert!(widest.contains("  keep   one two three four five six\n"), "{widest}");
    }
}
