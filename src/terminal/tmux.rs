//! tmux: whether we run in it, which terminals are attached, and how to reach them.

use std::process::{Command, Stdio};

use super::colours::ColourDepth;

pub fn inside() -> bool {
    std::env::var_os("TMUX").is_some_and(|v| !v.is_empty())
}

/// Makes tmux pass pictures through to the terminal, in this pane.
pub fn allow_passthrough() {
    let mut tmux = Command::new("tmux");
    let quiet = Stdio::null;
    let _ = tmux.args(["set", "-p", "allow-passthrough", "on"]).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
}

/// A terminal attached to our session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its process and its tty: a different pair is another client.
    id: String,
    /// The name it reports (XTVERSION), if it does.
    pub name: Option<String>,
    pub colours: ColourDepth,
}

/// The terminals attached to our session, as tmux reports them.
pub fn clients() -> Vec<Client> {
    let format = "#{client_pid} #{client_tty}\t#{client_termtype}\t#{client_termfeatures}\t#{client_termname}";
    let Some(session) = said(&["display-message", "-p", "-t", &pane(), "#{session_id}"]) else { return Vec::new() };
    let clients = said(&["list-clients", "-t", session.trim(), "-F", format]).unwrap_or_default();
    let known = said(&["show-messages", "-T"]).unwrap_or_default();
    clients.lines().filter_map(|line| client(line, &known)).collect()
}

/// Whether the attached terminal is at the other end of an SSH connection, as recorded when it was attached; our
/// environment dates from when the pane was made. None if tmux doesn't know.
pub fn is_over_ssh() -> Option<bool> {
    said(&["show-environment", "SSH_CONNECTION"]).map(|line| line.starts_with("SSH_CONNECTION="))
}

/// Our pane: without it, tmux reports on the session used last.
fn pane() -> String {
    std::env::var("TMUX_PANE").unwrap_or_default()
}

fn said(arguments: &[&str]) -> Option<String> {
    let output = Command::new("tmux").args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

/// From a line in the format of [`clients`], and tmux's knowledge of terminals.
fn client(line: &str, known: &str) -> Option<Client> {
    let [id, name, features, term] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let has = |feature| features.split(',').any(|has| has == feature);
    let (_, tty) = id.split_once(' ')?;
    let told = told_colours(known, tty);
    let colours = match () {
        () if has("RGB") || told == Some(ColourDepth::True) => ColourDepth::True,
        () if has("256") || told == Some(ColourDepth::Of256) || term.contains("256color") => ColourDepth::Of256,
        () => ColourDepth::Of16,
    };
    Some(Client { id: id.into(), name: Some(name.to_owned()).filter(|name| !name.is_empty()), colours })
}

/// The colours of the terminal at `tty`, by the capabilities that tmux records: `show-messages -T`.
fn told_colours(known: &str, tty: &str) -> Option<ColourDepth> {
    let is_of = |line: &&str| line.starts_with("Terminal ") && line.contains(&format!(" for {tty},"));
    let capabilities = known.lines().skip_while(|line| !is_of(line)).skip(1);
    let mut colours = None;
    for line in capabilities.take_while(|line| !line.starts_with("Terminal ")) {
        let mut parts = line.split(':').map(str::trim);
        let (Some(_), Some(name), Some(value)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let number = value.strip_prefix("(number) ").and_then(|number| number.parse::<u32>().ok());
        match name {
            "setrgbf" | "RGB" | "Tc" if !value.contains("[missing]") && !value.ends_with("false") => {
                return Some(ColourDepth::True);
            }
            "colors" if number.is_some_and(|number| number >= 256) => colours = Some(ColourDepth::Of256),
            _ => {}
        }
    }
    colours
}

/// `sequence` for the terminal: in tmux, wrapped for its passthrough, with each escape doubled.
pub fn passed_through(sequence: String, in_tmux: bool) -> String {
    match in_tmux {
        true => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
        false => sequence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tmux_says_of_the_terminals_that_show_it() {
        let kitty = client("12 /dev/pts/3\tkitty(0.41.1)\t256,RGB,title\txterm-kitty", "").unwrap();
        assert_eq!((kitty.name.as_deref(), kitty.colours), (Some("kitty(0.41.1)"), ColourDepth::True));
        let plain = client("13 /dev/pts/3\t\t\txterm-256color", "").unwrap();
        assert_eq!((plain.name.as_deref(), plain.colours), (None, ColourDepth::Of256));
        assert_eq!(client("13 /dev/pts/3\t\t\tlinux", "").unwrap().colours, ColourDepth::Of16);
        assert_ne!(kitty, Client { id: "14 /dev/pts/4".into(), ..kitty.clone() });
        assert_eq!(client("", ""), None);
        let known = "Terminal 0: xterm-kitty for /dev/pts/3, flags=0x30:\n  13: colors: (number) 256\n 197: RGB: [missing]\n \
            208: setrgbf: (string) \\033[38:2:%p1%d\n\nTerminal 1: xterm for /dev/pts/33, flags=0x0:\n  13: colors: (number) 256\n \
            197: RGB: [missing]\n 208: setrgbf: [missing]\n 223: Tc: [missing]\n";
        let colours = |line| client(line, known).unwrap().colours;
        assert_eq!(colours("12 /dev/pts/3\tkitty(0.41.1)\ttitle\txterm-kitty"), ColourDepth::True);
        assert_eq!(colours("12 /dev/pts/33\t\t\txterm"), ColourDepth::Of256);
        assert_eq!(colours("12 /dev/pts/4\t\t\txterm"), ColourDepth::Of16);
    }
}
