//! The screens in a pseudo-terminal: what a user sees, what is sent, and the state in which the terminal is left.

#![cfg(unix)]

use std::collections::BTreeSet;

use crate::common::Place;
use crate::pty::{Emulates, Session};
use rustix::process::Signal;

const BIRDS: [&str; 4] = ["birds_crow.jpg", "birds_drake.jpg", "birds_duck.jpg", "birds_hen.jpg"];

/// The start of a sixel picture; queries are DCS sequences too.
const SIXEL: &str = ";0q\"";

/// Four birds, indexed: from the drake, the duck is nearest, then the hen.
fn birds() -> Place {
    let place = Place::with(&BIRDS);
    let values: [&[f32]; 4] = [&[0.0, 9.0], &[9.0, 0.0], &[9.0, 1.0], &[9.0, 5.0]];
    place.pretend_indexed(&BIRDS.into_iter().zip(values).collect::<Vec<_>>());
    place
}

fn started(place: &Place, emulates: Emulates) -> Session {
    let session = Session::start(place, emulates, &[]);
    session.wait_for("indexed 4/4");
    session
}

/// The ids of pictures sent to kitty, once per transmission.
fn kitty_pictures(raw: &[u8], command: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    text.split("\x1b_G")
        .skip(1)
        .filter_map(|c| {
            let keys = c.split([';', '\x1b']).next()?;
            keys.split(',')
                .any(|k| k == command)
                .then(|| keys.split(',').find(|k| k.starts_with("i=")).map(String::from))?
        })
        .collect()
}

#[test]
fn from_the_start_to_similar_pictures_to_the_viewer_to_the_end() {
    let place = birds();
    let mut session = started(&place, Emulates::Kitty);
    session.wait_for("birds_drake");
    session.press("l\r");
    session.wait_for("birds_drake ⋈ animals");
    session.wait_for("cos 0.994");
    let screen = session.screen();
    let at = |name: &str| screen.find(name).unwrap_or_else(|| panic!("no {name} in:\n{screen}"));
    assert!(at("birds_duck") < at("birds_hen") && at("birds_hen") < at("birds_crow"), "{screen}");
    session.press("v");
    session.wait_for("viewer   1 of 3");
    session.press("i");
    session.wait_for("birds_duck.jpg");
    session.wait_for("euclidean");
    session.press("\x1b");
    session.wait_for("birds_drake ⋈ animals");
    session.press("b");
    session.wait_for("key select");
    session.press("q");
    assert!(session.ends().success());
    session.is_restored();
    assert!(!place.animals().join(".features.npz.lock").exists());
}

#[test]
fn a_dataset_is_joined_with_itself_and_near_duplicates_are_marked() {
    let place = birds();
    let mut session = started(&place, Emulates::Kitty);
    session.press("P");
    // The drake and the duck find each other, and the duck and the hen; the crow is nearest to the hen.
    session.wait_for("animals ⋈ animals");
    session.wait_for("6 pairs");
    session.press("b");
    session.wait_for("find similar");
    // Range, 0.9.
    session.press("\t\x1b[C\x1b[C\x1b[C\x1b[B\x1b[C0.9\r");
    session.press("P");
    session.wait_for("1 group");
    session.wait_for("3 of 4 pictures");
    session.press("hK\r");
    session.wait_for("group 1 of 1   picture 2 of 3");
    session.wait_for("✓ marked");
    session.press("\x1b");
    session.wait_for("3 of 4 pictures");
    session.press("w\x15groups.jsonl\r");
    session.wait_for("2 pictures written to groups.jsonl");
    session.press("W\r");
    session.wait_for("2 paths written to simages-marked.txt");
    session.press("q");
    assert!(session.ends().success());
    session.is_restored();
    // The duck is the centre, with two neighbours in the range.
    let groups = std::fs::read_to_string(place.path().join("groups.jsonl")).unwrap();
    let lines: Vec<_> = groups.lines().collect();
    assert!(lines[0].starts_with("{\"key\":\"birds_duck.jpg\",\"rank\":1,\"file\":\"birds_drake.jpg\""), "{groups}");
    assert_eq!(lines.len(), 2);
    let marked = std::fs::read_to_string(place.path().join("simages-marked.txt")).unwrap();
    let root = place.animals().canonicalize().unwrap();
    let expected: String =
        ["birds_drake.jpg", "birds_hen.jpg"].map(|name| format!("{}\n", root.join(name).display())).concat();
    assert_eq!(marked, expected);
    assert!(session.screen().contains("birds_hen.jpg"), "marked paths are printed at the end");
}

const OVER_SSH: [(&str, &str); 1] = [("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")];

