//! Limited terminals, slow connections, programs in between: what is sent to them, and what is left behind.

#![cfg(unix)]

use std::time::Duration;

use crate::common::Place;
use crate::pty::{Emulates, Session};

const BIRDS: [&str; 2] = ["birds_drake.jpg", "birds_duck.jpg"];
const OVER_SSH: (&str, &str) = ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
/// Prints the input left unread when the program ended, and the input of the next second.
const LEFT: [&str; 3] = ["sh", "-c", "\"$0\"; stty -icanon -echo min 0 time 10; echo \"LEFT:$(cat -v):\""];

fn birds() -> Place {
    let place = Place::with(&BIRDS);
    place.pretend_indexed(&[(BIRDS[0], &[9.0, 0.0][..]), (BIRDS[1], &[9.0, 1.0])]);
    place
}

fn text(session: &Session) -> String {
    String::from_utf8_lossy(&session.raw()).into_owned()
}

#[test]
fn nothing_of_ours_reaches_the_shell_however_long_the_line_and_whenever_one_quits() {
    let place = birds();
    // A terminal that has been slow before is waited for; one that hasn't answered for two seconds isn't.
    let slow = (Emulates::Kitty, 2500);
    for (emulates, delay) in [(Emulates::Kitty, 100), (Emulates::Kitty, 600), (Emulates::Xterm, 300), slow] {
        let delay = Duration::from_millis(delay);
        for at_once in [true, false].into_iter().filter(|at_once| !at_once || delay < Duration::from_secs(2)) {
            let mut session = Session::start_late(&place, emulates, &[OVER_SSH], &LEFT, delay);
            session.wait_until("the question", |s| s.sent("\x1b[5n"));
            if !at_once {
                session.wait_until("a question after a burst", |s| text(s).matches("\x1b[>q").count() > 2);
            }
            session.press("q");
            session.wait_for("LEFT:");
            session.ends();
            assert!(session.screen().contains("LEFT::"), "{emulates:?} {delay:?}:\n{}", session.screen());
        }
    }
}

#[test]
fn what_is_typed_behind_the_last_answer_is_the_shells() {
    let place = birds();
    let session = Session::start_with(&place, Emulates::Silent, &[], &LEFT);
    let questions = |s: &Session| text(s).matches("\x1b[5n").count();
    session.wait_until("the question", |s| questions(s) == 1);
    session.press("\x1b[?62c\x1b[0n");
    session.wait_for("indexed 2/2");
    session.press("q");
    session.wait_until("the last question", |s| questions(s) == 2);
    session.press("\x1b[0nls\r");
    session.wait_for("LEFT:ls");
}

#[test]
fn while_the_terminal_is_asked_arrows_are_keys_and_half_blocks_are_shown() {
    let place = birds();
    let mut session = Session::start_late(&place, Emulates::Kitty, &[OVER_SSH], &[], Duration::from_millis(1500));
    session.wait_until("the question", |s| s.sent("\x1b[5n"));
    // There must be another picture to move to.
    session.wait_for("birds_duck");
    session.press("\x1b[C\r");
    session.wait_for("birds_duck × animals");
    session.wait_until("better pictures, when it has answered", |s| s.sent("a=T,U=1"));
    session.press("q");
    assert!(session.ends().success());
    let text = text(&session);
    assert!(text.find('▀') < text.find("a=T,U=1"), "half blocks come first");
}

#[test]
fn no_terminal_is_sent_colours_that_it_has_not() {
    let place = birds();
    let sent = |emulates, environment: &[(&str, &str)], by: &[&str]| {
        let session = Session::start_with(&place, emulates, environment, by);
        session.wait_until("half blocks", |s| s.sent("▀") || s.sent("▄") || s.sent("█"));
        session.wait_for_rest();
        text(&session)
    };
    let (true_colour, numbered) = ("8;2;", "8;5;");
    let has = |text: &str, colour: &str| text.replace("\x1b[48;2;1;2;3m", "").contains(colour);
    let known = sent(Emulates::OldKitty, &[], &[]);
    assert!(has(&known, true_colour), "by its name");
    let said = sent(Emulates::Silent, &[("COLORTERM", "truecolor")], &[]);
    assert!(has(&said, true_colour), "by COLORTERM");
    let plain = sent(Emulates::Silent, &[], &[]);
    assert!(has(&plain, numbered) && !has(&plain, true_colour), "by TERM");
    let linux = sent(Emulates::Silent, &[("TERM", "linux")], &[]);
    assert!(!has(&linux, numbered) && !has(&linux, true_colour), "sixteen");
    let wanted = sent(Emulates::OldKitty, &[], &["sh", "-c", "\"$0\" --colors 16"]);
    assert!(!has(&wanted, numbered) && !has(&wanted, true_colour), "sixteen are wanted");
    let none = sent(Emulates::OldKitty, &[], &["sh", "-c", "\"$0\" --colors none"]);
    for colour in ["\x1b[3", ";3", "\x1b[4", ";4"].iter().flat_map(|b| (0..8).map(move |n| format!("{b}{n}m"))) {
        assert!(!none.contains(&colour), "{colour:?}");
    }
    let screen = sent(Emulates::Kitty, &[("STY", "1.pts-0.box"), ("COLORTERM", "truecolor"), ("TERM", "screen")], &[]);
    assert!(!screen.contains("\x1b_") && !screen.contains("\x1bP"), "titles, and what goes through screen");
    assert!(!has(&screen, numbered) && !has(&screen, true_colour), "GNU screen");
}

