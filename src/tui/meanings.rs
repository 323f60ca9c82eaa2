//! What each key means: one thing, in every scene where it works. The scenes' tables refer to these, and `docs/keys.md`
//! is generated from them.

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
    DOWN = [code(KeyCode::Down), char('j')] "down: another picture, line or choice; for a number: less";
    UP = [code(KeyCode::Up), char('k')] "up: another picture, line or choice; for a number: more";
    RIGHT = [code(KeyCode::Right), char('l')] "to the right: another picture, field, or part of a zoomed picture";
    PAGE_DOWN = [code(KeyCode::PageDown), ctrl('f')] "far down: a page, or the next picture if one fills the screen; for a number: much less";
    PAGE_UP = [code(KeyCode::PageUp), ctrl('b')] "far up: a page, or the previous picture if one fills the screen; for a number: much more";
    HOME = [code(KeyCode::Home), char('g')] "to the first";
    END = [code(KeyCode::End), char('G')] "to the last";
    SHIFT_LEFT = [shift(KeyCode::Left)] "on the map: scroll left; for a rectangle: narrower";
    SHIFT_DOWN = [shift(KeyCode::Down)] "on the map: scroll down; for a rectangle: taller";
    SHIFT_UP = [shift(KeyCode::Up)] "on the map: scroll up; for a rectangle: shorter";
    SHIFT_RIGHT = [shift(KeyCode::Right)] "on the map: scroll right; for a rectangle: wider";
    GO_ON = [code(KeyCode::Enter)] "go on from the selection: find similar pictures, make it the key, compare, view, apply";
    BACK = [char('b'), code(KeyCode::Backspace)] "back to the previous screen";
    ESC = [code(KeyCode::Esc)] "back, discarding unapplied settings or a filter";
    VIEW = [char('v')] "view full screen; again: back";
    MARK = [char(' ')] "mark or unmark the selected picture";
    KEEP = [char('K')] "keep the selected picture: mark the others of its pair or group; again: unmark them";
    MARKS = [char('m')] "the list of marks; again: back";
    UNMARK_ALL = [char('U')] "unmark all pictures, after asking";
    WRITE = [char('w')] "write results to a file";
    WRITE_MARKED = [char('W')] "write paths to a file: of the marked pictures, or of a tab";
    COPY = [char('y')] "copy the path of the selected picture to the clipboard; again: an scp command that fetches it";
    COPY_INTO = [char('C')] "copy pictures into a folder: the marked ones; without marks, the selected one, or those of a tab or cluster";
    FLIP = [char('f')] "flip between the two compared pictures";
    EXPLAIN = [char('a')] "show where the two pictures are similar";
    DIFFERENCE = [char('c')] "show the difference between the two pictures; again: the picture";
    TAKE_PART = [char('t')] "draw a rectangle and use that part of the picture as key; again: back";
    FACTS = [char('i')] "facts about the picture";
    LARGER = [char('+'), char('=')] "larger";
    SMALLER = [char('-')] "smaller";
    ONE_TO_ONE = [char('1')] "actual size: one picture pixel per screen pixel; on results: the first key of the trail";
    TRAIL = [char('2'), char('3'), char('4'), char('5'), char('6'), char('7'), char('8'), char('9')] "that key of the trail";
    FIT = [char('0')] "as large as fits; for clusters: the initial resolution";
    SETTINGS = [char('e')] "to the settings";
    NEXT_FIELD = [code(KeyCode::Tab)] "to the settings; there: to the next field";
    PREVIOUS_FIELD = [code(KeyCode::BackTab)] "to the settings, last field first; there: to the previous field";
    WHOLE = [char('J')] "whole datasets: near-duplicates of one, or pictures that the second of two lacks";
    PAIRS = [char('P')] "join whole datasets: pairs, or groups, by the settings";
    DUPLICATES = [char('D')] "near-duplicates in all datasets, as one set";
    ARCHIVE = [char('I')] "is it in my archive? Find the pictures of the dataset that no other dataset has";
    MAP = [char('V')] "the map: all pictures of the datasets on a plane, placed by similarity";
    CLUSTERS = [char('T')] "clusters: groups of similar pictures";
    PREVIOUS_TAB = [char('[')] "to the previous tab; for clusters: fewer and larger ones";
    NEXT_TAB = [char(']')] "to the next tab; for clusters: more and smaller ones";
    BY_RULE = [char('M')] "mark by the rules, in all groups at once, after asking; if everything is marked already: unmark";
    NEXT_UNSURE = [char('u')] "to the next unsure picture, which the rules leave to you";
    NOT_SAME = [char('n')] "not the same: the picture is no duplicate of the others in its group; in the list: undo";
    VERDICTS = [char('N')] "list the pairs declared not duplicates; again: back";
    RULE = [char('R')] "the next rule for which picture of a group is kept";
    ACROSS = [char('A')] "only across folders: pictures in the same folder are no duplicates; again: anywhere";
    FOLD = [char('d')] "fold near-identical results (duplicates) into one; again: unfold";
    LIKE = [char('>')] "more like the selected picture: it becomes another key";
    UNLIKE = [char('<')] "less like the selected picture: it becomes a key against";
    LIKE_MARKED = [char('L')] "more like the marked pictures: they become keys";
    EXPAND = [char('E')] "expand: search a second time with the first results as additional keys; again: by values alone";
    SHUFFLE = [char('s')] "shuffle";
    SORT = [char('S')] "the next order: by name, by similarity, newest, largest, or outliers first";
    FILTER = [char('/')] "filter by text: names of pictures, or lines of the help";
    OPEN = [char('o')] "open any picture file as key, a file of pairs, or a list of marked pictures (.txt), which are marked again";
    LOOK_AGAIN = [char('r')] "read the folders again, for new, changed and deleted pictures";
    SKIPPED = [char('x')] "list the files that aren't shown, and why; again: back";
    HELP = [char('?')] "help; again: back";
    QUIT = [char('q')] "quit and print the paths of marked pictures";
    STOP = [ctrl('c')] "quit and print nothing";
    REDRAW = [ctrl('l')] "redraw the screen";
    SUSPEND = [ctrl('z')] "suspend";
}

#[cfg(test)]
/// Reserved for later: no scene uses them for anything else.
pub static RESERVED: [(char, &str); 4] = [
    ('O', "open a folder as a dataset"),
    ('p', "insert the pasted folder"),
    ('H', "list the screens visited"),
    ('B', "forward again, after back"),
];
