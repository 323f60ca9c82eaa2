//! Whether a picture may be marked in favour of the kept one: only with evidence that it is a copy, not another shot of
//! the same scene, such as the next one of a burst. Similarity isn't evidence: consecutive video frames are more
//! similar than a picture and its recompressed copy.

use std::cmp::Ordering;

use super::collection::Collection;
use super::fineness::Fineness;
use super::keep::time_ns;
use super::seen_pairs::{CloseLook, PartLook};
use super::settings::HASH_LIMIT;
use super::similar::Likeness;
use super::window::most_different;
use crate::dataset::{Facts, FileFormat, Sameness};

/// Why a picture may be marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyReason {
    Identical,
    /// The same pixels in the same format. The files differ in other ways, and the kept one isn't smaller.
    SamePixels,
    /// The same pixels in another orientation.
    Turned,
    /// The same pixels in another format.
    Format,
    /// The same pixels, scaled down.
    Smaller,
    /// The kept one is the same, scaled down.
    Larger,
    /// A part of the kept one.
    Cut,
    /// The same pixels without colours.
    Grey,
    /// The same pixels in far fewer bytes.
    Recompressed,
}

/// Why a picture isn't marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is similar to another one of the group, but not to the kept one.
    NotLikeKept,
    /// It is in a folder where everything is kept.
    Protected,
    /// The same file by another path.
    SameFile,
    /// It contains an animation, further pages, pictures or layers, which weren't compared.
    HoldsMore,
    /// One of the two is a camera's RAW file, of which only a preview was compared; the other may have been developed
    /// from it.
    OfRaw,
    /// By EXIF, it was taken at another time.
    OtherTime,
    /// It has the time it was taken; the kept one doesn't.
    Dated,
    /// It tells where it was taken; the kept one doesn't.
    Placed,
    /// It has a caption, tags or a rating; the kept one has none.
    Described,
    /// Similar, but without evidence of a copy: another shot, or an edited one.
    OtherShot,
    /// It is grey, and the colours of the kept one follow from its brightness; or the other way round.
    Toned,
    /// They differ in one place.
    Retouched,
    /// The kept one shows less.
    ShowsMore,
    /// The kept one is this one with a frame of a single colour.
    KeptIsFramed,
    /// The kept one has more pixels but no finer detail: it may be an enlarged copy.
    NotFiner,
    /// The kept one shows less detail: it may have been made from a worse copy.
    Finer,
    /// Both formats preserve every pixel, or hold few colours, but the pixels differ: one was changed.
    OtherPixels,
    /// The same picture and older: the kept one may have been turned or saved again, with more bytes.
    Older,
    /// The same pixels, but a larger file: it may hold more information.
    SaysMore,
    /// It has colours, the kept one has none.
    Colours,
    /// Some of its pixels aren't opaque, all of the kept one's are.
    Transparent,
    /// Its samples have more than 8 bits, the kept one's don't.
    Deep,
    /// An older version indexed it, and it wasn't looked at since.
    Unseen,
    /// Whether it shows the same as the kept one, or a part of it, is not checked yet.
    Pending,
}

impl CopyReason {
    pub fn text(self) -> &'static str {
        match self {
            CopyReason::Identical => "identical",
            CopyReason::SamePixels => "same pixels",
            CopyReason::Turned => "rotated/mirrored",
            CopyReason::Format => "other format",
            CopyReason::Smaller => "smaller",
            CopyReason::Larger => "larger",
            CopyReason::Cut => "cropped",
            CopyReason::Grey => "grey",
            CopyReason::Recompressed => "recompressed",
        }
    }
}

