//! The global allocator. When the system refuses memory, it ends the program with a plain message. The standard library
//! would abort, but first look up line numbers, which takes memory itself and may block for ever.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::time::Duration;

use super::Limit;

/// The exit code of any failure.
const FAILED: i32 = 1;
/// A request this large comes from a number in a damaged file. It is refused without blaming a limit.
const ABSURD: usize = 1100 << 20;
/// Other threads may free memory in the meantime.
const TRIES: usize = 10;
const BETWEEN: Duration = Duration::from_millis(20);
/// Kept in reserve for the end.
const RESERVE: usize = 512 << 10;
/// The most seconds that ending may take.
#[cfg(unix)]
const PATIENCE: u32 = 3;

static ENDING: AtomicBool = AtomicBool::new(false);
/// Whether a refused caller simply gets null, as without this allocator.
static AS_BEFORE: AtomicBool = AtomicBool::new(true);
static RESERVED: AtomicPtr<u8> = AtomicPtr::new(null_mut());
static WORDS: OnceLock<String> = OnceLock::new();
static BEFORE: OnceLock<fn()> = OnceLock::new();

thread_local! {
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// The system's allocator, with a final message when it has no memory.
pub struct Allocator;

// SAFETY: each call is the system allocator's, repeated if it failed; null then means the same.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises apply unchanged.
        had(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises apply unchanged.
        had(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promises apply unchanged; a refused block stays as it was.
        had(size, || unsafe { System.realloc(old, layout, size) })
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises apply unchanged.
        unsafe { System.dealloc(old, layout) }
    }
}

#[inline]
fn had(size: usize, ask: impl Fn() -> *mut u8) -> *mut u8 {
    let memory = ask();
    if memory.is_null() { refused(size, &ask) } else { memory }
}

#[cold]
fn refused(size: usize, ask: &dyn Fn() -> *mut u8) -> *mut u8 {
    if size > ABSURD || AS_BEFORE.load(Ordering::Relaxed) || ENDS.get() {
        return null_mut();
    }
    for _ in 0..TRIES {
        std::thread::sleep(BETWEEN);
        let memory = ask();
        if !memory.is_null() {
            return memory;
        }
    }
    end(Limit::Memory)
}

/// From now on a refused request ends the program. The messages are made here, while there is memory.
pub fn prepare() {
    WORDS.get_or_init(|| format!("error: {}\n", Limit::Memory));
    // SAFETY: the layout isn't empty.
    #[allow(unsafe_code)]
    let reserve = unsafe { System.alloc(reserve()) };
    RESERVED.store(reserve, Ordering::SeqCst);
    AS_BEFORE.store(false, Ordering::SeqCst);
    spare_addresses();
}

/// Restores the standard behaviour, for a process whose parent judges it by how it ends.
pub fn fail_as_before() {
    AS_BEFORE.store(true, Ordering::SeqCst);
}

/// What to do before such an end: restore the terminal.
pub fn before_the_end(before: fn()) {
    let _ = BEFORE.set(before);
}

/// Ends the program because of a limit, with a plain message. Takes a few seconds at most, whatever state the program
/// is in.
pub fn end(limit: Limit) -> ! {
    if ENDING.swap(true, Ordering::SeqCst) && !ENDS.get() {
        // Another thread is already ending the program.
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    let again = ENDS.replace(true);
    #[cfg(unix)]
    // SAFETY: a system call. If ending blocks on a lock of another thread, this signal ends the process.
    #[allow(unsafe_code)]
    unsafe {
        libc::alarm(PATIENCE);
    }
    give_reserve();
    if let Some(before) = BEFORE.get().filter(|_| !again) {
        before();
    }
    match (limit, WORDS.get()) {
        (Limit::Memory, Some(words)) => say(words),
        _ => say(&format!("error: {limit}\n")),
    }
    leave()
}

/// Writes with a system call: a thread that waits for memory may hold the lock of stderr.
#[cfg(unix)]
fn say(words: &str) {
    let _ = rustix::io::write(rustix::stdio::stderr(), words.as_bytes());
}

#[cfg(not(unix))]
fn say(words: &str) {
    eprint!("{words}");
}

fn leave() -> ! {
    #[cfg(unix)]
    // SAFETY: a system call, after which nothing of this process runs.
    #[allow(unsafe_code)]
    unsafe {
        libc::_exit(FAILED)
    }
    #[cfg(not(unix))]
    std::process::exit(FAILED)
}

fn reserve() -> Layout {
    Layout::new::<[u8; RESERVE]>()
}

fn give_reserve() {
    let reserved = RESERVED.swap(null_mut(), Ordering::SeqCst);
    if !reserved.is_null() {
        // SAFETY: allocated with this layout, and freed once.
        #[allow(unsafe_code)]
        unsafe {
            System.dealloc(reserved, reserve());
        }
    }
}

/// Where address space is limited, threads share allocation arenas: each would reserve 64 MB of its own.
fn spare_addresses() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if super::address_space().is_some() {
        // SAFETY: sets a number, before other threads exist.
        #[allow(unsafe_code)]
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    }
}
