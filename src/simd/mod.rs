//! The processor's vector instructions, for the network and for joins.
//!
//! [`Instructions`] is a set that this processor has; [`Instructions::with`] runs work with it. Such work uses
//! [`Kernel`] for float32, and [`Integers`] for products of small integers. A single source serves all sets, through
//! the `pulp` library. [`tiles`] multiplies whole matrices, where the processor can.

mod floats;
mod instructions;
mod integers;
pub mod prefetch;
pub mod tiles;
mod vectorize;

pub use floats::{Block, Kernel};
pub use instructions::{InstructionClass, Instructions, WithInstructions};
pub use integers::{Integers, KEYS, LINE, Line, Quads, Sums};
pub use vectorize::vectorize;
