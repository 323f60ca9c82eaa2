//! Any bytes as what a user, the terminal and the workers do: the state stays consistent, and can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use simages::tui::rehearsal::play;

fuzz_target!(|bytes: &[u8]| play(bytes));