impl Doubt {
    pub fn text(self) -> &'static str {
        match self {
            Doubt::NotLikeKept => "not like the kept one",
            Doubt::Protected => "protected",
            Doubt::SameFile => "the same file",
            Doubt::HoldsMore => "holds more",
            Doubt::OfRaw => "pair with a RAW file",
            Doubt::OtherTime => "taken at another time",
            Doubt::Dated => "has a date",
            Doubt::Placed => "has a place",
            Doubt::Described => "has a caption or tags",
            Doubt::OtherShot => "perhaps another shot",
            Doubt::Toned => "one may be toned",
            Doubt::Retouched => "one may be retouched",
            Doubt::ShowsMore => "shows more",
            Doubt::KeptIsFramed => "kept one has a frame",
            Doubt::NotFiner => "kept one isn't sharper",
            Doubt::Finer => "has finer detail",
            Doubt::OtherPixels => "pixels differ",
            Doubt::Older => "older than the kept one",
            Doubt::SaysMore => "same pixels, larger file",
            Doubt::Colours => "has colours",
            Doubt::Transparent => "has transparency",
            Doubt::Deep => "has more bits",
            Doubt::Unseen => "not looked at yet",
            Doubt::Pending => "being looked at",
        }
    }

    /// A shorter text, for little room.
    pub fn short(self) -> &'static str {
        match self {
            Doubt::NotLikeKept => "unlike the kept",
            Doubt::OfRaw => "RAW + picture",
            Doubt::OtherTime => "another time",
            Doubt::Described => "has tags",
            Doubt::OtherShot => "another shot?",
            Doubt::Toned => "toned?",
            Doubt::Retouched => "retouched?",
            Doubt::KeptIsFramed => "kept is framed",
            Doubt::NotFiner => "kept not sharper",
            Doubt::Older => "older",
            Doubt::SaysMore => "larger file",
            Doubt::Unseen => "not looked at",
            other => other.text(),
        }
    }
}

/// The most bits of the small hash that differ after mere compression and scaling, except for tiny pictures.
pub const SAME_PIXELS: u8 = 10;
/// The extra distance when upright that shows that one was turned or mirrored.
const TURNED: u8 = 30;
/// A recompressed copy has at most this share of the bytes.
pub const RECOMPRESSED: f64 = 0.6;
/// If two small pictures differ by no more grey levels, their files are compared. Measured (docs/quality.md): copies
/// differ by 6, scaled ones by 15, tiny ones by up to 27.
const WORTH_A_LOOK: f64 = 30.0;
/// If a picture's detail is this much finer than another's, it shows more, whatever its number of pixels.
const FINER: f64 = 1.05;
/// The window of a crop that wasn't scaled has at least this share of the crop's pixels: edges are known to a pixel or two.
pub const AS_MANY_PIXELS: f64 = 0.97;

