//! Marks, with the real program in a pseudo-terminal: compares the paths printed at the end with the files that exist
//! then.

#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::common::{Place, starter};
use crate::pty::{Emulates, Session};
use fastrand::Rng;

/// Four families of five pictures each.
const FAMILIES: [char; 4] = ['a', 'b', 'c', 'd'];
const EACH: usize = 5;

fn families() -> Place {
    let place = Place::with(&[]);
    let mut rows = Vec::new();
    for (at, family) in FAMILIES.into_iter().enumerate() {
        for number in 0..EACH {
            let name = format!("{family}{number}.jpg");
            fs::copy(starter("birds_hen.jpg"), place.animals().join(&name)).unwrap();
            let mut values = [0.0; FAMILIES.len() + 1];
            values[at] = 10.0;
            values[FAMILIES.len()] = number as f32;
            rows.push((name, values));
        }
    }
    place.pretend_indexed(&rows.iter().map(|(name, values)| (name.as_str(), &values[..])).collect::<Vec<_>>());
    place
}

/// Printed paths go to the file `marked`.
fn started(place: &Place, arguments: &str) -> Session {
    // Replaces the shell, so that signals reach the program.
    let line = format!("exec \"$0\" {arguments} >marked");
    let session = Session::start_with(place, Emulates::OldKitty, &[], &["sh", "-c", &line]);
    session.wait_for("indexed");
    session.wait_for("find similar");
    session
}

fn joined(session: &Session) {
    session.press("\t\x1b[C\x1b[C\x1b[C\x1b[B\x1b[C0.9\rP");
    session.wait_for("4 groups");
}

/// The number of marks in the first line.
fn told(session: &Session) -> usize {
    let screen = session.screen();
    let line = screen.lines().next().unwrap_or_default();
    let Some((_, after)) = line.split_once("✓ ") else { return 0 };
    after.split(' ').next().unwrap().parse().unwrap()
}

fn printed(place: &Place) -> BTreeSet<PathBuf> {
    let bytes = fs::read(place.path().join("marked")).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| PathBuf::from(std::ffi::OsStr::from_bytes(line))).collect()
}

/// Size, time and inode of each file.
fn stamps(folder: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, u64)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().canonicalize().unwrap_or_default());
    let stamp = |path: PathBuf| {
        let metadata = path.metadata().ok()?;
        Some((path, (metadata.len(), metadata.mtime(), metadata.mtime_nsec(), metadata.ino())))
    };
    files.filter_map(stamp).collect()
}

/// Changes a file while the program runs.
fn happens(place: &Place, random: &mut Rng) {
    let name = format!("{}{}.jpg", random.choice(FAMILIES).unwrap(), random.usize(..EACH));
    let path = place.animals().join(&name);
    let other = place.animals().join(format!("{}.moved", random.u32(..)));
    match random.u8(..6) {
        0 => drop(fs::remove_file(path)),
        1 => drop(fs::rename(path, other)),
        2 => drop(fs::write(path, "changed")),
        // One file with two names: a hard link to another of its family, or a symbolic link.
        3 => {
            let twin = place.animals().join(format!("{}{}.jpg", &name[..1], random.usize(..EACH)));
            if twin != path && fs::remove_file(&twin).is_ok() {
                let _ = fs::hard_link(path, twin);
            }
        }
        4 => {
            let twin = place.animals().join(format!("{}{}.jpg", &name[..1], random.usize(..EACH)));
            if twin != path && fs::remove_file(&twin).is_ok() {
                let _ = symlink(path, twin);
            }
        }
        _ => {
            let away = place.path().join("away");
            let _ = fs::rename(place.animals(), &away);
            let _ = fs::rename(away, place.animals());
        }
    }
}

