//! The processor's instruction sets, and the only place that dispatches work to one of them.

use super::floats::Kernel;
use super::integers::{Integers, Plain};
use super::tiles::Tiles;

/// An instruction set of this processor.
#[derive(Clone, Copy, Debug)]
pub enum Instructions {
    /// Whatever the compiler makes of plain loops; works everywhere.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    /// AVX-512, and products of matrices for the network. Only if asked for: most machines of a cluster lack it, and
    /// its descriptors' last digits differ from theirs.
    #[cfg(target_arch = "x86_64")]
    Amx(pulp::x86::V4, Tiles),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
}

impl Instructions {
    /// All that this processor has: default ones, fastest first, then those used only if asked for.
    pub fn available() -> Vec<Instructions> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut))]
        let mut available = Instructions::by_default();
        #[cfg(target_arch = "x86_64")]
        if let (Some(v4), Some(tiles)) = (pulp::x86::V4::try_new(), Tiles::try_new()) {
            available.push(Instructions::Amx(v4, tiles));
        }
        available
    }

    /// Those that are used without being asked for, the fastest first.
    fn by_default() -> Vec<Instructions> {
        let mut available = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            available.extend(pulp::x86::V4::try_new().map(Instructions::Avx512));
            available.extend(pulp::x86::V3::try_new().map(Instructions::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        available.extend(pulp::aarch64::Neon::try_new().map(Instructions::Neon));
        available.push(Instructions::Portable);
        available
    }

    pub fn fastest() -> Instructions {
        Instructions::by_default()[0]
    }

    /// The one called `name`, if this processor has it.
    pub fn named(name: &str) -> Option<Instructions> {
        Instructions::available().into_iter().find(|i| i.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Instructions::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(_) => "avx512",
            #[cfg(target_arch = "x86_64")]
            Instructions::Amx(..) => "amx",
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(_) => "neon",
        }
    }

    /// The class of sets that compute bit-identical descriptors.
    pub fn class(self) -> InstructionClass {
        match self {
            Instructions::Portable => InstructionClass::Portable,
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(_) | Instructions::Avx512(_) => InstructionClass::Avx,
            #[cfg(target_arch = "x86_64")]
            Instructions::Amx(..) => InstructionClass::Amx,
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(_) => InstructionClass::Neon,
        }
    }

    /// Whether it is used only if asked for.
    pub fn is_only_if_asked(self) -> bool {
        self.tiles().is_some()
    }

    /// The unit that multiplies matrices, if this set has one.
    pub fn tiles(self) -> Option<Tiles> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Instructions::Amx(_, tiles) => Some(tiles),
            _ => None,
        }
    }

    /// Runs `work` with this instruction set.
    pub fn with<W: WithInstructions>(self, work: W) -> W::Output {
        match self {
            Instructions::Portable => work.call(pulp::Scalar256b, Plain(pulp::Scalar256b)),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(v3) => match super::integers::x86::AvxVnni::try_new(v3) {
                Some(vnni) => work.call(v3, vnni),
                None => work.call(v3, v3),
            },
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(v4) | Instructions::Amx(v4, _) => match super::integers::x86::Vnni::try_new() {
                Some(vnni) => work.call(v4, vnni),
                None => work.call(v4, v4),
            },
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(neon) => match super::integers::aarch64::DotProd::try_new(neon) {
                Some(dot_prod) => work.call(neon, dot_prod),
                None => work.call(neon, Plain(neon)),
            },
        }
    }
}

/// Instruction sets whose descriptors are bit-identical. Different classes differ in the last digits, because they add
/// in another order or round less often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionClass {
    Avx,
    Portable,
    Neon,
    Amx,
}

impl InstructionClass {
    /// Rows name a class by its index.
    pub const ALL: [InstructionClass; 4] =
        [InstructionClass::Avx, InstructionClass::Portable, InstructionClass::Neon, InstructionClass::Amx];

    pub fn name(self) -> &'static str {
        match self {
            InstructionClass::Avx => "avx",
            InstructionClass::Portable => "portable",
            InstructionClass::Neon => "neon",
            InstructionClass::Amx => "amx",
        }
    }
}

/// Work for any instruction set: with its float32 vectors, its small integers, or both.
pub trait WithInstructions {
    type Output;
    fn call<F: Kernel, I: Integers>(self, floats: F, integers: I) -> Self::Output;
}
