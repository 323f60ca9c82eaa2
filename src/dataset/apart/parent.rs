//! The parent: starts a process for a picture, and reads from its pipe.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, OnceLock};

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageResult};

use super::super::formats::Decoder;
use super::super::look::{FileFormat, Notes};
use super::super::patience::{PATIENCE, Watch, started};
use super::super::sample::TakesRows;
use super::super::unreadable::Unreadable;
use super::wire::{self, ALIVE, BEGIN, BESIDES, END, FAILED, GREETING, HELLO, PIXELS, PixelLayout};
use crate::limits::{self, Limit};

/// Bytes read from the pipe at a time.
const PIECE: usize = 128 << 10;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on this program may be started again to decode pictures; it calls [`super::run`] first.
pub fn offer() {
    // The running program, even if its file was replaced or deleted since.
    let running = PathBuf::from("/proc/self/exe");
    let program = if cfg!(target_os = "linux") && running.exists() { Ok(running) } else { std::env::current_exe() };
    if let Some(program) = program.ok().filter(|_| cfg!(unix)) {
        let _ = PROGRAM.set(program);
    }
}

/// A picture whose header was read here, decoded in another process if possible.
pub struct Apart {
    inner: Box<dyn Decoder>,
    path: PathBuf,
    watch: Arc<Watch>,
    /// The most memory it may use.
    bytes: u64,
}

impl Apart {
    pub fn new(inner: Box<dyn Decoder>, path: PathBuf, watch: Arc<Watch>, bytes: u64) -> Apart {
        Apart { inner, path, watch, bytes }
    }
}

impl Decoder for Apart {
    fn dimensions(&self) -> (u32, u32) {
        self.inner.dimensions()
    }

    fn pixels_told(&self) -> (u32, u32) {
        self.inner.pixels_told()
    }

    fn decoded_bytes(&self) -> u64 {
        self.inner.decoded_bytes()
    }

    fn orientation(&mut self) -> Orientation {
        self.inner.orientation()
    }

    fn format(&self) -> FileFormat {
        self.inner.format()
    }

    fn is_lossless(&self) -> bool {
        self.inner.is_lossless()
    }

    fn holds_more(&self) -> bool {
        self.inner.holds_more()
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        self.inner.exif()
    }

    fn xmp(&mut self) -> Option<Vec<u8>> {
        self.inner.xmp()
    }

    fn other_notes(&self) -> Notes {
        self.inner.other_notes()
    }

    fn iptc(&mut self) -> Option<Vec<u8>> {
        self.inner.iptc()
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        match Process::start(&self, wire::WHOLE)? {
            Some(process) => process.whole(self.inner),
            None => self.inner.decode(),
        }
    }

    fn rows(self: Box<Self>, takes: &mut dyn TakesRows) -> Result<(), Unreadable> {
        match Process::start(&self, wire::ROWS)? {
            Some(process) => process.rows(self.inner, takes),
            None => self.inner.rows(takes),
        }
    }
}

/// A decoding process, killed when dropped.
struct Process {
    child: Child,
    told: BufReader<ChildStdout>,
    watch: Arc<Watch>,
    /// The most memory it may use.
    bytes: u64,
}

impl Process {
    /// None if processes can't be used at all. An error if the system refuses one for now.
    fn start(picture: &Apart, wanted: &str) -> Result<Option<Process>, Unreadable> {
        let Some(program) = PROGRAM.get() else { return Ok(None) };
        let child = match started(PATIENCE, true, || Process::command(program, picture, wanted).spawn()) {
            Ok(child) => child,
            Err(limit @ Unreadable::Limit(_)) => return Err(limit),
            Err(_) => return Ok(None),
        };
        let mut process = Process::of(child, picture);
        let mut hello = [0; HELLO.len()];
        let is_ours = process.next().is_ok_and(|message| message == (GREETING, HELLO.len()))
            && process.told.read_exact(&mut hello).is_ok_and(|()| hello == HELLO);
        match is_ours {
            true => Ok(Some(process)),
            // The system kills a process that has no room to start.
            false if process.is_confined() => Err(Unreadable::Limit(Limit::Memory)),
            false => Ok(None),
        }
    }

    fn command(program: &Path, picture: &Apart, wanted: &str) -> Command {
        let mut command = Command::new(program);
        command.arg(wire::ARGUMENT).arg(std::process::id().to_string()).arg(picture.bytes.to_string());
        command.arg(wanted).arg(&picture.path);
        // As little memory as possible besides the picture.
        command.env("RAYON_NUM_THREADS", "1").env("MALLOC_ARENA_MAX", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C in the terminal is for us only.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, "simages");
        command
    }

    fn of(mut child: Child, picture: &Apart) -> Process {
        picture.watch.decoded_by(Some(child.id()));
        let told = BufReader::with_capacity(PIECE, child.stdout.take().expect("it is piped"));
        Process { child, told, watch: picture.watch.clone(), bytes: picture.bytes }
    }

    /// Whether an outer limit leaves it less memory than its picture may use.
    fn is_confined(&self) -> bool {
        limits::most().is_some_and(|most| most < self.bytes + BESIDES)
    }