/// The size in bytes of each PNG sent to kitty, in order.
fn kitty_sizes(session: &Session) -> Vec<usize> {
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    let mut sizes = Vec::new();
    for command in raw.split("\x1b_G").skip(1).filter(|c| c.starts_with("q=2,")) {
        let Some((keys, payload)) = command.split_once(';') else { continue };
        if keys.contains("a=T") {
            assert!(keys.contains(",f=100,"), "{keys}");
            sizes.push(0);
        }
        *sizes.last_mut().unwrap() += payload.split('\x1b').next().unwrap().len();
    }
    sizes
}

#[test]
fn kitty_gets_palettes_and_over_ssh_fewer_pixels_first() {
    let place = birds();
    let sent = |environment: &[(&str, &str)], pictures| {
        let session = Session::start(&place, Emulates::Kitty, environment);
        session.wait_until("pictures", |s| kitty_sizes(s).len() >= pictures);
        session.wait_for_rest();
        kitty_sizes(&session)
    };
    let (mut here, far) = (sent(&[], 4), sent(&OVER_SSH, 8));
    // On this machine, where bytes are cheap, a picture may be sent twice when it is busy.
    here.sort_unstable();
    here.dedup();
    let bytes = |sizes: &[usize]| sizes.iter().sum::<usize>();
    // Sixteen times 25 pixels, and palettes of 256 colours, which are no smaller.
    let (first, fine) = (bytes(&far[..4]), bytes(&far[4..]));
    assert!(first * 100 < bytes(&here) * 85 && first > 10_000, "{far:?} of {here:?}");
    assert_eq!((far.len(), fine), (8, bytes(&here)), "at rest all pixels follow, once");
}

#[test]
fn a_kitty_that_proves_it_reads_our_files_gets_files_and_none_is_left() {
    let place = birds();
    let mut session = Session::start(&place, Emulates::KittyHere, &[]);
    session.wait_until("four pictures", |s| kitty_pictures(&s.raw(), "a=T").len() >= 4);
    session.wait_for_rest();
    assert_eq!(kitty_pictures(&session.raw(), "t=t").len(), 5, "four and the proof");
    assert!(!session.sent("f=100"));
    let name = format!("simages-{}-tty-graphics-protocol-", session.child.process_id().unwrap());
    let left = || {
        let folders = ["/dev/shm".into(), std::env::temp_dir()];
        let files = folders.iter().flat_map(std::fs::read_dir).flatten().flatten();
        files.filter(|file| file.file_name().to_string_lossy().starts_with(&name)).count()
    };
    assert!(left() >= 4, "this terminal reads only the proof");
    session.press("q");
    assert!(session.ends().success());
    assert_eq!(left(), 0);
}

/// The bytes of pictures drawn with sixel or sent to kitty.
fn painted(sent: &[u8]) -> usize {
    let begins = sent.windows(2).enumerate().filter(|(_, w)| *w == b"\x1bP" || *w == b"\x1b_").map(|(at, _)| at);
    begins.filter_map(|at| sent[at..].windows(2).position(|w| w == b"\x1b\\")).sum()
}

#[test]
fn over_ssh_no_frame_holds_more_than_a_burst_and_no_picture_comes_twice() {
    let names: Vec<String> = (0..12).map(|i| format!("bird_{i:02}.jpg")).collect();
    let place = Place::new();
    std::fs::create_dir(place.animals()).unwrap();
    names.iter().zip(BIRDS.iter().cycle()).for_each(|(to, from)| place.copy(from, to));
    place.pretend_indexed(&names.iter().map(|name| (name.as_str(), &[1.0f32][..])).collect::<Vec<_>>());
    for emulates in [Emulates::Kitty, Emulates::Xterm] {
        let session = Session::start(&place, emulates, &OVER_SSH);
        session.wait_for("indexed 12/12");
        session.wait_for_rest();
        let raw = session.raw();
        // A frame, with the data sent to kitty before it.
        let frames: Vec<_> = raw.windows(8).enumerate().filter(|(_, w)| w == b"\x1b[?2026l").map(|(i, _)| i).collect();
        let frames = frames.windows(2).map(|pair| painted(&raw[pair[0]..pair[1]]));
        let most = frames.max().unwrap();
        // 40 KB, or one more picture; half blocks in the same frame don't count.
        assert!((10_000..128_000).contains(&most), "{emulates:?}: {most} bytes of pictures in a frame");
        let sent = kitty_pictures(&raw, "a=T");
        assert_eq!(sent.len(), sent.iter().collect::<BTreeSet<_>>().len());
        assert_eq!(emulates == Emulates::Kitty, sent.len() >= 12, "{emulates:?}: {}", sent.len());
    }
}

