//! Stress tests of the binary in a pseudo-terminal: random keys, clicks and sizes while it indexes, a storm of resizes,
//! a terminal that hangs.
//!
//! Runs for seconds here; `just trial-keys` sends ten thousand events, and hangs for a minute, with the release build.

#![cfg(unix)]

use std::time::Duration;

use crate::common::{Place, unindexed, wait_for};
use crate::pty::{Emulates, Session};
use fastrand::Rng;
use simages::storage::{npz, sparse};

const SPECIAL: [&str; 16] = [
    "\r",
    "\t",
    "\x1b[Z",
    "\x7f",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[H",
    "\x1b[F",
    "\x1b",
    "\x0c",
    "\x06",
    "\x1b[200~/tmp/pasted.jpg\n\x1b[201~",
];

/// A random user action, except those that end or stop the program: q, ctrl-c, ctrl-z.
fn event(random: &mut Rng, session: &Session) {
    match random.u8(..100) {
        0..50 => {
            let key = loop {
                let key = random.char(' '..='~');
                if key != 'q' {
                    break key;
                }
            };
            session.press(&key.to_string());
        }
        50..85 => session.press(random.choice(SPECIAL).unwrap()),
        85..95 => {
            let (button, x, y) = (random.choice([0, 2, 64, 65]).unwrap(), random.u16(1..200), random.u16(1..60));
            session.press(&format!("\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m"));
        }
        95..98 => session.resize(random.u16(1..200), random.u16(1..70)),
        _ => session.press("\x1b[I"),
    }
}

/// Quits from any state: a prompt or a panel may have the focus.
fn quits(mut session: Session) {
    session.resize(120, 40);
    for _ in 0..6 {
        session.press("\x1b");
        std::thread::sleep(Duration::from_millis(60));
    }
    // With unsaved marks it asks once.
    session.press("\x03");
    std::thread::sleep(Duration::from_millis(60));
    session.press("\x03");
    assert_eq!(session.ends().exit_code(), 130, "{}", session.screen());
    session.is_restored();
    assert!(!session.sent("this is a defect"));
}

fn random_events(count: usize, seed: u64, emulates: Emulates) {
    let place = unindexed(40);
    let session = Session::start(&place, emulates, &[]);
    session.wait_for("key select");
    let mut random = Rng::with_seed(seed);
    for _ in 0..count {
        event(&mut random, &session);
        if random.u8(..10) == 0 {
            std::thread::sleep(Duration::from_millis(random.u64(..30)));
        }
    }
    quits(session);
    // Random `w` keys write files anywhere; the pictures and the descriptors must be unchanged.
    for dataset in ["animals", "more"] {
        let folder = place.dataset(dataset);
        for picture in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if picture.extension().is_some_and(|ending| ending == "npz") {
                npz::read(&picture).unwrap();
            }
        }
        let sparse = folder.join("features.simages");
        assert!(!sparse.exists() || sparse::open(&sparse).is_some());
    }
}

#[test]
fn random_keys_clicks_and_sizes_while_indexing() {
    random_events(400, 1, Emulates::Kitty);
    random_events(400, 2, Emulates::Xterm);
}

#[test]
#[ignore = "takes minutes: just trial-keys"]
fn ten_thousand_random_events() {
    for (seed, emulates) in [(3, Emulates::Kitty), (4, Emulates::Xterm), (5, Emulates::Silent)] {
        random_events(10_000, seed, emulates);
    }
}

#[test]
fn a_storm_of_resizes_ends_in_the_last_size() {
    let place = Place::with(&["birds_duck.jpg", "birds_hen.jpg"]);
    place.pretend_indexed(&[("birds_duck.jpg", &[1.0]), ("birds_hen.jpg", &[2.0])]);
    for emulates in [Emulates::Kitty, Emulates::Xterm] {
        let session = Session::start(&place, emulates, &[]);
        session.wait_for("indexed 2/2");
        let mut random = Rng::with_seed(6);
        for _ in 0..300 {
            session.resize(random.u16(1..250), random.u16(1..80));
            std::thread::sleep(Duration::from_millis(random.u64(..4)));
        }
        session.resize(100, 30);
        session.wait_for("quit");
        session.wait_for_rest();
        let screen = session.screen();
        assert!(screen.contains("birds_hen") && screen.lines().count() == 30, "{screen}");
        quits(session);
    }
}

fn hangs(for_so_long: Duration) {
    let place = unindexed(40);
    let session = Session::start(&place, Emulates::Xterm, &[("SSH_CONNECTION", "1 2 3 4")]);
    session.wait_for("key select");
    session.hanging(|| {
        for _ in 0..40 {
            session.press("\x1b[6~l\x1b[5~");
        }
        // Indexing continues in the meantime.
        wait_for("descriptors are kept", || {
            sparse::open(&place.sparse()).is_some_and(|sparse| !sparse.matrix.is_empty()) || place.npz().exists()
        });
        std::thread::sleep(for_so_long);
    });
    session.wait_for_rest();
    session.press("?");
    session.wait_for("this help");
    quits(session);
}

#[test]
fn a_terminal_that_hangs_is_waited_for_while_indexing_goes_on() {
    hangs(Duration::from_secs(1));
}

#[test]
#[ignore = "takes minutes: just trial-keys"]
fn a_terminal_hangs_for_a_minute() {
    hangs(Duration::from_secs(60));
}
