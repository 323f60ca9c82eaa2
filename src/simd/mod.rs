//! The processor's vector instructions, for the network and for joins.
//!
//! [`Instructions`] is one of the sets that this processor has; [`Instructions::with`] hands work to it. What such work may
//! use: [`Kernel`] for float32, [`Integers`] for products of small integers. One source serves all sets, through the
//! `pulp` library.

mod floats;
mod instructions;
mod integers;
mod vectorize;

pub use floats::{Block, Kernel};
pub use instructions::{InstructionClass, Instructions, WithInstructions};
pub use integers::{Integers, KEYS, LINE, Line, Quads, Sums};
pub use vectorize::vectorize;