#[test]
fn kitty_gets_each_picture_once_and_keeps_none() {
    let place = birds();
    let mut session = started(&place, Emulates::Kitty);
    session.wait_until("four pictures", |s| kitty_pictures(&s.raw(), "a=T").len() >= 4);
    session.press("llh?");
    session.wait_for("shift-tab");
    session.press("\x1b");
    session.wait_for_rest();
    session.press("q");
    assert!(session.ends().success());
    let sent = kitty_pictures(&session.raw(), "a=T");
    let once: BTreeSet<_> = sent.iter().cloned().collect();
    assert_eq!(sent.len(), once.len(), "a picture was sent twice");
    let deleted: BTreeSet<_> = kitty_pictures(&session.raw(), "a=d").into_iter().collect();
    assert!(deleted.is_superset(&once), "sent {once:?}, deleted {deleted:?}");
}

#[test]
fn each_terminal_gets_what_it_understands() {
    let place = birds();
    let all = [
        (Emulates::Kitty, "a=T,U=1"),
        (Emulates::OldKitty, "▀"),
        (Emulates::Konsole, "▀"),
        (Emulates::WezTerm, "\x1b]1337;File="),
        (Emulates::Xterm, SIXEL),
        (Emulates::Foot, SIXEL),
    ];
    for (emulates, expected) in all {
        for environment in [&[][..], &OVER_SSH] {
            let session = Session::start(&place, emulates, environment);
            session.wait_for("indexed 4/4");
            session.wait_until("pictures", |s| s.sent(expected));
            session.wait_for_rest();
            for (_, other) in all.iter().filter(|(_, other)| *other != expected && *other != "▀") {
                assert!(!session.sent(other), "{emulates:?} was sent {other:?}");
            }
        }
    }
}

#[test]
fn in_tmux_all_that_is_meant_for_the_terminal_is_passed_through() {
    let place = birds();
    let session = Session::start(&place, Emulates::Kitty, &[("TMUX", "/nowhere,1,0"), OVER_SSH[0]]);
    session.wait_until("four pictures", |s| kitty_pictures(&s.raw(), "a=T").len() >= 4);
    session.wait_for_rest();
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    assert_eq!(raw.matches("\x1b_G").count(), raw.matches("\x1b\x1b_G").count(), "a command for tmux itself");
    let passed: Vec<_> = raw.split("\x1bPtmux;").skip(1).filter(|p| p.contains("_Gq=2")).collect();
    assert!(passed.len() >= 4 && passed.iter().all(|p| p.contains("\x1b\x1b\\\x1b\\")));
    let asked = raw.matches("\x1b[>q").count();
    assert_eq!(asked, raw.matches("\x1b\x1b[>q").count(), "tmux would answer itself how far it has come");
    assert_eq!(raw.matches("\x1b[5n").count(), raw.matches("\x1b\x1b[5n").count());
}

#[test]
fn answers_that_come_late_are_not_typed_text() {
    let place = birds();
    let mut session = Session::start(&place, Emulates::Silent, &[]);
    session.wait_until("the question", |s| s.sent("\x1b[5n"));
    session.wait_for("▀");
    session.wait_for_rest();
    let before = session.screen();
    session.press("\x1bP>|J?q/s(1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;4c\x1b[6;20;10t\x1b[0n");
    session.wait_until("better pictures", |s| s.sent(SIXEL));
    session.wait_for_rest();
    // Everything except the pictures, which are drawn in the way it supports now.
    let text = |screen: String| screen.lines().filter(|line| !line.contains('│')).map(String::from).collect::<Vec<_>>();
    assert_eq!(text(session.screen()), text(before));
    session.press("l");
    session.wait_for("▸birds_drake");
    session.press("q");
    assert!(session.ends().success());
}

#[test]
fn a_terminal_that_never_answers_shows_half_blocks_and_loses_no_key() {
    let place = birds();
    let mut session = Session::start(&place, Emulates::Silent, &[]);
    session.wait_until("the question", |s| s.sent("\x1b[5n"));
    session.press("l\r");
    session.wait_for("birds_drake × animals");
    session.wait_for("▀");
    assert!(!session.sent("a=T") && !session.sent(SIXEL));
    session.press("q");
    assert!(session.ends().success());
    session.is_restored();
}

#[test]
fn moving_the_selection_sends_little_and_no_pixels() {
    let place = birds();
    for emulates in [Emulates::Kitty, Emulates::Xterm] {
        let session = started(&place, emulates);
        session.wait_for_rest();
        let before = session.raw().len();
        session.press("l");
        session.wait_for("▸birds_drake");
        session.wait_for_rest();
        let sent = session.raw()[before..].to_vec();
        assert!(sent.len() < 2_000, "{emulates:?}: {} bytes", sent.len());
        let text = String::from_utf8_lossy(&sent);
        assert!(!text.contains("\x1b_G") && !text.contains(SIXEL), "{emulates:?}");
    }
}

