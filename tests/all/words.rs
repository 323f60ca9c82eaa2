//! What is said: names that do nothing to the terminal and can be typed as they are shown, and words that anybody understands.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::common::{DRAKE, DUCK, Place, starter};

const COMMANDS: [&str; 8] = ["index", "query", "join", "duplicates", "not-duplicates", "new", "eval", "doctor"];

/// Puts a starter picture into `animals` by a name of any bytes.
#[cfg(unix)]
fn add(place: &Place, from: &str, name: &[u8]) {
    let name = <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(name);
    fs::copy(starter(from), place.animals().join(name)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_shown_as_a_name_is_harmless_and_can_be_typed() {
    let place = Place::with(&["birds_owl.jpg"]);
    add(&place, DUCK, b"caf\xe9.jpg");
    add(&place, DRAKE, "a\u{202e}gpj.jpg".as_bytes());
    fs::write(place.animals().join("bad\u{2066}\u{1b}[31m.jpg"), "no picture").unwrap();
    let said = place.run(&["index", "animals"]).exits(0).stderr;
    assert!(said.contains("skipped bad\\u{2066}\\u{1b}[31m.jpg: "), "{said}");
    for key in ["caf\\xe9.jpg", "a\\u{202e}gpj.jpg"] {
        let outcome = place.run(&["query", key, "animals", "--knn", "2"]).exits(0);
        let other = if key.starts_with('c') { "a\\u{202e}gpj.jpg" } else { "caf\\xe9.jpg" };
        // It is itself, and so no result.
        assert!(outcome.stdout.contains(other) && !outcome.stdout.contains(key), "{key}: {}", outcome.stdout);
        assert!(!outcome.stdout.contains(['\u{202e}', '\u{fffd}']), "{}", outcome.stdout);
    }
    let mut command = place.command(&["query"]);
    command.arg(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"no\xe9.jpg")).arg("animals");
    let said = command.output().unwrap().stderr;
    assert!(String::from_utf8(said).unwrap().contains("no\\xe9.jpg: no such file"));
}

/// To a terminal; to a pipe or a file the bytes go, which whoever reads them needs.
#[cfg(target_os = "linux")]
#[test]
fn what_is_printed_is_harmless_to_a_terminal_and_is_bytes_to_others() {
    use crate::pty::{Emulates, Session};
    let place = Place::with(&[DUCK, DRAKE]);
    let (evil, shown) = ("a\u{202e}gpj\u{9b}.jpg", "a\\u{202e}gpj\\u{9b}.jpg");
    fs::copy(starter(DUCK), place.animals().join(evil)).unwrap();
    place.pretend_indexed(&[(DUCK, &[9.0, 0.0][..]), (evil, &[9.0, 0.0]), (DRAKE, &[9.0, 1.0])]);
    for arguments in [
        "query birds_drake.jpg animals --descriptor full --format csv",
        "query birds_drake.jpg animals --descriptor full --format json",
        "join animals animals --descriptor full --knn 1 --format csv",
        "duplicates animals --quick --format csv",
        "duplicates animals --quick --format pairs",
        "duplicates animals --quick --format paths",
        "not-duplicates a\u{202e}gpj\u{9b}.jpg",
        "index --threads a\u{202e}gpj\u{9b}.jpg",
    ] {
        let words: Vec<_> = arguments.split(' ').collect();
        let outcome = place.command(&words).output().unwrap();
        let is_result = !outcome.stdout.is_empty() && !arguments.contains("paths");
        let bytes = String::from_utf8(outcome.stdout).unwrap();
        assert!(!is_result || bytes.contains(evil), "{arguments}: {bytes}");
        let by = format!("\"$0\" {arguments}; echo DONE");
        let session = Session::start_with(&place, Emulates::Silent, &[], &["sh", "-c", &by]);
        session.wait_until("the end", |s| s.sent("DONE"));
        assert!(!session.sent("\u{202e}") && !session.sent("\u{9b}"), "{arguments}: {}", session.screen());
        assert!(!is_result || session.sent(shown), "{arguments}: {}", session.screen());
    }
    // The paths of what is marked on the screens.
    let marked = |by: &[&str]| {
        let mut session = Session::start_with(&place, Emulates::Silent, &[], by);
        session.wait_for("indexed 3/3");
        session.press(" q");
        session.ends();
        session
    };
    let session = marked(&[]);
    assert!(session.sent(shown) && !session.sent("\u{202e}"), "{}", session.screen());
    marked(&["sh", "-c", "\"$0\" >printed"]);
    let path = place.animals().canonicalize().unwrap().join(evil);
    assert_eq!(fs::read_to_string(place.path().join("printed")).unwrap(), format!("{}\n", path.display()));
}

/// One whose name is bytes that aren't UTF-8, and one that is really called what that is shown as.
#[cfg(target_os = "linux")]
#[test]
fn of_two_files_with_the_same_shown_name_neither_is_taken_for_the_other() {
    let place = Place::with(&[]);
    add(&place, DUCK, b"a\xe9.jpg");
    add(&place, DRAKE, b"a\\xe9.jpg");
    add(&place, DUCK, b"duck.jpg");
    add(&place, DRAKE, b"drake.jpg");
    let query = |name: &[u8]| {
        let mut command = place.command(&["query"]);
        let key = place.animals().join(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(name));
        String::from_utf8(command.arg(key).args(["animals", "--knn", "1"]).output().unwrap().stdout).unwrap()
    };
    let (bytes, literal) = (query(b"a\xe9.jpg"), query(b"a\\xe9.jpg"));
    let is_identical =
        |said: &str, name: &str| said.lines().any(|line| line.contains("identical") && line.contains(name));
    assert!(is_identical(&bytes, "duck.jpg") || is_identical(&bytes, "a\\xe9.jpg"), "{bytes}");
    assert!(!is_identical(&bytes, "drake.jpg") && !is_identical(&literal, "duck.jpg"), "{bytes}{literal}");
    let said = place.run(&["duplicates", "animals", "--format", "csv"]).exits(0).stdout;
    assert!(!said.contains('\u{fffd}'), "{said}");
}

#[cfg(unix)]
#[test]
fn a_limit_of_file_sizes_is_an_error_and_what_was_computed_goes_where_there_is_room() {
    let place = Place::with(&[DUCK, DRAKE]);
    let mut limited = std::process::Command::new("sh");
    let binary = place.command(&[]).get_program().to_owned();
    limited.args(["-c", "ulimit -f 8; exec \"$0\" index animals"]).arg(binary).current_dir(place.path());
    let outcome = limited.output().unwrap();
    assert_eq!(outcome.status.code(), Some(1), "{}", String::from_utf8_lossy(&outcome.stderr));
    assert!(String::from_utf8_lossy(&outcome.stderr).contains("error: "));
    place.run(&["index", "animals"]).exits(0);
}

#[test]
fn names_are_found_as_people_see_them() {
    let place = Place::with(&[DUCK, DRAKE]);
    // As a Mac writes it.
    place.copy(DUCK, "cafe\u{301}.jpg");
    for key in ["caf\u{e9}.jpg", "cafe\u{301}.jpg"] {
        let found = place.run(&["query", key, "animals", "--knn", "1"]).exits(0).stdout;
        assert!(found.contains(DUCK), "{found}");
    }
    fs::create_dir(place.dataset("e\u{301}te\u{301}")).unwrap();
    place.copy_into("e\u{301}te\u{301}", DUCK, "a.jpg");
    place.run(&["query", "caf\u{e9}.jpg", "\u{e9}t\u{e9}", "--knn", "1"]).exits(1);
    place.run(&["index", "\u{e9}t\u{e9}"]).exits(0);
    place.run(&["index", "datasets/\u{e9}t\u{e9}"]).exits(0);
    let labels = format!("file,class\n{DUCK},x\n./caf\u{e9}.jpg,x\n{},y\n", place.animals().join(DRAKE).display());
    fs::write(place.path().join("labels.csv"), labels).unwrap();
    let outcome = place.run(&["eval", "animals", "--labels", "labels.csv", "--descriptor", "gap"]).exits(0);
    assert!(!outcome.stderr.contains("without a class") && !outcome.stderr.contains("left out"), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_called_that() {
    let place = Place::with(&[DUCK]);
    let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, place.animals().join(name)).unwrap();
    link("gone.jpg", "broken.jpg");
    link("loop.jpg", "loop.jpg");
    let (broken, circle) = ("broken link to gone.jpg", "a link that leads back to itself (to loop.jpg)");
    place.run(&["index", "animals"]).exits(0).says(&[broken, circle]);
    place.run(&["query", "broken.jpg", "animals"]).exits(1).says(&[broken]);
    place.run(&["query", "loop.jpg", "animals"]).exits(1).says(&[circle]);
    place.run(&["query", "datasets/animals/loop.jpg", "animals"]).exits(1).says(&[circle]);
    std::os::unix::fs::symlink("circle", place.dataset("circle")).unwrap();
    for folder in ["circle", "datasets/circle"] {
        let circle = format!("{folder}: a link that leads back to itself (to circle)");
        place.run(&["index", folder]).exits(2).says(&[&circle]);
        place.run(&["query", "a.jpg", folder]).exits(2).says(&[&circle]);
    }
}

#[test]
fn a_file_of_weights_or_labels_that_cannot_be_read_is_named_with_what_to_do() {
    let place = Place::with(&[DUCK]);
    for (option, remedy) in [("--weights", "safetensors"), ("--labels", "CSV file")] {
        for (file, why) in [("datasets", "is a folder, not a file"), ("gone.csv", "no such file")] {
            let arguments = ["eval", "animals", option, file];
            let said = place.run(&arguments).says(&[&format!("{file}: {why}; "), remedy, option]).stderr;
            assert!(!said.contains("os error"), "{said}");
        }
    }
}

#[test]
fn skipped_files_are_told_in_order_and_in_our_words() {
    let place = Place::with(&[DUCK]);
    let whole = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version3/grey.png")).unwrap();
    let bmp = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(40, 40).write_to(&mut bytes, image::ImageFormat::Bmp).unwrap();
        bytes.into_inner()
    };
    for at in 10..30 {
        let (bytes, ending) = if at % 2 == 0 { (&whole, "png") } else { (&bmp, "bmp") };
        let mut bytes = bytes[..bytes.len() * at / 40].to_vec();
        let len = bytes.len();
        bytes[len / 2..].iter_mut().for_each(|byte| *byte ^= 0x5a);
        fs::write(place.animals().join(format!("{at}.{ending}")), bytes).unwrap();
    }
    let said = place.run(&["index", "animals"]).exits(0).stderr;
    let told: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("animals: skipped ")).collect();
    assert!(told.len() > 10 && told.is_sorted(), "{said}");
    for line in told {
        assert!(!line.contains(['{', '`']) && !line.contains("Error") && !line.contains("expected"), "{line}");
    }
}

