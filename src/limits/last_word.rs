//! Memory that nobody can do without is asked for here, all of it: where the system refuses, the program ends with a plain word.
//! The standard library would abort, after a look for the lines of code that takes memory too, and may wait for ever for it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::time::Duration;

use super::Limit;

/// The exit code of whatever failed.
const FAILED: i32 = 1;
/// Somebody who asks for more trusts what a file says, and is told that there isn't so much: it is no limit of ours.
const ABSURD: usize = 1100 << 20;
/// Others may give memory back meanwhile.
const TRIES: usize = 10;
const BETWEEN: Duration = Duration::from_millis(20);
/// Kept for the end.
const RESERVE: usize = 512 << 10;
/// Seconds that the end may take.
#[cfg(unix)]
const PATIENCE: u32 = 3;

static ENDING: AtomicBool = AtomicBool::new(false);
/// Whether who is refused is told so, as if this were not here.
static AS_BEFORE: AtomicBool = AtomicBool::new(true);
static RESERVED: AtomicPtr<u8> = AtomicPtr::new(null_mut());
static WORDS: OnceLock<String> = OnceLock::new();
static BEFORE: OnceLock<fn()> = OnceLock::new();

thread_local! {
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// The system's memory, and a last word where there is none.
pub struct Allocator;

// SAFETY: each call is the system allocator's own, or is repeated after it has failed; null is what it says then.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        had(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        had(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promises are the same; what is refused is still as it was.
        had(size, || unsafe { System.realloc(old, layout, size) })
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are the same.
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

/// From now on what is refused ends the program with its words, which are made while there is memory.
pub fn prepare() {
    WORDS.get_or_init(|| format!("error: {}\n", Limit::Memory));
    // SAFETY: the layout isn't empty.
    #[allow(unsafe_code)]
    let reserve = unsafe { System.alloc(reserve()) };
    RESERVED.store(reserve, Ordering::SeqCst);
    AS_BEFORE.store(false, Ordering::SeqCst);
    spare_addresses();
}

/// For a process that others judge by how it ends: the standard library has the last word.
pub fn fail_as_before() {
    AS_BEFORE.store(true, Ordering::SeqCst);
}

/// What is done before such an end: giving back the terminal.
pub fn before_the_end(before: fn()) {
    let _ = BEFORE.set(before);
}

/// Ends the program because of a limit, with a plain word. Whatever state it is in, that takes seconds at most.
pub fn end(limit: Limit) -> ! {
    if ENDING.swap(true, Ordering::SeqCst) && !ENDS.get() {
        // Another thread has begun to.
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    let again = ENDS.replace(true);
    #[cfg(unix)]
    // SAFETY: a system call. Should the end wait for what another thread holds, it ends by this signal.
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

/// Straight to the system: a lock may be held by whoever waits for memory.
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
        // SAFETY: it was allocated so, and is given back once.
        #[allow(unsafe_code)]
        unsafe {
            System.dealloc(reserved, reserve());
        }
    }
}

/// Where addresses are counted, threads share their places for memory: each would set aside 64 MB for itself.
fn spare_addresses() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if super::address_space().is_some() {
        // SAFETY: it sets a number, before there are other threads.
        #[allow(unsafe_code)]
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    }
}
