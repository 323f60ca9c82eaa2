//! What candle says went wrong, as an error of ours; and the other way round, for what we tell it.

use std::io;

use crate::error::Error;
use crate::limits::Limit;

pub fn failed(error: candle_core::Error) -> Error {
    match &error {
        candle_core::Error::Io(cause) if let Some(limit) = Limit::of(cause) => Error::Limit(limit),
        _ => Error::Network(format!("the network failed: {error}")),
    }
}

/// As candle hands it on: of others it keeps the words only.
pub fn told(error: Error) -> candle_core::Error {
    match error {
        Error::Limit(limit) => io::Error::other(limit).into(),
        other => candle_core::Error::wrap(other),
    }
}