    /// Errors about memory or the system are the picture's own fault, unless the process is confined.
    fn judged(&self, reason: Unreadable) -> Unreadable {
        match reason {
            Unreadable::Limit(Limit::Memory) if !self.is_confined() => Unreadable::TooLarge,
            Unreadable::TooLarge if self.is_confined() => Unreadable::Limit(Limit::Memory),
            other => other,
        }
    }

    /// The kind and length of the next message, ignoring signs of life.
    fn next(&mut self) -> io::Result<(u8, usize)> {
        loop {
            let (kind, len) = wire::receive(&mut self.told)?;
            self.watch.is_alive();
            if kind != ALIVE || len > 0 {
                return Ok((kind, len));
            }
        }
    }

    /// The layout of the pixels that follow; an error if it doesn't fit a picture of this size.
    fn begin(&mut self, len: usize, dimensions: (u32, u32)) -> Result<PixelLayout, Unreadable> {
        let mut bytes = [0; PixelLayout::BYTES];
        let layout = match len == bytes.len() && self.told.read_exact(&mut bytes).is_ok() {
            true => PixelLayout::from_bytes(&bytes),
            false => None,
        };
        layout.filter(|layout| (layout.width, layout.height) == dimensions).ok_or(Unreadable::DecoderFailed)
    }

    fn rows(mut self, header: Box<dyn Decoder>, takes: &mut dyn TakesRows) -> Result<(), Unreadable> {
        let dimensions = header.dimensions();
        // The header may hold the file in memory.
        drop(header);
        let (mut y, mut rows) = (None, Vec::new());
        loop {
            match (self.next(), y) {
                (Ok((BEGIN, len)), _) => {
                    if self.begin(len, dimensions)?.color != ColorType::Rgb8 {
                        return Err(Unreadable::DecoderFailed);
                    }
                    takes.begin();
                    y = Some(0);
                }
                (Ok((PIXELS, len)), Some(first)) => {
                    rows.resize(len, 0);
                    self.told.read_exact(&mut rows).map_err(|_| Unreadable::DecoderFailed)?;
                    let mut next = first;
                    for row in
                        rows.as_chunks().0.chunks_exact(dimensions.0 as usize).take((dimensions.1 - first) as usize)
                    {
                        takes.take_row(next, row);
                        next += 1;
                    }
                    y = Some(next);
                }
                (Ok((END, 0)), Some(all)) if all == dimensions.1 => return Ok(()),
                (message, _) => return Err(self.failed(message)),
            }
        }
    }

    fn whole(mut self, header: Box<dyn Decoder>) -> Result<DynamicImage, Unreadable> {
        let dimensions = header.dimensions();
        drop(header);
        let layout = match self.next() {
            Ok((BEGIN, len)) => self.begin(len, dimensions)?,
            message => return Err(self.failed(message)),
        };
        let mut failed = None;
        let image = DynamicImage::from_decoder(ToldPixels { process: &mut self, layout, failed: &mut failed });
        image.map_err(|_| failed.unwrap_or(Unreadable::DecoderFailed))
    }

    /// The error, if this came instead of pixels.
    fn failed(&mut self, message: io::Result<(u8, usize)>) -> Unreadable {
        let mut reason = Vec::new();
        let (reason, overran) = match message {
            Ok((FAILED, len)) if self.told.by_ref().take(len as u64).read_to_end(&mut reason).is_ok() => {
                wire::reason_from_bytes(&reason)
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.ended(),
            _ => (Unreadable::DecoderFailed, false),
        };
        if overran {
            self.watch.overrun();
        }
        self.judged(reason)
    }

    /// Why it ended without a message, and whether it took too long.
    fn ended(&mut self) -> (Unreadable, bool) {
        let _ = self.end();
        #[cfg(unix)]
        if let Ok(status) = self.child.wait()
            && let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status)
        {
            use rustix::process::Signal;
            let is = |which: Signal| signal == which.as_raw();
            // The limits of processor time and memory; or the system's action when memory runs out.
            return match () {
                () if is(Signal::XCPU) => (Unreadable::DecoderFailed, true),
                () if is(Signal::ABORT) || is(Signal::KILL) => (Unreadable::TooLarge, false),
                () => (Unreadable::DecoderFailed, false),
            };
        }
        (Unreadable::DecoderFailed, false)
    }

    fn end(&mut self) -> io::Result<()> {
        // Whoever gives up may kill it only as long as the number is its own.
        self.watch.decoded_by(None);
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The pixels from a process, for the `image` crate, which writes them straight to their place.
struct ToldPixels<'a> {
    process: &'a mut Process,
    layout: PixelLayout,
    failed: &'a mut Option<Unreadable>,
}

impl ImageDecoder for ToldPixels<'_> {
    fn dimensions(&self) -> (u32, u32) {
        (self.layout.width, self.layout.height)
    }

    fn color_type(&self) -> ColorType {
        self.layout.color
    }

    fn read_image(self, pixels: &mut [u8]) -> ImageResult<()> {
        let mut left = pixels;
        while !left.is_empty() {
            let message = self.process.next();
            match message {
                Ok((PIXELS, len)) if len <= left.len() => {
                    let (now, later) = left.split_at_mut(len);
                    self.process.told.read_exact(now).map_err(ImageError::IoError)?;
                    left = later;
                }
                message => {
                    *self.failed = Some(self.process.failed(message));
                    return Err(ImageError::IoError(io::ErrorKind::InvalidData.into()));
                }
            }
        }
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}
