//! What each key means: one thing, in every scene where it works. The scenes' tables are made of these, and
//! `docs/keys.md` is written from them.

use crossterm::event::KeyCode;

use super::keys::{Meaning, char, code, ctrl, shift};

macro_rules! meanings {
    ($($name:ident = [$($key:expr),+] $text:literal;)+) => {
        $(pub const $name: Meaning = Meaning { keys: &[$($key),+], text: $text };)+

        #[cfg(test)]
        /// All of them, in the order of the document.
        pub static ALL: &[&Meaning] = &[$(&$name),+];
    };
}

meanings! {
    LEFT = [code(KeyCode::Left), char('h')] "to the left: another picture, field, or part of a zoomed picture";
    DOWN = [code(KeyCode::Down), char('j')] "down: another picture, line or choice; a number: less";
    UP = [code(KeyCode::Up), char('k')] "up: another picture, line or choice; a number: more";
    RIGHT = [code(KeyCode::Right), char('l')] "to the right: another picture, field, or part of a zoomed picture";
    PAGE_DOWN = [code(KeyCode::PageDown), ctrl('f')] "far down: a page, or the next picture where one fills the screen; a number: far less";
    PAGE_UP = [code(KeyCode::PageUp), ctrl('b')] "far up: a page, or the picture before where one fills the screen; a number: far more";
    HOME = [code(KeyCode::Home), char('g')] "to the first";
    END = [code(KeyCode::End), char('G')] "to the last";
    SHIFT_LEFT = [shift(KeyCode::Left)] "on the map: to what lies left of it; of a rectangle: narrower";
    SHIFT_DOWN = [shift(KeyCode::Down)] "on the map: to what lies below it; of a rectangle: higher";
    SHIFT_UP = [shift(KeyCode::Up)] "on the map: to what lies above it; of a rectangle: less high";
    SHIFT_RIGHT = [shift(KeyCode::Right)] "on the map: to what lies right of it; of a rectangle: wider";
    GO_ON = [code(KeyCode::Enter)] "go on from what is selected: find what is similar, make it the key, compare, view, apply";
    BACK = [char('b'), code(KeyCode::Backspace)] "back to what was there before";
    ESC = [code(KeyCode::Esc)] "back, dropping what was begun: settings not applied, a filter";
    VIEW = [char('v')] "view full screen; again: back";
    MARK = [char(' ')] "mark or unmark the selected picture";
    KEEP = [char('K')] "keep the selected picture: mark the others of its pair or group; again: unmark them";
    MARKS = [char('m')] "the list of marks; again: back";
    UNMARK_ALL = [char('U')] "unmark all pictures; asks";
    WRITE = [char('w')] "write results to a file";
    WRITE_MARKED = [char('W')] "write paths to a file: of marked pictures, or of a tab's";
    COPY = [char('y')] "copy the path of the selected picture to the clipboard; again: a line for scp that fetches it";
    COPY_INTO = [char('C')] "copy pictures into a folder: the marked ones; if none is, the selected one, or those of a tab or cluster";
    FLIP = [char('f')] "flip between the two pictures that are compared";
    EXPLAIN = [char('a')] "show where the two pictures are alike";
    DIFFERENCE = [char('c')] "show what differs between the two pictures; again: the picture";
    TAKE_PART = [char('t')] "take a part of the picture as key: a rectangle is drawn; again: back";
    FACTS = [char('i')] "facts of the picture";
    LARGER = [char('+'), char('=')] "larger";
    SMALLER = [char('-')] "smaller";
    ONE_TO_ONE = [char('1')] "one pixel of the picture on one of the screen; of results: the first key of the trail";
    TRAIL = [char('2'), char('3'), char('4'), char('5'), char('6'), char('7'), char('8'), char('9')] "that key of the trail";
    FIT = [char('0')] "as large as fits; of clusters: as fine as at first";
    SETTINGS = [char('e')] "to the settings";
    NEXT_FIELD = [code(KeyCode::Tab)] "to the settings; there: to the next field";
    PREVIOUS_FIELD = [code(KeyCode::BackTab)] "to the settings, last field first; there: to the field before";
    WHOLE = [char('J')] "the datasets as a whole: near-duplicates of one, what the second of two lacks";
    PAIRS = [char('P')] "join the datasets as a whole: pairs, or groups, as the settings say";
    DUPLICATES = [char('D')] "near-duplicates, of all datasets as one set";
    ARCHIVE = [char('I')] "is it in the archive: which pictures of the dataset are in none of the others";
    MAP = [char('V')] "the map: all pictures of the datasets on a plane by likeness";
    CLUSTERS = [char('T')] "clusters: what kinds of pictures there are";
    PREVIOUS_TAB = [char('[')] "to the tab before; of clusters: fewer and larger ones";
    NEXT_TAB = [char(']')] "to the next tab; of clusters: more and smaller ones";
    BY_RULE = [char('M')] "mark by rules, in all groups at once; asks. If all that they mark is marked: unmark it";
    NEXT_UNSURE = [char('u')] "to the next picture that the rules leave to you";
    NOT_SAME = [char('n')] "not the same: the picture is no duplicate of the others of its group; in the list: take it back";
    VERDICTS = [char('N')] "list what are no duplicates; again: back";
    RULE = [char('R')] "the next rule for what is kept of a group";
    ACROSS = [char('A')] "only across folders: pictures in one folder are no duplicates; again: anywhere";
    FOLD = [char('d')] "fold near-identical results (duplicates) into one; again: unfold";
    LIKE = [char('>')] "more like the selected picture: it becomes a further key";
    UNLIKE = [char('<')] "less like the selected picture: it becomes a key against";
    LIKE_MARKED = [char('L')] "more like the marked pictures: they become the keys, or further ones";
    EXPAND = [char('E')] "expand: the nearest by a second pass, the first results as further keys; again: by their values alone";
    SHUFFLE = [char('s')] "shuffle";
    SORT = [char('S')] "the next order: by name, by likeness, newest, largest, or most alone first";
    FILTER = [char('/')] "show only what contains a text: names of pictures, or lines of the help";
    OPEN = [char('o')] "open any picture file as key, or a file of pairs";
    LOOK_AGAIN = [char('r')] "read the folders anew: what has come, changed or gone";
    SKIPPED = [char('x')] "list the pictures that can't be read; again: back";
    HELP = [char('?')] "help; again: back";
    QUIT = [char('q')] "quit and print the paths of marked pictures";
    STOP = [ctrl('c')] "quit and print nothing";
    REDRAW = [ctrl('l')] "draw the screen anew";
    SUSPEND = [ctrl('z')] "suspend";
}

#[cfg(test)]
/// Kept free for what is to come: no scene takes them for something else.
pub static RESERVED: [(char, &str); 4] = [
    ('O', "open a folder as a dataset"),
    ('p', "put in the folder that was pasted"),
    ('H', "list where one has been"),
    ('B', "forward again, after back"),
];
