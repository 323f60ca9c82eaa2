//! The terminal: its environment, the questions asked, its answers, and the conclusions.

use super::report::DoctorReport;
use crate::terminal::{ColourChoice, ProtocolChoice, TerminalChoices, decide, gnu_screen, probe, tmux};

pub fn terminal(wanted: TerminalChoices, report: &mut DoctorReport) {
    for variable in ["TERM", "TERM_PROGRAM", "COLORTERM", "TMUX", "STY", "SSH_CONNECTION"] {
        let value = std::env::var_os(variable);
        report.row(variable, value.map_or("-".into(), |v| v.to_string_lossy().into_owned()));
    }
    report.row("window", window());
    let answers = match probe::ask_now() {
        Ok(answers) => answers,
        Err(why) => return report.row("protocol", format!("not asked: {why}")),
    };
    let decided = decide(wanted, &answers, tmux::inside());
    let yes = |yes| if yes { "yes" } else { "no" };
    if !answers.complete {
        report.row("answers", "some answers did not come within 2 s");
    }
    if gnu_screen::inside() {
        report.row("GNU screen", "isn't asked questions that it would take for a title or pass on");
    }
    report.row("name", answers.version.as_deref().unwrap_or("not reported (XTVERSION)"));
    report.row(
        "kitty graphics",
        format!("{} (placeholders are needed too; the terminal's name shows whether it has them)", yes(answers.kitty)),
    );
    report.row("reads files", format!("{} (kitty on this machine; nothing is compressed then)", yes(answers.files)));
    report.row("sixel", yes(answers.sixel));
    let (width, height) = decided.cell;
    let told = if answers.cell.is_some() { "reported by it" } else { "from the system, or assumed" };
    report.row("cell", format!("{width} x {height} pixels, {told}"));
    report.row("protocol", format!("{}: {}", decided.graphics.protocol().name(), decided.reason));
    if wanted.protocol == ProtocolChoice::Auto {
        let others: Vec<_> = ProtocolChoice::all().skip(1).map(ProtocolChoice::name).collect();
        report.row("", format!("--protocol {} selects another", others.join("|")));
    }
    report.row("colours", format!("{}: {}", decided.colours.word(), decided.why_colours));
    if wanted.colours == ColourChoice::Auto {
        let others: Vec<_> = ColourChoice::all().skip(1).map(ColourChoice::name).collect();
        report.row("", format!("--colors {} selects others", others.join("|")));
    }
}

fn window() -> String {
    match crossterm::terminal::window_size() {
        Ok(w) if w.width > 0 => format!("{} x {} cells, {} x {} pixels", w.columns, w.rows, w.width, w.height),
        Ok(w) => format!("{} x {} cells, pixels unknown", w.columns, w.rows),
        Err(_) => "this is not a terminal".into(),
    }
}
