//! Converts candle's errors into ours, and ours into candle's.

use std::io;

use crate::error::Error;
use crate::limits::Limit;

pub fn failed(error: candle_core::Error) -> Error {
    match &error {
        candle_core::Error::Io(cause) if let Some(limit) = Limit::of(cause) => Error::Limit(limit),
        _ => Error::Network(format!("the network failed: {error}")),
    }
}

/// In a form that candle passes on unchanged; of other errors it keeps only the text.
pub fn told(error: Error) -> candle_core::Error {
    match error {
        Error::Limit(limit) => io::Error::other(limit).into(),
        other => candle_core::Error::wrap(other),
    }
}
