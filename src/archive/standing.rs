//! The standing of a card's picture relative to the archive.

use crate::duplicates::{
    AS_MANY_PIXELS, CloseLook, Collection, CopyReason, Doubt, Fineness, Likeness, RECOMPRESSED, SAME_PIXELS, judge,
};

/// A copy with a ratio this high lacks detail: one enlarged from half the size has a third of the sharpness, one merely
/// interpolated during enlarging up to a tenth less (docs/side-by-side.md).
const MUCH_FINER: f64 = 1.25;

/// Whether a picture is in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing there is similar.
    New,
    /// Something is similar, but there is no evidence of a copy.
    Unsure(Doubt),
    /// A worse copy is there.
    Smaller(Lack),
    /// It is there byte for byte, or as a copy that is no worse. Without a reason: its similarity was declared
    /// sufficient.
    There(Option<CopyReason>),
    /// It can't be read, so nobody knows.
    Unreadable,
}

/// The same without reasons, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StandingKind {
    New,
    Unsure,
    Smaller,
    There,
    Unreadable,
}

/// What the archive's copy lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    Pixels,
    /// It has as many pixels but shows less: it was enlarged, or blurred.
    Detail,
    /// Compressed much more.
    Bytes,
    /// Its format is lossy; the card's is lossless.
    Lossy,
    Colours,
    /// It shows a part.
    Cropped,
    /// It no longer has the EXIF time it was taken.
    Date,
    /// The same for where it was taken.
    Place,
    /// The same for its caption, tags or rating.
    Words,
}

impl StandingKind {
    pub const ALL: [StandingKind; 5] =
        [StandingKind::New, StandingKind::Unsure, StandingKind::Smaller, StandingKind::There, StandingKind::Unreadable];

