//! The binary in a pseudo-terminal that answers queries like some terminal does.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::common::{BINARY, Place};

/// Long enough on any machine; waits end when their condition holds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal's answers to queries. The last answer to each is `CSI 0 n`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Emulates {
    /// Remote or in a container: it can't read our files.
    Kitty,
    KittyHere,
    OldKitty,
    Konsole,
    WezTerm,
    Xterm,
    Foot,
    /// Never answers.
    Silent,
}

impl Emulates {
    fn name(self) -> Option<&'static str> {
        match self {
            Emulates::Kitty | Emulates::KittyHere => Some("kitty(0.41.1)"),
            Emulates::OldKitty => Some("kitty(0.26.5)"),
            Emulates::Konsole => Some("Konsole 22.12.3"),
            Emulates::WezTerm => Some("WezTerm 20240203"),
            Emulates::Xterm => Some("XTerm(379)"),
            Emulates::Foot => Some("foot(1.13.1)"),
            Emulates::Silent => None,
        }
    }

    /// The answer to a query for its name.
    fn named(self) -> String {
        self.name().map(|name| format!("\x1bP>|{name}\x1b\\")).unwrap_or_default()
    }

    /// The answer to the rest of a query.
    fn answer(self, question: &str) -> String {
        if self != Emulates::Silent && !question.contains("\x1b[c") {
            return "\x1b[0n".into();
        }
        let kitty = "\x1b_Gi=31;OK\x1b\\";
        let (graphics, attributes) = match self {
            Emulates::KittyHere => (format!("{kitty}\x1b_Gi=32;{}\x1b\\", read_file(question)), "62"),
            Emulates::Kitty => (format!("{kitty}\x1b_Gi=32;EBADF:no such file\x1b\\"), "62"),
            Emulates::OldKitty | Emulates::WezTerm => (kitty.into(), "62"),
            Emulates::Konsole => (kitty.into(), "62;1;4"),
            Emulates::Xterm | Emulates::Foot => (String::new(), "63;1;2;4;6"),
            Emulates::Silent => return String::new(),
        };
        format!("{graphics}\x1b[?{attributes}c\x1b[6;20;10t\x1b[0n")
    }
}

/// Like kitty: reads the file named in the query, and deletes it.
fn read_file(question: &str) -> &'static str {
    let asked = question.split("\x1b_G").find(|c| c.contains("t=t")).and_then(|c| c.split([';', '\x1b']).nth(1));
    let path = STANDARD.decode(asked.unwrap_or_default()).ok().and_then(|name| String::from_utf8(name).ok());
    let read = path.is_some_and(|path| std::fs::read(&path).is_ok() && std::fs::remove_file(&path).is_ok());
    if read { "OK" } else { "EBADF" }
}

struct Output {
    raw: Vec<u8>,
    screen: vt100::Parser,
}

pub struct Session {
    output: Arc<Mutex<Output>>,
    input: Arc<Mutex<Box<dyn Write + Send>>>,
    emulates: Arc<Mutex<Emulates>>,
    master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    /// The line settings before the program started.
    before: String,
}

impl Session {
    pub fn start(place: &Place, emulates: Emulates, environment: &[(&str, &str)]) -> Session {
        Session::start_with(place, emulates, environment, &[])
    }

    /// Started by another program, `by`, whose last argument is the binary.
    pub fn start_with(place: &Place, emulates: Emulates, environment: &[(&str, &str)], by: &[&str]) -> Session {
        Session::start_late(place, emulates, environment, by, Duration::ZERO)
    }

    /// Over a slow connection: answers arrive after some time.
    pub fn start_late(
        place: &Place,
        emulates: Emulates,
        environment: &[(&str, &str)],
        by: &[&str],
        delay: Duration,
    ) -> Session {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 1200, pixel_height: 800 };
        let pty = native_pty_system().openpty(size).unwrap();
        let before = line_settings(&*pty.master);
        let mut arguments: Vec<_> = by.iter().map(std::ffi::OsString::from).collect();
        arguments.push(BINARY.into());
        let mut command = CommandBuilder::from_argv(arguments);
        command.cwd(place.path());
        for name in ["SIMAGES_DATASETS", "SIMAGES_WEIGHTS", "TMUX", "STY", "SSH_CONNECTION", "NO_COLOR", "COLORTERM"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("XDG_CACHE_HOME", place.path().join("cache"));
        command.env("XDG_DATA_HOME", place.path().join("data"));
        command.env("XDG_CONFIG_HOME", place.path().join("config"));
        command.env("XDG_STATE_HOME", place.path().join("state"));
        environment.iter().for_each(|(name, value)| command.env(name, value));
        // As after an earlier session, with values that are simple to compute.
        let settings = place.path().join("state/simages/settings.toml");
        if !settings.exists() {
            std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
            std::fs::write(&settings, "descriptor = \"full\"\n").unwrap();
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);

        let output = Arc::new(Mutex::new(Output { raw: Vec::new(), screen: vt100::Parser::new(40, 120, 0) }));
        let input = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let emulates = Arc::new(Mutex::new(emulates));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let answer = answering(input.clone(), delay);
        let (to, what) = (output.clone(), emulates.clone());
        thread::spawn(move || {
            let mut question = 0;
            let mut buffer = [0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                let mut output = to.lock().unwrap();
                output.raw.extend_from_slice(&buffer[..n]);
                output.screen.process(&buffer[..n]);
                let emulates = *what.lock().unwrap();
                for end in output.raw.len() - n..output.raw.len() {
                    let sent = &output.raw[..=end];
                    if sent.ends_with(b"\x1b[>q") {
                        answer.send(emulates.named()).unwrap();
                    }
                    if sent.ends_with(b"\x1b[5n") {
                        let asked = String::from_utf8_lossy(&sent[question..]).into_owned();
                        answer.send(emulates.answer(&asked)).unwrap();
                        question = end + 1;
                    }
                }
            }
        });
        Session { output, input, emulates, master: pty.master, child, before }
    }