#[test]
fn a_number_of_threads_is_asked_for_in_words() {
    let place = Place::new();
    for number in ["0", "many"] {
        place.run(&["--threads", number, "index"]).exits(2).says(&["expected a number of threads, 1 or more"]);
    }
}

#[test]
fn help_is_broken_where_a_word_has_no_room() {
    for columns in [80, 100] {
        for command in COMMANDS {
            let help = Place::new().command(&[command, "--help"]).env("COLUMNS", columns.to_string()).output().unwrap();
            let help = String::from_utf8(help.stdout).unwrap();
            let lines: Vec<_> = help.lines().collect();
            let early: Vec<_> = lines.windows(2).filter(|pair| is_early(pair[0], pair[1], columns)).collect();
            assert!(early.is_empty(), "{command}, {columns} columns: {early:#?}");
        }
    }
}

/// Whether a sentence goes on in the next line though its first word had room.
fn is_early(line: &str, next: &str, columns: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let words: Vec<_> = next.split_whitespace().collect();
    let is_prose = |line: &str| line.split_whitespace().count() > 3 && !line.trim().contains("  ");
    let goes_on =
        words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && *word != "simages");
    let had_room = || line.chars().count() + 1 + words[0].chars().count() <= columns;
    is_prose(line) && is_prose(next) && indent(line) == indent(next) && !line.ends_with(':') && goes_on && had_room()
}
