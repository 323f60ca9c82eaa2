//! Who goes first when there is more to do than processors to do it.

/// Niceness of what nobody waits for.
#[cfg(target_os = "linux")]
const IN_BACKGROUND: i32 = 10;

/// Lets all other threads go before this one, the screen's above all. Where threads have no priorities of their own
/// (elsewhere than on Linux a process has one), nothing happens.
pub fn lower() {
    // Refused, it is merely less polite.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, IN_BACKGROUND);
}