    /// Its name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            StandingKind::New => "new",
            StandingKind::Unsure => "unsure",
            StandingKind::Smaller => "smaller",
            StandingKind::There => "there",
            StandingKind::Unreadable => "unreadable",
        }
    }

    /// Its name in text.
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
            Lack::Place => "without its place there",
            Lack::Words => "without its caption or tags there",
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

    /// The reason; empty if the kind says everything.
    pub fn reason(self) -> &'static str {
        match self {
            Standing::New | Standing::Unreadable => "",
            Standing::Unsure(doubt) => match doubt {
                Doubt::KeptIsFramed => "there with a frame, perhaps",
                Doubt::Dated => "has a date; the one there has none",
                Doubt::Transparent => "has transparency; the one there has none",
                Doubt::Deep => "has more bits than the one there",
                Doubt::Placed => "has a place; the one there has none",
                Doubt::Described => "has a caption or tags; the one there has none",
                Doubt::ShowsMore => "there cropped, perhaps",
                Doubt::Colours => "has colours; the one there has none",
                Doubt::Older => "older than the one there",
                Doubt::Finer => "finer detail than the one there",
                doubt => doubt.text(),
            },
            Standing::Smaller(lack) => lack.text(),
            Standing::There(None) => "similar enough, by --range",
            Standing::There(Some(reason)) => match reason {
                CopyReason::Smaller => "smaller on the card",
                CopyReason::Larger => "larger on the card",
                CopyReason::Cut => "cropped on the card",
                CopyReason::Grey => "grey on the card",
                reason => reason.text(),
            },
        }
    }

    /// A shorter text, for little room.
    pub fn short(self) -> &'static str {
        match self {
            Standing::Unsure(
                doubt @ (Doubt::OtherShot
                | Doubt::OtherTime
                | Doubt::Unseen
                | Doubt::Toned
                | Doubt::Retouched
                | Doubt::Dated
                | Doubt::Placed
                | Doubt::Described
                | Doubt::Colours
                | Doubt::Transparent
                | Doubt::Deep
                | Doubt::Older),
            ) => doubt.short(),
            Standing::Unsure(Doubt::KeptIsFramed) => "framed there?",
            Standing::Unsure(Doubt::ShowsMore) => "cropped there?",
            Standing::Unsure(Doubt::Finer) => "finer detail",
            Standing::Smaller(Lack::Pixels) => "fewer pixels",
            Standing::Smaller(Lack::Detail) => "less sharp",
            Standing::Smaller(Lack::Bytes) => "compressed more",
            Standing::Smaller(Lack::Lossy) => "lossy there",
            Standing::Smaller(Lack::Colours) => "no colours there",
            Standing::Smaller(Lack::Date) => "no date there",
            Standing::Smaller(Lack::Place) => "no place there",
            Standing::Smaller(Lack::Words) => "no tags there",
            Standing::There(Some(CopyReason::Smaller)) => "smaller on card",
            Standing::There(Some(CopyReason::Larger)) => "larger on card",
            Standing::There(Some(CopyReason::Cut)) => "cropped on card",
            standing => standing.reason(),
        }
    }

    /// The standing for two similar pictures, one of the card and one of the archive. None: they must be compared
    /// first.
    pub fn of(collection: &Collection, card: u32, archive: u32, likeness: Option<&Likeness>) -> Option<Standing> {
        if [card, archive].iter().any(|picture| collection.picture(*picture).facts.is_none()) {
            return Some(Standing::Unsure(Doubt::Unseen));
        }
        let pixels = |picture: u32| collection.picture(picture).facts.map(|facts| facts.pixels());
        let judged = judge(collection, archive, card, likeness);
        let is_part = collection.seen.cut(archive, card).flatten().is_some_and(|look| !look.cut.window.is_whole());
        let towards = match judged {
            Err(Doubt::Pending) => return None,
            Ok(CopyReason::Identical) => return Some(Standing::There(Some(CopyReason::Identical))),
            // The archive's file is the smaller one, with the same pixels.
            Err(Doubt::SaysMore) => Ok(CopyReason::SamePixels),
            // Enlarged, perhaps from the card's: it need not be finer, only no coarser.
            Err(Doubt::NotFiner) => Ok(if is_part { CopyReason::Cut } else { CopyReason::Smaller }),
            judged => judged,
        };
        match towards {
            Ok(reason) => Some(match lack(collection, card, archive, reason) {
                Some(lack) => Standing::Smaller(lack),
                None => Standing::There(Some(reason)),
            }),
            // Its additional contents weren't compared.
            Err(Doubt::HoldsMore) => Some(Standing::Unsure(Doubt::HoldsMore)),
            // A crop of a worse copy.
            Err(Doubt::Finer) if is_part => Some(match lack(collection, card, archive, CopyReason::Cut) {
                Some(lack) => Standing::Smaller(lack),
                None => Standing::Unsure(Doubt::Finer),
            }),
            // Another shot, unless the pixels show that only the time was changed.
            Err(Doubt::OtherTime) => Some(match likeness.and_then(|likeness| likeness.distance) {
                Some((..=SAME_PIXELS, _)) => Standing::Unsure(Doubt::OtherTime),
                _ => Standing::New,
            }),
            Err(doubt) => Some(match judge(collection, card, archive, likeness) {
                Err(Doubt::Pending) => return None,
                Err(_) => Standing::Unsure(doubt),
                // Evidence that the archive's is a copy shows what it lacks, never that it lacks nothing.
                Ok(_) if doubt == Doubt::Dated => Standing::Smaller(Lack::Date),
                Ok(_) if doubt == Doubt::Placed => Standing::Smaller(Lack::Place),
                Ok(_) if doubt == Doubt::Described => Standing::Smaller(Lack::Words),
                Ok(_) if doubt == Doubt::Colours => Standing::Smaller(Lack::Colours),
                Ok(CopyReason::Recompressed) => Standing::Smaller(Lack::Bytes),
                Ok(CopyReason::Grey) => Standing::Smaller(Lack::Colours),
                Ok(CopyReason::Cut) => Standing::Smaller(Lack::Cropped),
                Ok(reason) => match lack(collection, card, archive, reason) {
                    Some(lack) => Standing::Smaller(lack),
                    // Turned, and saved again; unless it was enlarged.
                    None if doubt == Doubt::Older && pixels(card) == pixels(archive) => Standing::There(Some(reason)),
                    None => Standing::Unsure(doubt),
                },
            }),
        }
    }
}

/// What the archive's copy lacks, by the facts of both files.
fn lack(collection: &Collection, card: u32, archive: u32, reason: CopyReason) -> Option<Lack> {
    let facts = |picture: u32| collection.picture(picture).facts;
    let (own, other) = (facts(card)?, facts(archive)?);
    let bytes = |picture: u32| collection.image(picture).size as f64;
    // What shows the card's picture: a window, whose edges are only known to a pixel or two, or all of it.
    let (share, least, there) = match (reason, collection.seen.cut(archive, card), collection.seen.close(archive, card))
    {
        (CopyReason::Cut, Some(Some(look)), _) => (look.cut.window.share(), AS_MANY_PIXELS, look.fineness),
        (.., Some(CloseLook::Same(fineness))) => (1.0, 1.0, fineness),
        _ => (1.0, 1.0, Fineness::EQUAL),
    };
    let shown = share * other.pixels() as f64;
    // Of another size, detail differs by the scaling alone.
    let is_scaled = shown < least * own.pixels() as f64 || least * shown > own.pixels() as f64;
    let is_coarser = match is_scaled {
        true => there.sharper * MUCH_FINER < 1.0 || there.richer * MUCH_FINER < 1.0 || there.has_coarser_colours(),
        false => there.is_poorer(),
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