    /// From now on it is displayed in another terminal, like tmux can be.
    pub fn becomes(&self, emulates: Emulates) {
        *self.emulates.lock().unwrap() = emulates;
    }

    /// Reads nothing in the meantime, like a hanging terminal.
    pub fn hanging(&self, meanwhile: impl FnOnce()) {
        let _unread = self.output.lock().unwrap();
        meanwhile();
    }

    pub fn press(&self, keys: &str) {
        self.input.lock().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize { rows, cols, pixel_width: cols * 10, pixel_height: rows * 20 };
        // vt100 panics where text wraps in a single row, and at a wide character in a single column.
        self.output.lock().unwrap().screen.screen_mut().set_size(rows.max(2), cols.max(2));
        self.master.resize(size).unwrap();
    }

    pub fn screen(&self) -> String {
        self.output.lock().unwrap().screen.screen().contents()
    }

    /// Everything sent so far.
    pub fn raw(&self) -> Vec<u8> {
        self.output.lock().unwrap().raw.clone()
    }

    pub fn sent(&self, text: &str) -> bool {
        contains(&self.raw(), text.as_bytes())
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Session) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "{what} did not happen; the screen:\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?}"), |s| s.screen().contains(text));
    }

    /// Waits until nothing has been sent for a while.
    pub fn wait_for_rest(&self) {
        let before = std::cell::Cell::new(0);
        self.wait_until("rest", |s| {
            thread::sleep(Duration::from_millis(400));
            before.replace(s.raw().len()) == s.raw().len()
        });
    }

    pub fn signal(&self, signal: Signal) {
        let id = self.child.process_id().unwrap().try_into().unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // By then its last output has been read.
                thread::sleep(Duration::from_millis(200));
                return status;
            }
            assert!(Instant::now() < deadline, "it did not end; the screen:\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Every mode that was set is reset, and the line settings are unchanged.
    #[track_caller]
    pub fn is_restored(&self) {
        let raw = self.raw();
        for mode in ["?1049", "?1000", "?1002", "?1003", "?1006", "?1004", "?2004", "?2026"] {
            let set = last(&raw, format!("\x1b[{mode}h").as_bytes());
            let reset = last(&raw, format!("\x1b[{mode}l").as_bytes());
            assert!(set < reset, "mode {mode} is left set");
        }
        assert!(last(&raw, b"\x1b[?25l") < last(&raw, b"\x1b[?25h"), "the cursor is left hidden");
        self.line_is_as_it_was();
    }

    #[track_caller]
    pub fn line_is_as_it_was(&self) {
        assert_eq!(line_settings(&*self.master), self.before, "the line's settings are left changed");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// Types what it is sent into the terminal after some time, in turn.
fn answering(input: Arc<Mutex<Box<dyn Write + Send>>>, delay: Duration) -> std::sync::mpsc::Sender<String> {
    let (to, answers) = std::sync::mpsc::channel::<String>();
    let (to_type, typed) = std::sync::mpsc::channel::<(Instant, String)>();
    thread::spawn(move || answers.into_iter().for_each(|text| drop(to_type.send((Instant::now() + delay, text)))));
    thread::spawn(move || {
        for (due, text) in typed {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // The program may have ended in the meantime.
            let _ = input.lock().unwrap().write_all(text.as_bytes());
        }
    });
    to
}

fn line_settings(master: &dyn MasterPty) -> String {
    let settings = master.get_termios().expect("a pseudo-terminal has settings");
    format!("{:?} {:?} {:?}", settings.local_flags, settings.input_flags, settings.output_flags)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    last(bytes, part).is_some()
}

fn last(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).rposition(|w| w == part)
}