#[test]
fn the_terminal_is_restored_after_a_panic_in_any_thread() {
    let place = birds();
    for thread in ["screen", "worker"] {
        let mut session = Session::start(&place, Emulates::Xterm, &[("SIMAGES_TEST_PANIC", thread)]);
        assert_eq!(session.ends().exit_code(), 101, "{thread}");
        session.is_restored();
        assert!(session.sent("asked to panic") && session.sent("Please report"), "{thread}");
    }
}

#[test]
fn the_terminal_is_restored_after_signals() {
    let place = birds();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut session = started(&place, Emulates::Kitty);
        session.signal(signal);
        assert_eq!(session.ends().exit_code(), 130, "{signal:?}");
        session.is_restored();
    }
}

#[test]
fn suspended_and_continued() {
    is_suspended(|session| session.press("\x1a"));
}

#[cfg(target_os = "linux")]
#[test]
fn stopped_from_outside_as_by_ctrl_z() {
    is_suspended(|session| {
        let shell = session.child.process_id().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        let child = rustix::process::Pid::from_raw(children.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(child, Signal::TSTP).unwrap();
    });
}

/// As by `kill -STOP`, which nobody can catch: the shell has the terminal back in its own state.
#[cfg(target_os = "linux")]
#[test]
fn stopped_by_force_and_continued() {
    let place = birds();
    let mut session =
        Session::start_with(&place, Emulates::Xterm, &[], &["sh", "-mc", "\"$0\"; stty sane; echo HALTED; fg"]);
    session.wait_for("indexed 4/4");
    let shell = session.child.process_id().unwrap();
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
    let child = rustix::process::Pid::from_raw(children.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(child, Signal::STOP).unwrap();
    session.wait_until("the screen again", |s| {
        let raw = String::from_utf8_lossy(&s.raw()).into_owned();
        raw.split_once("HALTED").is_some_and(|(_, after)| after.contains("SIMages"))
    });
    session.press("q");
    assert!(session.ends().success());
    session.is_restored();
}

fn is_suspended(by: impl Fn(&Session)) {
    let place = birds();
    // A shell with job control: without one there is nothing to return to.
    let mut session = Session::start_with(&place, Emulates::Xterm, &[], &["sh", "-mc", "\"$0\"; echo HALTED; fg"]);
    session.wait_for("indexed 4/4");
    by(&session);
    session.wait_until("the stop", |s| s.sent("HALTED"));
    session.wait_until("the screen again", |s| {
        let raw = String::from_utf8_lossy(&s.raw()).into_owned();
        let (before, after) = raw.split_once("HALTED").unwrap();
        assert!(before.rfind("\x1b[?1049l") > before.rfind("\x1b[?1049h"), "given back while stopped");
        after.contains("SIMages")
    });
    session.press("q");
    assert!(session.ends().success());
    session.is_restored();
}

#[test]
fn a_file_name_cannot_send_an_escape_sequence() {
    let place = birds();
    place.copy("birds_hen.jpg", "a\x1b[31mEVIL\x07.jpg");
    let session = Session::start(&place, Emulates::Silent, &[]);
    session.wait_for("EVIL");
    session.wait_for_rest();
    assert!(!session.sent("\x1b[31mEVIL"));
}

#[test]
fn a_picture_deleted_meanwhile_is_a_message_in_its_place() {
    let place = birds();
    let mut session = started(&place, Emulates::Xterm);
    std::fs::remove_file(place.animals().join("birds_duck.jpg")).unwrap();
    session.press("l\r");
    session.wait_for("cos 0.994");
    session.press("v");
    session.wait_for("✗");
    session.press("q");
    assert!(session.ends().success());
}

#[test]
fn without_datasets_the_screen_is_not_touched() {
    let place = Place::new();
    std::fs::remove_dir(place.path().join("datasets")).unwrap();
    let mut session = Session::start(&place, Emulates::Silent, &[]);
    assert_eq!(session.ends().exit_code(), 2);
    assert!(session.sent("no datasets") && !session.sent("\x1b[?1049h"));
}

#[test]
fn an_empty_dataset_says_so() {
    let place = Place::with(&[]);
    let session = Session::start(&place, Emulates::Xterm, &[]);
    session.wait_for("no pictures in");
    session.press("\r");
    session.wait_for("there is no picture to take as key here");
}

#[test]
fn a_window_resized_at_once_and_again_is_filled() {
    let place = birds();
    let mut session = Session::start(&place, Emulates::Xterm, &[]);
    // Like foot does; the program may not be listening yet.
    session.resize(100, 30);
    session.wait_for("indexed 4/4");
    session.wait_until("the last line", |s| s.screen().lines().nth(29).is_some_and(|l| l.contains("q quit")));
    session.resize(50, 10);
    session.wait_for("needs at least 60 x 18");
    session.resize(120, 40);
    session.wait_for("indexed 4/4");
    session.press("q");
    assert!(session.ends().success());
}
