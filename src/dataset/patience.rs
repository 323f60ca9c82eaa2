//! A decoder that runs away, or a disk or network that hangs, costs one picture and about ten seconds, not the rest.
//!
//! Each picture is decoded in a thread of its own. Whenever it reads, it is asked how much processor time it has taken,
//! and stopped when that is too much. One that neither reads nor ends any more can't be stopped: nobody waits for it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::content::Hashing;
use super::memory::Memory;
use super::unreadable::Unreadable;
use crate::defects;

/// Processor time that a picture may take, and time without a sign of life.
const PATIENCE: Duration = Duration::from_secs(10);
/// Instead of a time: it waits for memory, which others will give back.
const WAITING: u64 = u64::MAX;

/// What can be seen of a decoder from outside.
pub struct Watch {
    begun: Instant,
    /// Milliseconds since then until the last sign of life, or [`WAITING`].
    seen: AtomicU64,
    overran: AtomicBool,
    /// Of what is read, if it is wanted.
    hashing: Mutex<Option<Hashing>>,
    memory: Mutex<Option<Memory>>,
}

impl Watch {
    fn is_alive(&self) {
        self.seen.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// How long to wait for the next sign of life; zero when that is over.
    fn left(&self, patience: Duration) -> Duration {
        match self.seen.load(Ordering::Relaxed) {
            WAITING => patience,
            seen => (Duration::from_millis(seen) + patience).saturating_sub(self.begun.elapsed()),
        }
    }

    /// From now on what is read is hashed too.
    pub fn begin_hashing(&self) {
        *self.hashing.lock() = Some(Hashing::default());
    }

    /// The hash of what was read so far.
    pub fn hashing(&self) -> Hashing {
        self.hashing.lock().take().unwrap_or_default()
    }

    /// Waits for memory, which is given back when the picture is decoded or given up.
    pub fn take_memory(&self, bytes: u64) {
        self.seen.store(WAITING, Ordering::Relaxed);
        let memory = Memory::wait_for(bytes);
        self.is_alive();
        *self.memory.lock() = Some(memory);
    }
}

/// Lets `decode` work in a thread of its own. What it panics with, or that it takes too long, is an error.
pub fn watched<T: Send + 'static>(
    decode: impl FnOnce(&Arc<Watch>) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    watched_for(PATIENCE, decode)
}

fn watched_for<T: Send + 'static>(
    patience: Duration,
    decode: impl FnOnce(&Arc<Watch>) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    let watch = Arc::new(Watch {
        begun: Instant::now(),
        seen: AtomicU64::new(0),
        overran: AtomicBool::new(false),
        hashing: Mutex::new(None),
        memory: Mutex::new(None),
    });
    let (done, answer) = sync_channel(1);
    let inside = watch.clone();
    let decoder = move || {
        // A panic here is this picture's error, and no reason to stop.
        defects::forgive_this_thread();
        // Nobody listens any more if it took too long.
        let _ = done.send(decode(&inside));
    };
    std::thread::Builder::new().name("decoder".into()).spawn(decoder).map_err(Unreadable::Io)?;
    loop {
        match answer.recv_timeout(watch.left(patience)) {
            Ok(Err(_)) if watch.overran.load(Ordering::Relaxed) => {
                return Err(Unreadable::TookTooLong(patience.as_secs()));
            }
            Ok(decoded) => return decoded,
            Err(RecvTimeoutError::Disconnected) => return Err(Unreadable::DecoderFailed),
            Err(RecvTimeoutError::Timeout) if watch.left(patience) > Duration::ZERO => {}
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("a decoder is left behind");
                watch.memory.lock().take();
                return Err(Unreadable::Hangs(patience.as_secs()));
            }
        }
    }
}

/// A file, as long as it was when it was opened: one that grows doesn't go on forever.
pub struct WatchedFile {
    file: File,
    position: u64,
    len: u64,
    ended: bool,
    watch: Arc<Watch>,
}

impl WatchedFile {
    /// Opens a regular file; nothing else, which might wait for a writer or never end.
    pub fn open(path: &Path, watch: &Arc<Watch>) -> Result<WatchedFile, Unreadable> {
        let mut options = std::fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
        let file = options.read(true).open(path).map_err(Unreadable::Io)?;
        let metadata = file.metadata().map_err(Unreadable::Io)?;
        if !metadata.is_file() {
            return Err(Unreadable::NotAFile);
        }
        Ok(WatchedFile { file, position: 0, len: metadata.len(), ended: false, watch: watch.clone() })
    }

    /// In bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether more was wanted than there is.
    pub fn ended(&self) -> bool {
        self.ended
    }
}

impl Read for WatchedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if processor_time() > PATIENCE {
            self.watch.overran.store(true, Ordering::Relaxed);
            return Err(io::Error::other("decoding takes too long"));
        }
        let left = self.len.saturating_sub(self.position).min(buffer.len() as u64) as usize;
        let read = self.file.read(&mut buffer[..left])?;
        if let Some(hashing) = &mut *self.watch.hashing.lock() {
            hashing.see(self.position, &buffer[..read], self.len);
        }
        self.position += read as u64;
        self.ended |= read == 0 && !buffer.is_empty();
        self.watch.is_alive();
        Ok(read)
    }
}

impl Seek for WatchedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

/// What this thread has taken so far.
fn processor_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn a_decoder_that_panics_or_hangs_is_an_error() {
        assert_eq!(watched_for(SHORT, |_| Ok(1)).unwrap(), 1);
        let panicked = watched_for(SHORT, |_| -> Result<(), _> { std::panic::resume_unwind(Box::new(())) });
        assert!(matches!(panicked, Err(Unreadable::DecoderFailed)));
        let hung = watched_for(SHORT, |watch| {
            watch.take_memory(1000);
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        });
        assert!(matches!(hung, Err(Unreadable::Hangs(_))));
    }

    #[test]
    fn one_that_gives_signs_of_life_or_waits_for_memory_is_waited_for() {
        let slow = watched_for(SHORT, |watch| {
            for _ in 0..20 {
                std::thread::sleep(SHORT / 5);
                watch.is_alive();
            }
            watch.seen.store(WAITING, Ordering::Relaxed);
            std::thread::sleep(4 * SHORT);
            Ok(7)
        });
        assert_eq!(slow.unwrap(), 7);
    }

    #[test]
    fn a_file_that_grows_is_as_long_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("growing.jpg");
        std::fs::write(&path, b"12345").unwrap();
        let read = watched(move |watch| {
            let mut file = WatchedFile::open(&path, watch)?;
            std::fs::write(&path, b"123456789")?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok((text, file.ended()))
        });
        assert_eq!(read.unwrap(), ("12345".into(), true));
    }
}
