//! Why a picture can't be read, worded to stand beside its name.

use std::io::{self, ErrorKind};

use super::part::PicturePart;
use crate::error::in_words;
use crate::limits::Limit;

/// How a video is described.
pub const A_FILM: &str = "a video";

#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the file is empty")]
    Empty,
    #[error("not a regular file")]
    NotAFile,
    #[error("{0} bytes: too large for a picture")]
    TooManyBytes(u64),
    #[error("the file ends too early; it is damaged or was not copied completely")]
    EndsEarly,
    /// A format that we recognize but can't decode.
    #[error("{0} is not supported; convert it to JPEG or PNG")]
    Unsupported(&'static str),
    #[error("{A_FILM} ({0}), not a picture")]
    Film(&'static str),
    #[error("not a picture we can read ({0})")]
    Unknown(String),
    #[error("{0} x {1} pixels: an empty picture")]
    NoPixels(u32, u32),
    #[error("{0} x {1} pixels: too many")]
    TooManyPixels(u32, u32),
    #[error("the part {0} is outside the picture, which has {1} x {2} pixels")]
    OutsideOfIt(PicturePart, u32, u32),
    #[error("too large to decode")]
    TooLarge,
    #[error("damaged, or not in {format} format{detail}")]
    Damaged { format: String, detail: String },
    /// The content says that it has this format.
    #[error("{format}, but damaged{detail}")]
    Broken { format: &'static str, detail: String },
    #[error("damaged: the content makes no sense")]
    Garbled,
    /// The decoder panicked.
    #[error("the decoder failed on it")]
    DecoderFailed,
    #[error("decoding it took more than {0} s: it may be damaged")]
    TookTooLong(u64),
    #[error("no progress for {0} s: the disk, the network or the decoder hangs")]
    Hangs(u64),
    /// The result is no longer wanted.
    #[error("cancelled")]
    Cancelled,
    #[error("its descriptor is not finite")]
    NotFinite,
    /// Not the picture's fault.
    #[error("{0}")]
    Limit(#[source] Limit),
    #[error("{}", in_words(.0))]
    Io(#[source] io::Error),
    #[error("{0}")]
    Other(String),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Unreadable {
        match error.kind() {
            ErrorKind::UnexpectedEof => Unreadable::EndsEarly,
            _ if let Some(limit) = Limit::of(&error) => Unreadable::Limit(limit),
            // The system's own error.
            _ if error.get_ref().is_none() => Unreadable::Io(error),
            _ => {
                tracing::debug!(%error, "a decoder's");
                Unreadable::Garbled
            }
        }
    }
}
