//! What candle says went wrong, as an error of ours.

use crate::error::Error;

pub fn failed(error: candle_core::Error) -> Error {
    Error::Network(format!("the network failed: {error}"))
}
