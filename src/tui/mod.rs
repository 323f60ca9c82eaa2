//! The screens: key select, results, a viewer, joins of whole datasets, and more, in the terminal.
//!
//! Input: datasets and settings. The loop (`event_loop`) takes one `Msg` after another (keys, the mouse,
//! reports of workers), `App::update` turns it into a new state and tasks, and the screen is drawn from the state. A
//! screen, or a layer over it, is a scene (`scene`); all scenes share one `world`.

mod act;
mod app;
mod asked_once;
mod backend;
mod couples;
mod display;
mod draw;
mod event_loop;
mod frames;
mod growth;
mod input;
mod jobs;
mod keeping;
mod key_pictures;
mod keys;
mod live;
mod marks;
mod meanings;
mod msg;
mod opened;
mod pairs;
mod parts;
mod pictures;
mod piped_keys;
mod purpose;
#[cfg(test)]
mod readable;
#[cfg(any(test, fuzzing))]
pub mod rehearsal;
mod scene;
mod scenes;
mod screens;
mod search;
mod selection;
mod set;
mod settings;
mod stdout;
mod theme;
mod trail;
mod whole_sets;
mod widgets;
mod workers;
mod world;

pub use event_loop::run;
pub use marks::LeftMarks;
pub use screens::Screens;

#[cfg(test)]
mod tests;
