//! Limits the damage of a decoder that runs away, or a disk or network that hangs, to one picture and about ten
//! seconds.
//!
//! Each picture is decoded in a thread of its own. At every read, the processor time it has used is checked, and it is
//! stopped if that is too much. A decoder that may neither read nor end for long runs in a process of its own
//! ([`super::apart`]), which is killed when given up. Where there is no such process, the thread is abandoned.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::content::Hashing;
use super::memory::Memory;
use super::unreadable::Unreadable;
use crate::cancel::Cancel;
use crate::defects;
use crate::limits::Limit;

/// The processor time that a picture may use, and the time allowed without a sign of life.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How soon cancelled work is given up.
const ASKED_EVERY: Duration = Duration::from_millis(50);
/// Stands for a time: it waits for memory that others will return.
const WAITING: u64 = u64::MAX;

/// The state of a decoder, as seen from outside.
pub struct Watch {
    begun: Instant,
    /// Milliseconds from then to the last sign of life, or [`WAITING`].
    seen: AtomicU64,
    overran: AtomicBool,
    /// Hashes what is read, if asked to.
    hashing: Mutex<Option<Hashing>>,
    memory: Mutex<Option<Memory>>,
    /// The process that decodes it, if any.
    process: Mutex<Option<u32>>,
    /// Whether all of the decoding is in a process that can be killed.
    can_be_ended: bool,
}

impl Watch {
    fn new(can_be_ended: bool) -> Arc<Watch> {
        Arc::new(Watch {
            begun: Instant::now(),
            seen: AtomicU64::new(0),
            overran: AtomicBool::new(false),
            hashing: Mutex::new(None),
            memory: Mutex::new(None),
            process: Mutex::new(None),
            can_be_ended,
        })
    }

    /// For a process that only decodes: its parent limits its time, and has reserved the memory.
    pub fn of_a_process() -> Arc<Watch> {
        Watch::new(true)
    }

    pub fn can_be_ended(&self) -> bool {
        self.can_be_ended
    }

    /// Signals life.
    pub fn is_alive(&self) {
        self.seen.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// How long to wait for the next sign of life; zero when the time is up.
    fn left(&self, patience: Duration) -> Duration {
        match self.seen.load(Ordering::Relaxed) {
            WAITING => patience,
            seen => (Duration::from_millis(seen) + patience).saturating_sub(self.begun.elapsed()),
        }
    }

    /// From now on what is read is also hashed.
    pub fn begin_hashing(&self) {
        *self.hashing.lock() = Some(Hashing::default());
    }

    /// `bytes` were read at `position` of a file of `len` bytes. Signals life.
    pub fn saw(&self, position: u64, bytes: &[u8], len: u64) {
        if let Some(hashing) = &mut *self.hashing.lock() {
            hashing.see(position, bytes, len);
        }
        self.is_alive();
    }

    /// The hash of what was read so far.
    pub fn hashing(&self) -> Hashing {
        self.hashing.lock().take().unwrap_or_default()
    }

    /// Signals life; an error if too much processor time was used.
    pub fn check(&self) -> io::Result<()> {
        if self.overran() || processor_time() > PATIENCE {
            return Err(self.overrun());
        }
        self.is_alive();
        Ok(())
    }

    /// Takes too long, whatever else is wrong.
    pub fn overrun(&self) -> io::Error {
        self.overran.store(true, Ordering::Relaxed);
        io::Error::other("decoding takes too long")
    }

    pub fn overran(&self) -> bool {
        self.overran.load(Ordering::Relaxed)
    }

    /// The process that decodes it from now on, or None. It must live at least as long as it is set.
    pub fn decoded_by(&self, process: Option<u32>) {
        *self.process.lock() = process;
    }

    fn give_up(&self) {
        if let Some(process) = *self.process.lock() {
            end(process);
        }
        self.memory.lock().take();
    }

    /// Waits for memory, after returning any taken before. It is returned when the picture is decoded or given up.
    pub fn take_memory(&self, bytes: u64) {
        if self.can_be_ended {
            return;
        }
        self.memory.lock().take();
        self.seen.store(WAITING, Ordering::Relaxed);
        let memory = Memory::wait_for(bytes);
        self.is_alive();
        *self.memory.lock() = Some(memory);
    }
}

/// Runs `decode` in a thread of its own. A panic or a timeout becomes an error.
pub fn watched<T: Send + 'static>(
    decode: impl FnOnce(&Arc<Watch>) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    watched_for(PATIENCE, &Cancel::default(), decode)
}

/// The same, but given up when cancelled.
pub fn watched_until<T: Send + 'static>(
    cancel: &Cancel,
    decode: impl FnOnce(&Arc<Watch>) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    watched_for(PATIENCE, cancel, decode)
}

fn watched_for<T: Send + 'static>(
    patience: Duration,
    cancel: &Cancel,
    decode: impl FnOnce(&Arc<Watch>) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    let watch = Watch::new(false);
    let answer = Arc::new(Mutex::new(None));
    let (inside, to) = (watch.clone(), answer.clone());
    // After a timeout nobody looks at the answer any more.
    wait_for(&watch, patience, cancel, Box::new(move || *to.lock() = Some(decode(&inside))))?;
    let decoded = answer.lock().take();
    match decoded {
        Some(Err(_)) if watch.overran() => Err(Unreadable::TookTooLong(patience.as_secs())),
        Some(decoded) => decoded,
        None => Err(failed()),
    }
}

