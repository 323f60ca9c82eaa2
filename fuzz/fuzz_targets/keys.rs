//! Bytes are read as actions of a user, the terminal and the workers. The state must stay consistent, and drawable.

#![no_main]

use libfuzzer_sys::fuzz_target;
use simages::tui::rehearsal::play;

fuzz_target!(|bytes: &[u8]| play(bytes));
