//! `query --preview`: pictures in scrolling text, chosen by the terminal's answers, which never reach the shell.

#![cfg(unix)]

use crate::common::Place;
use crate::pty::{Emulates, Session};

const BIRDS: [&str; 4] = ["birds_crow.jpg", "birds_drake.jpg", "birds_duck.jpg", "birds_hen.jpg"];

/// Four birds, indexed: from the drake, the duck is nearest, then the hen.
fn birds() -> Place {
    let place = Place::with(&BIRDS);
    let values: [&[f32]; 4] = [&[0.0, 9.0], &[9.0, 0.0], &[9.0, 1.0], &[9.0, 5.0]];
    place.pretend_indexed(&BIRDS.into_iter().zip(values).collect::<Vec<_>>());
    place
}

/// After the preview, a shell reads a line, which must contain only typed text.
fn shown(emulates: Emulates, environment: &[(&str, &str)], more: &str) -> Session {
    let place = birds();
    let command = format!("\"$0\" query birds_drake.jpg animals --preview {more}; read line; echo \"read [$line]\"");
    let mut session = Session::start_with(&place, emulates, environment, &["sh", "-c", &command]);
    session.wait_for("birds_crow.jpg");
    session.press("typed\r");
    session.wait_for("read [typed]");
    assert!(session.ends().success());
    session.line_is_as_it_was();
    session
}

#[test]
fn each_terminal_gets_what_it_shows_best_and_the_cursor_is_below() {
    for (emulates, sent) in [
        (Emulates::Kitty, "a=T,U=1,"),
        (Emulates::KittyHere, "f=100,t=d,"),
        (Emulates::Xterm, ";0q\""),
        (Emulates::WezTerm, "\x1b]1337;File=inline=1;"),
        (Emulates::OldKitty, "\x1b[38;"),
        (Emulates::Silent, "\x1b[38;"),
    ] {
        let session = shown(emulates, &[], "--descriptor full");
        assert!(session.sent(sent), "{emulates:?}: {}", session.screen());
        let screen = session.screen();
        let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{emulates:?}: no {text} in:\n{screen}"));
        // In a row, the key first, each above its name.
        let names = ["birds_drake.jpg", "birds_duck.jpg", "birds_hen.jpg", "birds_crow.jpg"].map(at);
        assert!(names.is_sorted() && at("key") < at("1  cosine 0.994") && at("1  cosine 0.994") < names[0], "{screen}");
        assert!(screen.trim_end().ends_with("read [typed]"), "{screen}");
    }
}

#[test]
fn what_is_said_of_the_protocol_and_of_colours_goes_before() {
    let session = shown(Emulates::Kitty, &[], "--protocol halfblocks --colors none");
    assert!(
        session.screen().contains('█') && !session.sent("a=T") && !session.sent("\x1b[38;"),
        "{}",
        session.screen()
    );
    let session = shown(Emulates::Silent, &[], "--protocol sixel --descriptor full --range 0");
    assert!(session.sent(";0q\""), "{}", session.screen());
}

#[test]
fn without_a_terminal_it_is_said_what_to_do_and_half_blocks_are_drawn_if_asked_for() {
    let place = birds();
    let query = |more: &[&str]| place.run(&[&["query", "birds_drake.jpg", "animals", "--preview"], more].concat());
    query(&[]).exits(2).says(&["--html FILE", "--protocol halfblocks"]);
    query(&["--format", "json"]).exits(2).says(&["--format"]);
    let drawn = query(&["--protocol", "halfblocks", "--colors", "16m"]).exits(0).stdout;
    assert!(drawn.contains("▀") && drawn.contains("\x1b[38;2;") && drawn.ends_with("\n\n"), "{drawn}");
}
