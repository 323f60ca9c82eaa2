//! How much memory the program may still use.

use memmap2::MmapMut;

use super::{Limit, cgroup, limit};

/// The size of a thread's stack: without that much, nothing works any more.
const LITTLE: usize = 3 << 20;

/// The limit of address space in bytes, if there is one (`ulimit -v`).
pub fn address_space() -> Option<u64> {
    limit(Limit::Memory)
}

/// The most bytes that this process and its children may use, under any limit.
pub fn most() -> Option<u64> {
    address_space().into_iter().chain(cgroup::memory()).min()
}

/// Bytes still available; None without a limit.
pub fn left() -> Option<u64> {
    let [addresses, _] = used().unwrap_or_default();
    let by_addresses = address_space().map(|most| most.saturating_sub(addresses));
    by_addresses.into_iter().chain(left_in_group()).min()
}

/// Bytes still available to the control group, if limited. Going beyond isn't refused: the process is killed.
pub fn left_in_group() -> Option<u64> {
    let [_, resident] = used().unwrap_or_default();
    cgroup::memory().map(|most| most.saturating_sub(resident))
}

/// Whether the system refuses even a little memory.
pub fn is_short() -> bool {
    MmapMut::map_anon(LITTLE).is_err()
}

/// The process's address space and resident memory, in bytes.
#[cfg(target_os = "linux")]
fn used() -> Option<[u64; 2]> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = text.split(' ').map_while(|number| number.parse::<u64>().ok());
    let page = rustix::param::page_size() as u64;
    Some([pages.next()? * page, pages.next()? * page])
}

#[cfg(not(target_os = "linux"))]
fn used() -> Option<[u64; 2]> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_known() {
        let before = used().unwrap();
        let more = MmapMut::map_anon(64 << 20).unwrap();
        assert!(used().unwrap()[0] >= before[0] + (32 << 20));
        assert!(before[1] > 1 << 20 && before[1] < before[0]);
        drop(more);
        assert!(!is_short());
    }
}