#[test]
fn what_is_printed_is_there_and_the_rest_of_its_group_too() {
    let (mut all_printed, mut all_changed) = (0, 0);
    for seed in 1..=3 {
        let place = families();
        let before = stamps(&place.animals());
        let mut session = started(&place, "");
        joined(&session);
        let mut random = Rng::with_seed(seed);
        for step in 0..100 {
            match random.u8(..20) {
                0..5 => session.press(" "),
                5..9 => session.press("K"),
                9..13 => session.press(random.choice(["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"]).unwrap()),
                13 => session.press("vf K\x1b"),
                14 => {
                    // Out and back: the same join is still there, with its marks.
                    session.wait_for_rest();
                    session.press("b");
                    session.wait_for("find similar");
                    session.press("P");
                    session.wait_for("groups");
                }
                15 => {
                    let range = random.choice(["0.9", "0.95", "0.97"]).unwrap();
                    session.press(&format!("e\x1b[D\x1b[D{}{range}\r", "\x7f".repeat(6)));
                }
                // Late, so that something is marked by then.
                16.. if step > 60 => happens(&place, &mut random),
                _ => session.press("l"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        session.press("\x1b");
        session.wait_for_rest();
        let marks = told(&session);
        session.press("q");
        assert!(session.ends().success(), "{}", session.screen());
        session.is_restored();
        let printed = printed(&place);
        let raw = String::from_utf8_lossy(&session.raw()).into_owned();
        let left_out = raw.matches("left out: ").count();
        assert_eq!(printed.len() + left_out, marks, "seed {seed}: {}", session.screen());
        let after = stamps(&place.animals());
        let changed = before.iter().filter(|(path, stamp)| after.get(*path) != Some(stamp)).count();
        (all_printed, all_changed) = (all_printed + printed.len(), all_changed + changed);
        for path in &printed {
            assert!(!path.is_symlink() && after.get(path) == before.get(path), "seed {seed}: {}", path.display());
        }
        // Deleting every printed file would leave at least one of each family.
        let gone: BTreeSet<u64> = printed.iter().map(|path| after[path].3).collect();
        for family in FAMILIES {
            let of_it = |path: &&PathBuf| path.file_name().unwrap().as_bytes()[0] == family as u8;
            let left = after.iter().filter(|(path, _)| of_it(path) && !printed.contains(*path));
            let left =
                left.filter(|(path, stamp)| before.get(*path) == Some(stamp) && !gone.contains(&stamp.3)).count();
            assert!(left > 0 || !printed.iter().any(|path| of_it(&path)), "seed {seed}: nothing is left of {family}");
        }
    }
    // The test had an effect. Most changes are noticed, and drop their marks, before anything is left out.
    assert!(all_printed > 0 && all_changed > 0, "{all_printed} printed, {all_changed} changed");
}

#[test]
fn ctrl_c_and_signals_print_nothing_but_a_signal_keeps_the_list() {
    let place = families();
    let kept = place.path().join("state/simages/marked-1.txt");
    for end in ["\x03", "TERM", "HUP"] {
        let mut session = started(&place, "");
        session.press(" ");
        session.wait_for("✓ 1 marked");
        match end {
            "\x03" => {
                session.press("\x03");
                session.wait_for("^C drops them");
                session.press("\x03");
            }
            "TERM" => session.signal(rustix::process::Signal::TERM),
            _ => session.signal(rustix::process::Signal::HUP),
        }
        assert_eq!(session.ends().exit_code(), 130, "{end:?}");
        assert!(printed(&place).is_empty());
        session.is_restored();
        assert_eq!(kept.exists(), end != "\x03");
    }
    assert!(kept.with_file_name("marked-2.txt").exists());
    let picture = fs::read_to_string(&kept).unwrap();
    assert!(Path::new(picture.trim_end()).is_file(), "{picture}");
    let session = started(&place, "");
    session.wait_for("2 lists of unprinted marks in ");
}

#[test]
fn a_line_break_in_a_name_is_an_error_and_print0_prints_it() {
    let place = families();
    fs::rename(place.animals().join("a0.jpg"), place.animals().join("a\n0.jpg")).unwrap();
    let mut session = started(&place, "");
    session.press(" ");
    session.wait_for("✓ 1 marked");
    session.press("q");
    assert_eq!(session.ends().exit_code(), 1);
    assert!(session.sent("--print0") && printed(&place).is_empty());
    // The mark isn't lost.
    let root = place.animals().canonicalize().unwrap();
    let rescued = || fs::read(place.path().join("state/simages/marked-1.txt")).unwrap();
    let odd = format!("{}\0", root.join("a\n0.jpg").display());
    assert_eq!(String::from_utf8(rescued()).unwrap(), odd);

    let mut session = started(&place, "--print0");
    session.press(" l ");
    session.wait_for("✓ 2 marked");
    session.press("q");
    assert!(session.ends().success());
    let expected = odd + &format!("{}\0", root.join("a1.jpg").display());
    assert_eq!(fs::read(place.path().join("marked")).unwrap(), expected.as_bytes());
}

#[test]
fn marks_that_nobody_takes_are_kept() {
    let place = families();
    let root = place.animals().canonicalize().unwrap();
    let expected = ["a0.jpg", "a1.jpg"].map(|name| format!("{}\n", root.join(name).display())).concat();
    // A full disk; a reader that has gone, which is no failure.
    for (number, line) in [(1, "exec \"$0\" >/dev/full"), (2, "\"$0\" | true")] {
        let mut session = Session::start_with(&place, Emulates::OldKitty, &[], &["sh", "-c", line]);
        session.wait_for("find similar");
        session.press(" l ");
        session.wait_for("✓ 2 marked");
        session.press("q");
        assert_eq!(session.ends().exit_code(), u32::from(number == 1), "{line}");
        let kept = place.path().join(format!("state/simages/marked-{number}.txt"));
        assert_eq!(fs::read_to_string(kept).unwrap(), expected, "{line}");
    }
}

#[test]
fn marks_are_written_whole_and_what_changed_is_left_out_and_listed() {
    let place = families();
    let mut session = started(&place, "");
    session.press(" l l ");
    session.wait_for("✓ 3 marked");
    fs::write(place.animals().join("a1.jpg"), "changed").unwrap();
    session.press("W");
    session.wait_for("3 marked pictures, ");
    session.wait_for("picked by hand");
    session.press("\r");
    session.wait_for("2 paths written to simages-marked.txt; left out: a1.jpg has changed since it was marked");
    session.press("m\x1b[B");
    session.wait_for("left out of the last list written: has changed");
    session.press("q");
    assert!(session.ends().success());
    let written = fs::read(place.path().join("simages-marked.txt")).unwrap();
    assert_eq!(written, fs::read(place.path().join("marked")).unwrap());
    assert!(session.sent("a1.jpg has changed since it was marked"));
}
