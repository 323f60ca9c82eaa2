//! `simages man`: the manual page, with all commands on one page.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use clap_mangen::Man as Page;

use super::output::print;
use super::run::Run;

/// Print the manual page
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  simages man > ~/.local/share/man/man1/simages.1")]
pub struct ManArgs {}

pub struct Man {
    cli: clap::Command,
}

impl ManArgs {
    pub fn resolve(self, cli: clap::Command) -> Man {
        Man { cli }
    }
}

impl Run for Man {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let mut page = Vec::new();
        render(self.cli, &mut page)?;
        print(&page)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn render(command: clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Page::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    for subcommand in command.get_subcommands() {
        render_subcommand(subcommand.clone(), page)?;
    }
    render_notes(&command, ".SH", page)?;
    man.render_version_section(page)
}

/// A command's chapter, with its sections one level down.
fn render_subcommand(command: clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("simages {}", command.get_name());
    let command = command.bin_name(&name);
    let man = Page::new(command.clone());
    let mut chapter = Vec::new();
    man.render_synopsis_section(&mut chapter)?;
    man.render_description_section(&mut chapter)?;
    man.render_options_section(&mut chapter)?;
    writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
    let chapter = String::from_utf8_lossy(&chapter);
    for line in chapter.lines() {
        match line.strip_prefix(".SH") {
            Some(heading) => writeln!(page, ".SS{heading}")?,
            None => writeln!(page, "{line}")?,
        }
    }
    render_notes(&command, ".SS", page)
}

/// The examples and tables after the options, each under its own heading, verbatim.
fn render_notes(command: &clap::Command, heading: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let Some(notes) = command.get_after_long_help() else { return Ok(()) };
    for paragraph in notes.to_string().split("\n\n") {
        match paragraph.split_once(":\n") {
            Some((title, lines)) => {
                writeln!(page, "{heading} \"{}\"\n.nf", escaped(&title.to_uppercase()))?;
                lines.lines().try_for_each(|line| writeln!(page, "{}", escaped(line)))?;
                writeln!(page, ".fi")?;
            }
            None => writeln!(page, ".PP\n{}", escaped(paragraph))?,
        }
    }
    Ok(())
}

/// Escapes a line so that roff prints it verbatim.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\\\").replace('-', "\\-").replace('~', "\\(ti");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}
