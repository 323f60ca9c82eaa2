//! The building blocks of screens.

pub mod bars;
pub mod facts;
pub mod grid;
pub mod panels;
pub mod picture;
pub mod prompt;
pub mod text;
pub mod welcome;
