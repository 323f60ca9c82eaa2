//! The screens: key select, results, a viewer, and joins of whole sets, in the terminal.
//!
//! In: datasets and settings. The loop ([`event_loop`]) takes one [`msg::Msg`] after another (keys, the mouse, what the
//! workers report), `App::update` turns it into a new state and tasks, and the screen is drawn from the state. Nothing
//! outside this module knows how a terminal works.

mod app;
mod event_loop;
mod frames;
mod handle;
mod indexing;
mod input;
mod joining;
mod keys;
mod live;
mod msg;
mod pictures;
pub mod probe;
#[cfg(any(test, fuzzing))]
pub mod rehearsal;
mod screens;
mod search;
mod selection;
mod set;
mod terminal;
mod theme;
pub mod tmux;
mod widgets;

pub use event_loop::run;

#[cfg(test)]
mod tests;
