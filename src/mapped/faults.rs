//! Faults (SIGBUS) in mapped files: a page that the file no longer has, or that can't be read from the disk.
//!
//! The mapping in which one happens becomes zeros, all of it, and is marked as torn; the thread goes on. A fault anywhere
//! else ends the process, as it does any other.

use std::ffi::{c_int, c_void};
use std::io;
use std::ops::Range;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

/// A range of memory that is watched.
pub struct Watched(&'static Slot);

/// A place in the list that the handler goes through: without locks, as it may interrupt any thread anywhere. Slots are
/// taken again, never freed; there are as many as files were ever mapped at once.
#[derive(Default)]
struct Slot {
    taken: AtomicBool,
    /// Odd while the addresses change.
    version: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    torn: AtomicBool,
    next: Option<&'static Slot>,
}

/// The slot that was made last.
static SLOTS: AtomicPtr<Slot> = AtomicPtr::new(null_mut());
/// What was done about SIGBUS before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

impl Watched {
    /// Watches this range, a whole mapping, until it is dropped; which must be before it is unmapped.
    pub fn new(range: Range<*const u8>) -> io::Result<Watched> {
        install()?;
        let free = |slot: &&Slot| slot.taken.compare_exchange(false, true, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let slot = slots().find(free).unwrap_or_else(push);
        slot.torn.store(false, Ordering::SeqCst);
        slot.set(range.start as usize..range.end as usize);
        Ok(Watched(slot))
    }

    pub fn is_torn(&self) -> bool {
        self.0.torn.load(Ordering::SeqCst)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.set(0..0);
        self.0.taken.store(false, Ordering::Release);
    }
}

fn slots() -> impl Iterator<Item = &'static Slot> {
    // SAFETY: null, or a slot that `push` leaked.
    #[allow(unsafe_code)]
    let first = unsafe { SLOTS.load(Ordering::Acquire).as_ref() };
    std::iter::successors(first, |slot| slot.next)
}

/// Adds a slot, taken, to the list.
fn push() -> &'static Slot {
    let new: *mut Slot = Box::leak(Box::new(Slot { taken: true.into(), ..Slot::default() }));
    let mut first = SLOTS.load(Ordering::Acquire);
    loop {
        // SAFETY: `first` is null or a slot that was leaked; nobody else knows `new` yet.
        #[allow(unsafe_code)]
        unsafe {
            (*new).next = first.as_ref();
        }
        match SLOTS.compare_exchange(first, new, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: it was leaked, and is not changed but through its atomics from now on.
            #[allow(unsafe_code)]
            Ok(_) => return unsafe { &*new },
            Err(other) => first = other,
        }
    }
}

/// Sets the handler, once.
fn install() -> io::Result<()> {
    static INSTALLED: OnceLock<Option<i32>> = OnceLock::new();
    let error = INSTALLED.get_or_init(|| {
        // SAFETY: plain data for which zeros are a value; the kernel only reads and writes what it is given. `signal-hook`
        // would call the handler that was there before first: the standard library's, which takes SIGBUS back from us.
        #[allow(unsafe_code)]
        unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(libc::SIGBUS, null(), &raw mut before) != 0 {
                return io::Error::last_os_error().raw_os_error();
            }
            // Before it is needed.
            BEFORE.get_or_init(|| before);
            let mut ours: libc::sigaction = std::mem::zeroed();
            let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = on_fault;
            ours.sa_sigaction = handler as usize;
            // Threads have another stack for faults, as theirs may be full.
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            match libc::sigaction(libc::SIGBUS, &raw const ours, null_mut()) {
                0 => None,
                _ => io::Error::last_os_error().raw_os_error(),
            }
        }
    });
    error.map_or(Ok(()), |error| Err(io::Error::from_raw_os_error(error)))
}

/// Called by the kernel, in the thread that looked at what isn't there. Does nothing but what may be done in any state of
/// it: loads and stores without locks, and system calls.
extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel gives what it says.
    #[allow(unsafe_code)]
    let (address, by_kernel) = unsafe { ((*info).si_addr() as usize, (*info).si_code > 0) };
    if by_kernel && slots().any(|slot| slot.repair(address)) {
        return;
    }
    // As if we were not there: what was done before is done, once this returns and the fault comes again.
    if let Some(before) = BEFORE.get() {
        // SAFETY: a system call, with what the same one gave.
        #[allow(unsafe_code)]
        unsafe {
            libc::sigaction(signal, before, null_mut());
        }
    }
    if !by_kernel {
        // Sent by somebody, it doesn't come again by itself.
        // SAFETY: a system call; the signal is held back until this returns.
        #[allow(unsafe_code)]
        unsafe {
            libc::raise(signal);
        }
    }
}

impl Slot {
    /// Whoever has taken it sets it.
    fn set(&self, range: Range<usize>) {
        self.version.fetch_add(1, Ordering::SeqCst);
        self.start.store(range.start, Ordering::SeqCst);
        self.end.store(range.end, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Nothing while it changes: a mapping that somebody looks at doesn't.
    fn range(&self) -> Range<usize> {
        let version = self.version.load(Ordering::SeqCst);
        let range = self.start.load(Ordering::SeqCst)..self.end.load(Ordering::SeqCst);
        let changes = version % 2 == 1 || self.version.load(Ordering::SeqCst) != version;
        if changes { 0..0 } else { range }
    }

    /// Puts zeros in the place of the mapping, if `address` is in it.
    fn repair(&self, address: usize) -> bool {
        let range = self.range();
        if !range.contains(&address) {
            return false;
        }
        // In this order: whoever sees zeros can see that they are none.
        self.torn.store(true, Ordering::SeqCst);
        let (start, len) = (range.start as *mut c_void, range.len());
        // SAFETY: it is a mapping that is only read, and still there: who borrows it is being interrupted. Zeros are as
        // good as what else a file may hold. The system call neither allocates nor locks.
        #[allow(unsafe_code)]
        let zeros = unsafe { mmap_anonymous(start, len, ProtFlags::READ, MapFlags::PRIVATE | MapFlags::FIXED) };
        zeros.is_ok()
    }
}
