//! Thread priorities, for when there is more work than processors.

/// Niceness of background work.
#[cfg(target_os = "linux")]
const IN_BACKGROUND: i32 = 10;

/// Lets every other thread go first, above all the screen's. Does nothing except on Linux: elsewhere priorities belong
/// to whole processes.
pub fn lower() {
    // If refused, the thread is merely less polite.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, IN_BACKGROUND);
}
