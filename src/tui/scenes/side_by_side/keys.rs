//! The keys of two pictures side by side: of a pair or group, and of a card's picture and what an archive has.

use crate::tui::keys::{Keys, keys};
use crate::tui::meanings as on;

#[derive(Clone, Copy, Debug)]
pub enum SideBySideAction {
    /// To another couple; if zoomed, scrolls.
    Left,
    Right,
    Up,
    Down,
    Previous,
    Next,
    Flip,
    OneToOne,
    Larger,
    Smaller,
    Fit,
    Difference,
    Mark,
    Keep,
    NextUnsure,
    NotSame,
    Write,
    Back,
}
use SideBySideAction as Act;

macro_rules! side_by_side {
    ($title:literal $($own:tt)+) => {
        keys! { $title
            Act::Left => [on::LEFT] "next" "previous pair, or picture of the group; zoomed: to the left";
            Act::Right => [on::RIGHT] "next" "next pair, or picture of the group; zoomed: to the right";
            Act::Up => [on::UP] "" "previous pair or group; zoomed: up";
            Act::Down => [on::DOWN] "" "next pair or group; zoomed: down";
            Act::Previous => [on::PAGE_UP] "" "previous pair, or picture of the group, also when zoomed";
            Act::Next => [on::PAGE_DOWN] "" "next pair, or picture of the group, also when zoomed";
            Act::Flip => [on::FLIP] "flip" "flip the two in place, which makes differences visible";
            Act::OneToOne => [on::ONE_TO_ONE] "actual" "one pixel of the larger picture on one of the screen; the smaller one is enlarged to match";
            $($own)+
            Act::Difference => [on::DIFFERENCE] "difference" "on the right, the difference of the two: black where they are equal; again: the picture";
            Act::Larger => [on::LARGER] "zoom" "zoom in, both";
            Act::Smaller => [on::SMALLER] "zoom" "zoom out, both";
            Act::Fit => [on::FIT] "zoom" "both whole pictures";
            Act::Back => [on::ESC, on::BACK, on::VIEW] "back" "back to the list";
        }
    };
}

pub static OF_GROUPS: Keys<SideBySideAction> = side_by_side! { "Side by side"
    Act::Mark => [on::MARK] "mark right" "mark or unmark the picture on the right";
    Act::Keep => [on::KEEP] "keep right" "keep the picture on the right: mark the similar ones of its pair or group; again: unmark them";
    Act::NextUnsure => [on::NEXT_UNSURE] "" "to the next unmarked picture that the rules leave to you";
    Act::NotSame => [on::NOT_SAME] "" "the two are not the same: remembered for near-duplicates and the archive";
    Act::Write => [on::WRITE] "" "write the pairs, or groups, to a file: .csv, .jsonl or .parquet";
};

pub static OF_CARD: Keys<SideBySideAction> = side_by_side! { "Side by side with an archive"
    Act::NotSame => [on::NOT_SAME] "not the same" "the two are not the same picture: remembered permanently";
    Act::Mark => [on::MARK] "mark" "mark or unmark the card's picture";
};
