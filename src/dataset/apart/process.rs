//! The child: a process that decodes a single picture under limits, and reports to its parent.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use image::ColorType;
use parking_lot::Mutex;
use rustix::process::{Pid, Resource, Rlimit, getppid, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::super::decode;
use super::super::formats::Decoder;
use super::super::patience::{PATIENCE, Watch, failed, started};
use super::super::sample::TakesRows;
use super::super::unreadable::Unreadable;
use super::wire::{self, ALIVE, ARGUMENT, BEGIN, BESIDES, END, FAILED, GREETING, HELLO, PIXELS, PixelLayout, WHOLE};
use crate::limits;

/// The interval between signs of life.
const BEAT: Duration = Duration::from_millis(500);
/// Rows are sent together up to this many bytes, which fit a pipe.
const PIECE: usize = 64 << 10;

/// Decodes a picture if this process was started for that. Call before anything else.
pub fn run(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    arguments.nth(1).filter(|first| first == ARGUMENT)?;
    let mut number = || arguments.next()?.to_str()?.parse().ok();
    let (Some(parent), Some(bytes)) = (number(), number()) else { return Some(ExitCode::FAILURE) };
    let (Some(wanted), Some(path)) = (arguments.next(), arguments.next()) else { return Some(ExitCode::FAILURE) };
    let outcome = hold_to_limits(parent, bytes).and_then(|()| decode(path.as_ref(), wanted == WHOLE));
    Some(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn hold_to_limits(parent: u64, bytes: u64) -> io::Result<()> {
    // Nobody wants a panic's message, or a core dump.
    std::panic::set_hook(Box::new(|_| ()));
    let at_most = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::Core, at_most(0))?;
    // First its own signal, which says what is wrong.
    let seconds = PATIENCE.as_secs() + 1;
    setrlimit(Resource::Cpu, Rlimit { current: Some(seconds), maximum: Some(seconds + 1) })?;
    // Some systems have no such limit; and stricter limits already set stay.
    let most = limits::address_space().map_or(bytes + BESIDES, |most| most.min(bytes + BESIDES));
    let _ = setrlimit(Resource::As, at_most(most));
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // The parent may have ended before.
    match getppid().map(Pid::as_raw_nonzero).map(|pid| pid.get() as u64) == Some(parent) {
        true => Ok(()),
        false => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// To the parent; shared by the thread that decodes and the one that signals life.
#[derive(Clone)]
struct Pipe(Arc<Mutex<File>>);

impl Pipe {
    fn send(&self, kind: u8, content: &[u8]) -> io::Result<()> {
        let mut message = Vec::with_capacity(content.len() + 5);
        wire::send(&mut message, kind, content)?;
        self.0.lock().write_all(&message)
    }
}

fn decode(path: &Path, whole: bool) -> io::Result<()> {
    let pipe = Pipe(Arc::new(Mutex::new(File::from(io::stdout().as_fd().try_clone_to_owned()?))));
    pipe.send(GREETING, HELLO)?;
    let beating = pipe.clone();
    // Without that thread a picture has less time.
    let _ = thread::Builder::new().stack_size(256 << 10).spawn(move || beat(&beating));
    let watch = Watch::of_a_process();
    let decoding = || {
        // Libraries start the pool on first use, and panic if they can't.
        started(PATIENCE, false, || limits::begin().map_err(io::Error::other))?;
        let decoder = decode::header(path, &watch)?;
        match whole {
            true => tell_whole(decoder, &pipe),
            false => tell_rows(decoder, &pipe),
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(decoding)).unwrap_or_else(|_| Err(failed()));
    match outcome {
        Ok(()) => pipe.send(END, &[]),
        Err(reason) => pipe.send(FAILED, &wire::reason_to_bytes(&reason, watch.overran())),
    }
}

/// Signals life now and then, as long as work is done.
fn beat(pipe: &Pipe) {
    let taken = || clock_gettime(ClockId::ProcessCPUTime);
    let mut before = taken();
    loop {
        thread::sleep(BEAT);
        let now = taken();
        let waited = now.tv_sec == before.tv_sec && now.tv_nsec - before.tv_nsec < BEAT.as_nanos() as i64 / 100;
        before = now;
        if !waited && pipe.send(ALIVE, &[]).is_err() {
            // Nobody listens any more.
            std::process::exit(1);
        }
    }
}

fn tell_whole(decoder: Box<dyn Decoder>, pipe: &Pipe) -> Result<(), Unreadable> {
    let image = decoder.decode()?;
    let layout = PixelLayout { width: image.width(), height: image.height(), color: image.color() };
    pipe.send(BEGIN, &layout.to_bytes())?;
    for piece in image.as_bytes().chunks(PIECE) {
        pipe.send(PIXELS, piece)?;
    }
    Ok(())
}

fn tell_rows(decoder: Box<dyn Decoder>, pipe: &Pipe) -> Result<(), Unreadable> {
    let (width, height) = decoder.dimensions();
    let layout = PixelLayout { width, height, color: ColorType::Rgb8 };
    let mut rows = ToldRows { layout, told: Vec::new(), pipe };
    decoder.rows(&mut rows)?;
    rows.tell();
    Ok(())
}

struct ToldRows<'a> {
    layout: PixelLayout,
    told: Vec<u8>,
    pipe: &'a Pipe,
}

impl ToldRows<'_> {
    fn tell(&mut self) {
        if !self.told.is_empty() && self.pipe.send(PIXELS, &self.told).is_err() {
            std::process::exit(1);
        }
        self.told.clear();
    }
}

impl TakesRows for ToldRows<'_> {
    fn begin(&mut self) {
        self.told.clear();
        if self.pipe.send(BEGIN, &self.layout.to_bytes()).is_err() {
            std::process::exit(1);
        }
    }

    fn take_row(&mut self, _: u32, row: &[[u8; 3]]) {
        self.told.extend_from_slice(row.as_flattened());
        if self.told.len() + row.as_flattened().len() > PIECE {
            self.tell();
        }
    }
}