/// The reason to mark `picture` where `kept` is kept, or the doubt. `likeness`: of their contents, if within range.
pub fn judge(
    collection: &Collection,
    kept: u32,
    picture: u32,
    likeness: Option<&Likeness>,
) -> Result<CopyReason, Doubt> {
    let (file, kept_file) = (collection.image(picture), collection.image(kept));
    if file.compare(kept_file) != Sameness::Different {
        return Err(Doubt::SameFile);
    }
    if collection.content_of(kept) == collection.content_of(picture) {
        return Ok(CopyReason::Identical);
    }
    let likeness = likeness.ok_or(Doubt::NotLikeKept)?;
    let (Some(facts), Some(kept_facts)) = (collection.picture(picture).facts, collection.picture(kept).facts) else {
        return Err(Doubt::Unseen);
    };
    match (facts.format, kept_facts.format) {
        // A RAW file and a picture from it are a pair: both stay.
        (FileFormat::Raw, FileFormat::Raw) => {}
        (FileFormat::Raw, _) | (_, FileFormat::Raw) => return Err(Doubt::OfRaw),
        _ => {}
    }
    if facts.holds_more {
        return Err(Doubt::HoldsMore);
    }
    match (facts.taken, kept_facts.taken) {
        (Some(_), None) => return Err(Doubt::Dated),
        (Some(taken), Some(kept)) if taken != kept => return Err(Doubt::OtherTime),
        _ => {}
    }
    match (facts.notes, kept_facts.notes) {
        (Some(own), Some(kept)) if own.has_words && !kept.has_words => return Err(Doubt::Described),
        (Some(own), Some(kept)) if own.has_place && !kept.has_place => return Err(Doubt::Placed),
        _ => {}
    }
    if facts.is_coloured() && kept_facts.is_grey() {
        return Err(Doubt::Colours);
    }
    let is_older = time_ns(collection, picture) < time_ns(collection, kept);
    if may_have_same_pixels(collection, kept, picture) {
        match collection.seen.have_same_pixels(kept, picture) {
            None => return Err(Doubt::Pending),
            Some(true) if facts.format != kept_facts.format && is_older => return Err(Doubt::Older),
            Some(true) if facts.format != kept_facts.format => return Ok(CopyReason::Format),
            Some(true) if file.size <= kept_file.size => return Ok(CopyReason::SamePixels),
            Some(true) => return Err(Doubt::SaysMore),
            Some(false) => {}
        }
    }
    let is_other_size = edges(&facts) != edges(&kept_facts);
    let look = match collection.seen.close(kept, picture) {
        Some(look) => look,
        None if may_be_the_same(collection, kept, picture) => return Err(Doubt::Pending),
        None => CloseLook::Different,
    };
    // Which content is the first of the pair.
    let [first, second] = likeness.in_frame;
    let [has_frame, kept_has_frame] =
        if likeness.contents.0 == collection.content_of(picture) { [first, second] } else { [second, first] };
    let fineness = match look {
        CloseLook::Same(_) | CloseLook::Toned | CloseLook::Retouched => same(look)?,
        // Known without comparing the files again.
        CloseLook::Different if kept_has_frame && !has_frame => return Err(Doubt::KeptIsFramed),
        CloseLook::Different if has_frame && !kept_has_frame => return Err(Doubt::ShowsMore),
        // A camera that moved a little shows another window of the same size.
        CloseLook::Different if !is_other_size => return Err(Doubt::OtherShot),
        CloseLook::Different => match by_window(collection, kept, picture)? {
            ShownPart::Part(PartLook { cut, fineness }) => {
                lost(&fineness)?;
                let scale = cut.window.share() * kept_facts.pixels() as f64 / facts.pixels() as f64;
                return match () {
                    () if fineness.is_poorer() || scale < AS_MANY_PIXELS => Err(Doubt::Finer),
                    () if scale * AS_MANY_PIXELS <= 1.0 => Ok(CopyReason::Cut),
                    () if fineness.sharper < FINER => Err(Doubt::NotFiner),
                    () if is_older => Err(Doubt::Older),
                    () => Ok(CopyReason::Cut),
                };
            }
            ShownPart::All(fineness) => fineness,
        },
    };
    lost(&fineness)?;
    let is_poorer = fineness.is_poorer();
    if kept_facts.pixels() > facts.pixels() && (fineness.sharper < FINER || is_poorer) {
        return Err(Doubt::NotFiner);
    }
    let is_turned = likeness.distance.is_some_and(|(distance, upright)| upright - distance >= TURNED);
    if !is_other_size && are_changed(&facts, &kept_facts, is_turned) {
        return Err(Doubt::OtherPixels);
    }
    if !is_other_size && is_poorer {
        return Err(Doubt::Finer);
    }
    let reason = match () {
        () if is_turned => CopyReason::Turned,
        () if facts.format != kept_facts.format => CopyReason::Format,
        () if is_other_size && facts.pixels() > kept_facts.pixels() => CopyReason::Larger,
        () if is_other_size => CopyReason::Smaller,
        () if facts.is_grey() && kept_facts.is_coloured() => CopyReason::Grey,
        () if file.size as f64 <= RECOMPRESSED * kept_file.size as f64 => CopyReason::Recompressed,
        () => return Err(Doubt::OtherShot),
    };
    // Enlarged and sharpened, a copy may look finer than what it was made of.
    let is_enlarged = kept_facts.pixels() > facts.pixels();
    if (is_enlarged || !is_other_size) && is_older {
        return Err(Doubt::Older);
    }
    Ok(reason)
}

