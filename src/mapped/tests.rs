use std::fs::OpenOptions;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use memmap2::Mmap;

use super::Mapped;

/// Pages, and some bytes of another one.
const LEN: usize = 5 * (1 << 16) + 77;

fn mapped(bytes: &[u8]) -> (tempfile::NamedTempFile, Mapped) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mapped = Mapped::open(file.path()).unwrap();
    (file, mapped)
}

fn cut(file: &tempfile::NamedTempFile, len: usize) {
    OpenOptions::new().write(true).open(file.path()).unwrap().set_len(len as u64).unwrap();
}

#[test]
fn what_is_lost_reads_as_zeros_and_is_told() {
    let (file, mapped) = mapped(&[7; LEN]);
    let (other, untouched) = self::mapped(&[8; LEN]);
    mapped.seal(LEN);
    untouched.seal(LEN);
    assert!(mapped.is_whole() && mapped.check_whole().is_ok());
    cut(&file, 1000);
    // What is lost may be asked for.
    mapped.fetch(LEN - 100..LEN);
    assert_eq!(mapped[LEN - 1], 0);
    assert!(mapped.iter().all(|byte| *byte == 0) && !mapped.is_whole());
    let error = mapped.check_whole().unwrap_err().to_string();
    assert!(error.contains(file.path().to_str().unwrap()) && error.contains("run the command again"), "{error}");
    // Others are not touched; and what happened once can happen again.
    assert!(untouched.is_whole() && untouched.iter().all(|byte| *byte == 8));
    cut(&other, 0);
    assert!(untouched.iter().all(|byte| *byte == 0) && !untouched.is_whole());
    // Opened again, it is what it is now.
    let again = Mapped::open(file.path()).unwrap();
    assert!(again.len() == 1000 && again[999] == 7 && again.is_whole());
}

#[test]
fn every_cut_is_told_without_a_look_at_what_was_lost() {
    for at in [0, 1, 63, 64, 4095, 4096, 4097, 1 << 16, LEN / 2, LEN - 78, LEN - 77, LEN - 2, LEN - 1] {
        let (file, mapped) = mapped(&[7; LEN]);
        mapped.seal(LEN);
        cut(&file, at);
        assert!(!mapped.is_whole(), "cut at {at}");
        // As long as before, but other bytes.
        cut(&file, LEN);
        assert!(!mapped.is_whole(), "cut at {at}");
    }
}

#[test]
fn what_is_not_relied_on_may_go_and_more_may_come() {
    let (file, mapped) = mapped(&[7; LEN]);
    mapped.seal(LEN - 50);
    cut(&file, LEN - 50);
    assert!(mapped.is_whole());
    std::io::Write::write_all(&mut OpenOptions::new().append(true).open(file.path()).unwrap(), b"more").unwrap();
    assert!(mapped.is_whole());
    // Replaced by another one, or deleted, it is still there for whoever has it.
    drop(file);
    assert!(mapped.is_whole() && mapped[0] == 7);
    let (_file, empty) = self::mapped(&[]);
    empty.seal(0);
    assert!(empty.is_empty() && empty.is_whole());
}

#[test]
fn many_threads_survive_one_cut() {
    let (file, mapped) = mapped(&[7; LEN]);
    mapped.seal(LEN);
    cut(&file, 0);
    let sums: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| mapped.iter().map(|byte| u64::from(*byte)).sum())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(sums, [0; 8]);
    assert!(!mapped.is_whole());
}

/// Runs the test `name`, one of those that end their process, and returns the signal that did it.
fn ended_by(name: &str) -> Option<i32> {
    let test = std::env::current_exe().unwrap();
    let name = format!("mapped::tests::{name}");
    Command::new(test)
        .args(["--exact", &name, "--include-ignored", "--test-threads=1"])
        .output()
        .unwrap()
        .status
        .signal()
}

#[test]
fn faults_elsewhere_end_the_process_as_before() {
    assert_eq!(ended_by("a_fault_in_a_file_that_is_not_ours"), Some(libc::SIGBUS));
    assert_eq!(ended_by("a_signal_sent_twice"), Some(libc::SIGBUS));
}

#[test]
#[ignore = "ends the process"]
fn a_fault_in_a_file_that_is_not_ours() {
    let (_file, _ours) = mapped(&[7; LEN]);
    let file = tempfile::tempfile().unwrap();
    file.set_len(LEN as u64).unwrap();
    // SAFETY: none; that is what is tested.
    #[allow(unsafe_code)]
    let map = unsafe { Mmap::map(&file) }.unwrap();
    file.set_len(0).unwrap();
    std::process::exit(map.iter().map(|byte| i32::from(*byte)).sum());
}

#[test]
#[ignore = "ends the process"]
fn a_signal_sent_twice() {
    let (_file, _ours) = mapped(&[7; LEN]);
    // The standard library's own handler lets the first one pass, here as without us. To this thread: sent to the
    // process, another one may take it later.
    for _ in 0..2 {
        // SAFETY: a system call.
        #[allow(unsafe_code)]
        unsafe {
            libc::raise(libc::SIGBUS);
        }
    }
    std::process::exit(0);
}

#[test]
fn what_is_not_there_is_an_error() {
    assert!(Mapped::open("/nowhere/at/all".as_ref()).is_err());
}