/// Runs `work` in a thread, until it ends or is given up. It is not generic, because this is much code.
fn wait_for(
    watch: &Watch,
    patience: Duration,
    cancel: &Cancel,
    work: Box<dyn FnOnce() + Send>,
) -> Result<(), Unreadable> {
    let (working, ended) = sync_channel::<()>(0);
    in_a_thread(patience, move || {
        // Dropped when the thread ends, by a panic too.
        let _working = working;
        // A panic here is this picture's error, and no reason to stop.
        defects::forgive_this_thread();
        work();
    })?;
    loop {
        match ended.recv_timeout(watch.left(patience).min(ASKED_EVERY)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => {
                // The thread ends at its next read.
                watch.overran.store(true, Ordering::Relaxed);
                watch.give_up();
                return Err(Unreadable::Cancelled);
            }
            Err(RecvTimeoutError::Timeout) if watch.left(patience) > Duration::ZERO => {}
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("a decoder is left behind");
                watch.give_up();
                return Err(Unreadable::Hangs(patience.as_secs()));
            }
        }
    }
}

/// Why a decoder ended without a result: a limit, or something in the picture.
pub fn failed() -> Unreadable {
    Limit::now().map_or(Unreadable::DecoderFailed, Unreadable::Limit)
}

/// The number of decoders running now.
static WORKING: AtomicUsize = AtomicUsize::new(0);
/// Of those, the number that wait for the system's resources.
static STOPPED: AtomicUsize = AtomicUsize::new(0);

/// Counts itself until it is dropped.
struct Counted(&'static AtomicUsize);

impl Counted {
    fn in_the(count: &'static AtomicUsize) -> Counted {
        count.fetch_add(1, Ordering::SeqCst);
        Counted(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs `work` in a thread. If the system allows no more threads now, waits for others to end.
fn in_a_thread(patience: Duration, work: impl FnOnce() + Send + 'static) -> Result<(), Unreadable> {
    let work = Arc::new(Mutex::new(Some(work)));
    started(patience, false, || {
        let work = work.clone();
        let thread = std::thread::Builder::new().name("decoder".into());
        thread.spawn(move || {
            let work = work.lock().take();
            let _working = Counted::in_the(&WORKING);
            work.into_iter().for_each(|work| work());
        })
    })
    .map(drop)
}

/// Calls `start` for a decoder or from within one. If the system refuses, tries again as long as other decoders run, or
/// for a moment if none does: other processes of this user may end.
pub fn started<T>(patience: Duration, is_within: bool, start: impl Fn() -> io::Result<T>) -> Result<T, Unreadable> {
    const AGAIN: Duration = Duration::from_millis(20);
    const A_MOMENT: Duration = Duration::from_secs(1);
    let begun = Instant::now();
    let mut stopped = None;
    loop {
        let error = match start() {
            Ok(started) => return Ok(started),
            Err(error) => error,
        };
        let Some(limit) = Limit::of_start(&error) else { return Err(error.into()) };
        if is_within && stopped.is_none() {
            stopped = Some(Counted::in_the(&STOPPED));
        }
        let others = WORKING.load(Ordering::SeqCst) > STOPPED.load(Ordering::SeqCst);
        let patience = if others { patience } else { A_MOMENT.min(patience) };
        if begun.elapsed() >= patience {
            return Err(Unreadable::Limit(limit));
        }
        std::thread::sleep(AGAIN);
    }
}

fn end(process: u32) {
    #[cfg(unix)]
    if let Some(pid) = rustix::process::Pid::from_raw(process as i32) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = process;
}

/// The processor time that this thread has used.
pub fn processor_time() -> Duration {
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
        assert_eq!(watched_for(SHORT, &Cancel::default(), |_| Ok(1)).unwrap(), 1);
        let panicked =
            watched_for(SHORT, &Cancel::default(), |_| -> Result<(), _> { std::panic::resume_unwind(Box::new(())) });
        assert!(matches!(panicked, Err(Unreadable::DecoderFailed)));
        let hung = watched_for(SHORT, &Cancel::default(), |watch| {
            watch.take_memory(1000);
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        });
        assert!(matches!(hung, Err(Unreadable::Hangs(_))));
    }

    #[test]
    fn one_that_gives_signs_of_life_or_waits_for_memory_is_waited_for() {
        let slow = watched_for(SHORT, &Cancel::default(), |watch| {
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
    fn where_no_thread_can_be_had_that_is_the_limit_and_not_the_picture() {
        let refused = |kind: io::ErrorKind| started(SHORT, false, move || Err::<(), _>(kind.into())).unwrap_err();
        assert!(matches!(refused(io::ErrorKind::WouldBlock), Unreadable::Limit(Limit::Threads)));
        assert!(matches!(refused(io::ErrorKind::OutOfMemory), Unreadable::Limit(Limit::Memory)));
        assert!(matches!(refused(io::ErrorKind::NotFound), Unreadable::Io(_)));
    }
}
