//! Faults (SIGBUS) in mapped files: a page that the file no longer has, or that can't be read from the disk.
//!
//! The whole mapping becomes zeros and is marked as torn; the thread goes on. A fault anywhere else ends the process,
//! as usual.

use std::ffi::{c_int, c_void};
use std::io;
use std::ops::Range;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

/// A watched range of memory.
pub struct Watched(&'static WatchSlot);

/// A slot in the list that the handler walks, without locks, because it may interrupt any thread anywhere. Slots are
/// reused, never freed; there are as many as files were ever mapped at once.
#[derive(Default)]
struct WatchSlot {
    taken: AtomicBool,
    /// Odd while the addresses change.
    version: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    torn: AtomicBool,
    next: Option<&'static WatchSlot>,
}

/// The slot made last.
static SLOTS: AtomicPtr<WatchSlot> = AtomicPtr::new(null_mut());
/// The previous action for SIGBUS.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

impl Watched {
    /// Watches this range, a whole mapping, until dropped; drop it before unmapping.
    pub fn new(range: Range<*const u8>) -> io::Result<Watched> {
        install()?;
        let free =
            |slot: &&WatchSlot| slot.taken.compare_exchange(false, true, Ordering::AcqRel, Ordering::Relaxed).is_ok();
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

fn slots() -> impl Iterator<Item = &'static WatchSlot> {
    // SAFETY: null, or a slot that `push` leaked.
    #[allow(unsafe_code)]
    let first = unsafe { SLOTS.load(Ordering::Acquire).as_ref() };
    std::iter::successors(first, |slot| slot.next)
}

/// Adds a slot to the list, already taken.
fn push() -> &'static WatchSlot {
    let new: *mut WatchSlot = Box::leak(Box::new(WatchSlot { taken: true.into(), ..WatchSlot::default() }));
    let mut first = SLOTS.load(Ordering::Acquire);
    loop {
        // SAFETY: `first` is null or a leaked slot; nobody else knows `new` yet.
        #[allow(unsafe_code)]
        unsafe {
            (*new).next = first.as_ref();
        }
        match SLOTS.compare_exchange(first, new, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: it was leaked, and from now on only changes through its atomics.
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
        // SAFETY: zeros are valid for this plain data; the kernel only reads and writes what it is given. `signal-hook`
        // would first call the previous handler, the standard library's, which takes SIGBUS back from us.
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
            // Threads have another stack for faults, because theirs may be full.
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            match libc::sigaction(libc::SIGBUS, &raw const ours, null_mut()) {
                0 => None,
                _ => io::Error::last_os_error().raw_os_error(),
            }
        }
    });
    error.map_or(Ok(()), |error| Err(io::Error::from_raw_os_error(error)))
}

/// Called by the kernel in the thread that accessed missing memory. Only does what is safe in any state of it: loads
/// and stores without locks, and system calls.
extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel passes valid pointers.
    #[allow(unsafe_code)]
    let (address, by_kernel) = unsafe { ((*info).si_addr() as usize, (*info).si_code > 0) };
    if by_kernel && slots().any(|slot| slot.repair(address)) {
        return;
    }
    // Restores the previous action, which handles the fault when it recurs after this returns.
    if let Some(before) = BEFORE.get() {
        // SAFETY: a system call, with the action that the same call returned.
        #[allow(unsafe_code)]
        unsafe {
            libc::sigaction(signal, before, null_mut());
        }
    }
    if !by_kernel {
        // A signal sent by a process doesn't recur by itself. SAFETY: a system call; the signal is held back until this
        // returns.
        #[allow(unsafe_code)]
        unsafe {
            libc::raise(signal);
        }
    }
}

impl WatchSlot {
    /// Called by the owner of the slot.
    fn set(&self, range: Range<usize>) {
        self.version.fetch_add(1, Ordering::SeqCst);
        self.start.store(range.start, Ordering::SeqCst);
        self.end.store(range.end, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Empty while it changes: a mapping in use doesn't.
    fn range(&self) -> Range<usize> {
        let version = self.version.load(Ordering::SeqCst);
        let range = self.start.load(Ordering::SeqCst)..self.end.load(Ordering::SeqCst);
        let changes = version % 2 == 1 || self.version.load(Ordering::SeqCst) != version;
        if changes { 0..0 } else { range }
    }

    /// Replaces the mapping by zeros, if `address` is in it.
    fn repair(&self, address: usize) -> bool {
        let range = self.range();
        if !range.contains(&address) {
            return false;
        }
        // In this order, so that whoever sees zeros can see that they aren't real.
        self.torn.store(true, Ordering::SeqCst);
        let (start, len) = (range.start as *mut c_void, range.len());
        // SAFETY: it is a read-only mapping that still exists: its borrower is being interrupted. Zeros are as valid as
        // any other contents of a file. The system call neither allocates nor locks.
        #[allow(unsafe_code)]
        let zeros = unsafe { mmap_anonymous(start, len, ProtFlags::READ, MapFlags::PRIVATE | MapFlags::FIXED) };
        zeros.is_ok()
    }
}
