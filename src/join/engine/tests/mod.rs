//! Compares the engine with the plain double loop, to the bit: whole joins and queries ([`joins`]), and its parts
//! ([`parts`]).

mod joins;
mod made;
mod parts;
