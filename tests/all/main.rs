//! Tests what users rely on. One program, so that the library is linked once. Tests that need more than Rust and a C
//! compiler are in `tests/machine`.

mod alone;
mod cli;
mod clusters;
#[path = "../common/mod.rs"]
mod common;
mod duplicates;
mod endurance;
mod eval;
mod examples;
mod golden;
#[cfg(target_os = "linux")]
mod grid;
mod hostile;
mod house;
mod html;
mod identity;
mod index;
mod join;
mod kills;
mod limits;
mod links;
mod map;
mod marks;
mod nasty;
mod new;
mod preview;
#[path = "../common/pty.rs"]
mod pty;
mod query;
mod same_file;
mod shortage;
mod surroundings;
mod terminal;
mod torn;
mod words;