#[test]
fn a_terminal_that_prints_lines_only_is_told_so() {
    let place = birds();
    let mut session = Session::start(&place, Emulates::Silent, &[("TERM", "dumb")]);
    assert_eq!(session.ends().exit_code(), 2);
    assert!(session.sent("TERM is dumb") && !session.sent("\x1b["));
}

#[test]
fn a_terminal_of_no_size_is_drawn_on_as_said_or_as_usual() {
    let place = birds();
    for (environment, last) in [(&[][..], 23), (&[("COLUMNS", "100"), ("LINES", "30")], 29)] {
        let by = ["sh", "-c", "stty rows 0 cols 0; \"$0\""];
        let mut session = Session::start_with(&place, Emulates::Silent, environment, &by);
        session.wait_until("the last line", |s| s.screen().lines().nth(last).is_some_and(|l| l.contains("? help")));
        session.press("q");
        assert!(session.ends().success());
    }
}

#[test]
fn doctor_in_the_background_writes_its_report() {
    let place = birds();
    let by = ["sh", "-mc", "\"$0\" doctor >report & wait $!; echo; cat report; echo DONE"];
    let session = Session::start_with(&place, Emulates::Kitty, &[], &by);
    session.wait_until("the end", |s| s.sent("DONE"));
    assert!(session.sent("not asked: in the background"), "{}", session.screen());
}

#[test]
fn in_tmux_another_terminal_is_sent_what_that_one_can_show() {
    let place = birds();
    let folder = place.path().join("bin");
    std::fs::create_dir(&folder).unwrap();
    let tmux = folder.join("tmux");
    let script = "#!/bin/sh\ncase $1 in\ndisplay-message) echo '$0' ;;\nlist-clients) cat \"$0.clients\" ;;\n\
                  show-environment) echo SSH_CONNECTION=1 ;;\nesac\n";
    std::fs::write(&tmux, script).unwrap();
    std::fs::set_permissions(&tmux, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let shown_in = |client: &str| std::fs::write(folder.join("tmux.clients"), client).unwrap();
    shown_in("1 /dev/pts/1\tkitty(0.41.1)\t256,RGB\txterm-kitty\n");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut session = Session::start(&place, Emulates::Kitty, &[("TMUX", "/nowhere,1,0"), ("PATH", &path)]);
    let pictures = |s: &Session| text(s).matches("a=T,U=1").count();
    session.wait_until("pictures for kitty", |s| pictures(s) >= 2);
    session.wait_for_rest();
    assert!(text(&session).matches("\x1b\x1b[>q").count() > 1, "over a line it is asked how far it has come");

    let another = |emulates, client: &str| {
        session.becomes(emulates);
        shown_in(client);
        let before = session.raw().len();
        // A folder that was just scanned isn't scanned again.
        session.wait_for_rest();
        session.press("\x0c");
        before
    };
    let before = another(Emulates::Silent, "2 /dev/pts/1\t\t256\txterm-256color\n");
    session.wait_until("half blocks", |s| String::from_utf8_lossy(&s.raw()[before..]).contains('▀'));
    session.wait_for_rest();
    let sent = pictures(&session);
    another(Emulates::Kitty, "3 /dev/pts/1\tkitty(0.41.1)\t256,RGB\txterm-kitty\n");
    session.wait_until("pictures for kitty again", |s| pictures(s) >= sent + 2);
    session.press("q");
    assert!(session.ends().success());
}
