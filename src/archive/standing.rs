//! How a picture of a card stands to one of the archive.

use crate::duplicates::{CloseLook, Collection, CopyReason, Doubt, Likeness, RECOMPRESSED, SAME_PIXELS, judge};

/// A copy that lacks detail: one enlarged from half the size has a third of the sharpness, one that was only interpolated
/// while it was enlarged up to a tenth less (docs/side-by-side.md).
const MUCH_FINER: f64 = 1.25;

/// Whether a picture is in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing there is like it.
    New,
    /// Something is like it, but nothing tells that it is a copy.
    Unsure(Doubt),
    /// A copy is there that is worse.
    Smaller(Lack),
    /// It is there to the byte, or a copy that is no worse. Without a reason: so much alike that it was to count.
    There(Option<CopyReason>),
    /// It can't be read, so nobody knows.
    Unreadable,
}

/// The same without the reasons, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StandingKind {
    New,
    Unsure,
    Smaller,
    There,
    Unreadable,
}

/// What the copy in the archive lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    Pixels,
    /// It has as many pixels, but less is to be seen: it was enlarged, or blurred.
    Detail,
    /// Compressed much more.
    Bytes,
    /// Its format loses details; that of the card's doesn't.
    Lossy,
    Colours,
    /// It shows a part.
    Cropped,
    /// EXIF no longer tells when it was taken.
    Date,
}

impl StandingKind {
    pub const ALL: [StandingKind; 5] =
        [StandingKind::New, StandingKind::Unsure, StandingKind::Smaller, StandingKind::There, StandingKind::Unreadable];

    /// As it is asked for and written.
    pub fn name(self) -> &'static str {
        match self {
            StandingKind::New => "new",
            StandingKind::Unsure => "unsure",
            StandingKind::Smaller => "smaller",
            StandingKind::There => "there",
            StandingKind::Unreadable => "unreadable",
        }
    }

    /// As it is said.
    pub fn text(self) -> &'static str {
        match self {
            StandingKind::New => "not there",
            StandingKind::Unsure => "unsure",
            StandingKind::Smaller => "there, but smaller",
            StandingKind::There => "there",
            StandingKind::Unreadable => "can't be read",
        }
    }
}

impl Lack {
    pub fn text(self) -> &'static str {
        match self {
            Lack::Pixels => "fewer pixels there",
            Lack::Detail => "less sharp there",
            Lack::Bytes => "compressed more there",
            Lack::Lossy => "lossy format there",
            Lack::Colours => "without colours there",
            Lack::Cropped => "cropped there",
            Lack::Date => "without its date there",
        }
    }
}

impl Standing {
    pub fn kind(self) -> StandingKind {
        match self {
            Standing::New => StandingKind::New,
            Standing::Unsure(_) => StandingKind::Unsure,
            Standing::Smaller(_) => StandingKind::Smaller,
            Standing::There(_) => StandingKind::There,
            Standing::Unreadable => StandingKind::Unreadable,
        }
    }