/// A doubt if the kept one, relative to the picture, lacks something that no comparison of opaque 8-bit pixels shows.
fn lost(kept: &Fineness) -> Result<(), Doubt> {
    match (kept.transparent, kept.deep) {
        (Ordering::Less, _) => Err(Doubt::Transparent),
        (_, Ordering::Less) => Err(Doubt::Deep),
        _ => Ok(()),
    }
}

/// Whether two pictures may be the same apart from scale, compression and orientation, judged without their files.
pub fn may_be_the_same(collection: &Collection, a: u32, b: u32) -> bool {
    let [a, b] = [a, b].map(|at| &collection.picture(at).row);
    let distance = a.hash().zip(b.hash()).and_then(|(a, b)| a.distance_turned(b));
    distance.is_some_and(|distance| distance <= HASH_LIMIT)
        && a.small_picture().zip(b.small_picture()).is_some_and(|(a, b)| most_different(a, b) <= WORTH_A_LOOK)
}

/// Whether two pictures may have the same pixels, judged without their files.
pub fn may_have_same_pixels(collection: &Collection, a: u32, b: u32) -> bool {
    let [a, b] = [a, b].map(|at| collection.picture(at));
    let format = |facts: Facts| if facts.is_lossless { FileFormat::Other } else { facts.format };
    let of_pixels =
        |facts: Facts| Facts { taken: None, notes: None, holds_more: false, format: format(facts), ..facts };
    a.facts.map(of_pixels) == b.facts.map(of_pixels)
        && a.row.hash().is_some()
        && a.row.hash() == b.row.hash()
        && a.row.small_picture() == b.row.small_picture()
}

/// How fine the kept one is if both show the same, or why they don't.
fn same(look: CloseLook) -> Result<Fineness, Doubt> {
    match look {
        CloseLook::Same(fineness) => Ok(fineness),
        CloseLook::Toned => Err(Doubt::Toned),
        CloseLook::Retouched => Err(Doubt::Retouched),
        CloseLook::Different => Err(Doubt::OtherShot),
    }
}

/// The part of the kept one shown.
enum ShownPart {
    All(Fineness),
    Part(PartLook),
}

/// Whether one is a crop of the other, as far as checked.
fn by_window(collection: &Collection, kept: u32, picture: u32) -> Result<ShownPart, Doubt> {
    let seen = &collection.seen;
    let (Some(in_kept), Some(around)) = (seen.cut(kept, picture), seen.cut(picture, kept)) else {
        return Err(Doubt::Pending);
    };
    match (in_kept, around) {
        (Some(look), _) if look.cut.window.is_whole() => {
            same(seen.close(kept, picture).ok_or(Doubt::Pending)?).map(ShownPart::All)
        }
        // An apparent frame may be the background that the crop cut off.
        (Some(look), _) if look.cut.is_framed => Err(Doubt::KeptIsFramed),
        (Some(look), _) => Ok(ShownPart::Part(look)),
        (None, Some(_)) => Err(Doubt::ShowsMore),
        (None, None) => Err(Doubt::OtherShot),
    }
}

/// Of two pictures of one size whose pixels differ: whether neither can be a mere copy of the other by its format. A
/// copy in a lossless format has the same pixels, unless it was turned; one in GIF, of few colours, is worse than its
/// original.
fn are_changed(facts: &Facts, kept: &Facts, is_turned: bool) -> bool {
    let is_gif = |facts: &Facts| facts.format == FileFormat::Gif;
    let is_made_grey = facts.is_grey() && kept.is_coloured();
    match (is_gif(facts), is_gif(kept)) {
        (false, true) => true,
        (true, false) => false,
        _ => facts.is_lossless && kept.is_lossless && !is_made_grey && !is_turned,
    }
}

/// The longer and the shorter edge: a camera held upright takes pictures of the same size.
fn edges(facts: &Facts) -> (u32, u32) {
    (facts.width.max(facts.height), facts.width.min(facts.height))
}
