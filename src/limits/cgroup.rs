//! The memory limit of a container, service or batch job: this process's control group. A group's processor limit is
//! already part of [`std::thread::available_parallelism`].

use std::path::Path;
use std::sync::OnceLock;

/// The group's memory limit in bytes; None if there is no limit or the system has no control groups.
pub fn memory() -> Option<u64> {
    static MEMORY: OnceLock<Option<u64>> = OnceLock::new();
    *MEMORY.get_or_init(|| {
        let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
        memory_in(&groups, "/sys/fs/cgroup".as_ref())
    })
}

/// The smallest limit of the groups listed in `groups` (as in `/proc/self/cgroup`) and of their parents. `root` holds
/// their files.
fn memory_in(groups: &str, root: &Path) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let [_, controllers, path] = line.splitn(3, ':').collect::<Vec<_>>()[..] else { return None };
        match controllers {
            "" => least(root, path, "memory.max"),
            _ if controllers.split(',').any(|one| one == "memory") => {
                least(&root.join("memory"), path, "memory.limit_in_bytes")
            }
            _ => None,
        }
    });
    limits.min()
}

/// The smallest number in the files of this name in `path` and its parents. In a container, `path` may exist only
/// outside; then only the root has such a file.
fn least(root: &Path, path: &str, file: &str) -> Option<u64> {
    /// Version 1 reports a number larger than any machine's memory if there is no limit.
    const NONE: u64 = 1 << 60;
    let path = Path::new(path.trim_start_matches('/'));
    let limit = |folder: &Path| std::fs::read_to_string(root.join(folder).join(file)).ok()?.trim().parse().ok();
    path.ancestors().filter_map(limit).filter(|bytes| *bytes < NONE).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_smallest_limit_of_all_groups_above_holds() {
        let root = tempfile::tempdir().unwrap();
        let set = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let memory = |groups: &str| memory_in(groups, root.path());
        assert_eq!(memory("0::/job/step\n"), None);
        set("job/memory.max", "300000000\n");
        set("job/step/memory.max", "max\n");
        assert_eq!(memory("0::/job/step\n"), Some(300_000_000));
        set("job/step/memory.max", "200000000\n");
        assert_eq!(memory("0::/job/step\n"), Some(200_000_000));
        // As the first version has it; in a container the path is not there.
        set("memory/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(memory("5:cpu,memory:/docker/1\n3:pids:/x\n0::/elsewhere\n"), None);
        set("memory/memory.limit_in_bytes", "100000000\n");
        assert_eq!(memory("5:cpu,memory:/docker/1\n3:pids:/x\n0::/elsewhere\n"), Some(100_000_000));
    }
}