    /// Why; empty where the kind says all.
    pub fn reason(self) -> &'static str {
        match self {
            Standing::New | Standing::Unreadable => "",
            Standing::Unsure(doubt) => match doubt {
                Doubt::KeptIsFramed => "there with a frame, perhaps",
                Doubt::Dated => "has a date, what is there hasn't",
                Doubt::ShowsMore => "there cropped, perhaps",
                Doubt::Colours => "has colours, what is there hasn't",
                Doubt::Older => "older than what is there",
                doubt => doubt.text(),
            },
            Standing::Smaller(lack) => lack.text(),
            Standing::There(reason) => reason.map_or("alike enough, by --range", CopyReason::text),
        }
    }

    /// The same where there is little room.
    pub fn short(self) -> &'static str {
        match self {
            Standing::Unsure(doubt @ (Doubt::OtherShot | Doubt::OtherTime | Doubt::Unseen)) => doubt.short(),
            Standing::Unsure(Doubt::Dated) => "has a date",
            Standing::Unsure(Doubt::Colours) => "has colours",
            Standing::Unsure(Doubt::KeptIsFramed) => "framed there?",
            Standing::Unsure(Doubt::ShowsMore) => "cropped there?",
            Standing::Unsure(Doubt::Older) => "older",
            Standing::Smaller(Lack::Pixels) => "fewer pixels",
            Standing::Smaller(Lack::Detail) => "less sharp",
            Standing::Smaller(Lack::Bytes) => "compressed more",
            Standing::Smaller(Lack::Lossy) => "lossy there",
            Standing::Smaller(Lack::Colours) => "no colours there",
            Standing::Smaller(Lack::Date) => "no date there",
            standing => standing.reason(),
        }
    }

    /// Of two pictures that are alike, one of a card and one of the archive. None: both are still to be looked at.
    pub fn of(collection: &Collection, card: u32, archive: u32, likeness: Option<&Likeness>) -> Option<Standing> {
        if [card, archive].iter().any(|picture| collection.picture(*picture).facts.is_none()) {
            return Some(Standing::Unsure(Doubt::Unseen));
        }
        let towards = match judge(collection, archive, card, likeness) {
            Err(Doubt::Pending) => return None,
            Ok(CopyReason::Identical) => return Some(Standing::There(Some(CopyReason::Identical))),
            // The archive's file is the smaller one: its pixels are the same.
            Err(Doubt::SaysMore) => Ok(CopyReason::SamePixels),
            // Enlarged, perhaps of the card's: it need not be finer, only no coarser.
            Err(Doubt::NotFiner) => Ok(CopyReason::Smaller),
            judged => judged,
        };
        match towards {
            Ok(reason) => Some(match lack(collection, card, archive, reason) {
                Some(lack) => Standing::Smaller(lack),
                None => Standing::There(Some(reason)),
            }),
            // What more it holds nobody has compared.
            Err(Doubt::HoldsMore) => Some(Standing::Unsure(Doubt::HoldsMore)),
            // Another shot, unless pixels say that only the time was changed.
            Err(Doubt::OtherTime) => Some(match likeness.and_then(|likeness| likeness.distance) {
                Some((..=SAME_PIXELS, _)) => Standing::Unsure(Doubt::OtherTime),
                _ => Standing::New,
            }),
            Err(doubt) => Some(match judge(collection, card, archive, likeness) {
                Err(Doubt::Pending) => return None,
                Err(_) => Standing::Unsure(doubt),
                // That the archive's is a copy of the card's says what it lacks, never that it lacks nothing.
                Ok(_) if doubt == Doubt::Dated => Standing::Smaller(Lack::Date),
                Ok(_) if doubt == Doubt::Colours => Standing::Smaller(Lack::Colours),
                Ok(CopyReason::Recompressed) => Standing::Smaller(Lack::Bytes),
                Ok(CopyReason::Grey) => Standing::Smaller(Lack::Colours),
                Ok(CopyReason::Cut) => Standing::Smaller(Lack::Cropped),
                Ok(reason) => match lack(collection, card, archive, reason) {
                    Some(lack) => Standing::Smaller(lack),
                    // Turned, and written once more.
                    None if doubt == Doubt::Older => Standing::There(Some(reason)),
                    None => Standing::Unsure(doubt),
                },
            }),
        }
    }
}

/// What the archive's copy lacks, by what is known of both files.
fn lack(collection: &Collection, card: u32, archive: u32, reason: CopyReason) -> Option<Lack> {
    let facts = |picture: u32| collection.picture(picture).facts;
    let (own, other) = (facts(card)?, facts(archive)?);
    // Of the archive's picture the part that shows the card's.
    let shown = match (reason, collection.seen.cut(archive, card)) {
        (CopyReason::Cut, Some(Some(cut))) => cut.window.width * cut.window.height * other.pixels() as f64,
        _ => other.pixels() as f64,
    };
    // A part's edges are known to a pixel or two.
    let least = if reason == CopyReason::Cut { 0.97 } else { 1.0 };
    let bytes = |picture: u32| collection.image(picture).size as f64;
    let is_coarser = match collection.seen.close(card, archive) {
        Some(CloseLook::Same { finer }) => finer > MUCH_FINER,
        Some(CloseLook::Different) | None => false,
    };
    if shown < least * own.pixels() as f64 {
        Some(Lack::Pixels)
    } else if is_coarser {
        Some(Lack::Detail)
    } else if own.is_coloured() && 2 * u32::from(other.chroma) < u32::from(own.chroma) {
        Some(Lack::Colours)
    } else if own.is_lossless && !other.is_lossless {
        Some(Lack::Lossy)
    } else if !own.is_lossless && !other.is_lossless && bytes(archive) < RECOMPRESSED * bytes(card) {
        Some(Lack::Bytes)
    } else {
        None
    }
}
