//! AMX itself. The only place that uses its registers.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::marker::PhantomData;
use std::sync::OnceLock;

use super::{InputParts, LANES, Matrices, MultiplyParts, WeightParts, check};

/// The processor has AMX with bfloat16, and the system lets this process use it.
#[derive(Clone, Copy, Debug)]
pub struct Tiles(());

/// CPUID leaf 7, EDX: AMX-BF16 and AMX-TILE.
const FEATURES: u32 = 1 << 22 | 1 << 24;

impl Tiles {
    /// None if the processor or the system lacks it.
    pub fn try_new() -> Option<Tiles> {
        static HERE: OnceLock<bool> = OnceLock::new();
        let here = || __cpuid_count(7, 0).edx & FEATURES == FEATURES && permitted();
        HERE.get_or_init(here).then_some(Tiles(()))
    }
}

/// Asks Linux for the registers, which it gives to processes that ask: their threads then have 8 KB more to save.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn permitted() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_long = 18;
    // SAFETY: the call takes two numbers and changes no memory. Where it is unknown, it fails.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 }
}

#[cfg(not(target_os = "linux"))]
fn permitted() -> bool {
    false
}

/// The operand of LDTILECFG.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

/// Eight registers of 16 rows of 64 bytes.
static EIGHT: Configuration = Configuration {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// This thread's registers, configured. Not [`Send`].
pub struct Registers(PhantomData<*const ()>);

impl Matrices for Tiles {
    type Ready = Registers;

    #[allow(unsafe_code)]
    fn ready(self) -> Registers {
        // SAFETY: `self` exists, so the processor has the instruction, and the system permits it. The operand is as the
        // processor's manual says; nothing else uses the registers: no compiler does so unasked.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &EIGHT, options(nostack, preserves_flags, readonly)) };
        Registers(PhantomData)
    }
}

impl Drop for Registers {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: as above. Without contents the system need not save them.
        unsafe { asm!("tilerelease", options(nostack, preserves_flags, nomem)) };
    }
}

impl MultiplyParts for Registers {
    fn multiply(&self, inputs: &[InputParts], weights: &[WeightParts], rows: usize, sums: &mut [f32], stride: usize) {
        check(inputs, weights, rows, sums, stride);
        match rows <= LANES {
            true => self.rows_16(inputs, weights, sums, stride),
            false => self.rows_32(inputs, weights, sums, stride),
        }
    }
}

/// Bytes of a row of a register.
const ROW: usize = 64;

/// Loads a part of the inputs' first 16 rows (register 4) or of the weights (6 and 7).
macro_rules! load {
    (first $part:literal) => {
        concat!("tileloadd tmm4, [{a} + {row} + ", $part, " * 2048]\n")
    };
    (second $part:literal) => {
        concat!("tileloadd tmm5, [{a} + {row} + ", $part, " * 2048 + 1024]\n")
    };
    (weights $part:literal) => {
        concat!(
            "tileloadd tmm6, [{b} + {row} + ",
            $part,
            " * 2048]\n",
            "tileloadd tmm7, [{b} + {row} + ",
            $part,
            " * 2048 + 1024]\n",
        )
    };
}

/// Products of the registers that are loaded.
macro_rules! add {
    (first) => {
        "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7\n"
    };
    (second) => {
        "tdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7\n"
    };
}

impl Registers {
    /// The first 16 rows by 32 outputs: two registers of sums.
    #[allow(unsafe_code)]
    fn rows_16(&self, inputs: &[InputParts], weights: &[WeightParts], sums: &mut [f32], stride: usize) {
        // SAFETY: the registers are configured. `check` has compared the lengths: the loop reads all of `inputs` and
        // `weights`, which have the same number of elements, and then writes 32 values each of 16 rows of `sums`.
        unsafe {
            asm!(
                "tilezero tmm0", "tilezero tmm1",
                "test {n}, {n}", "jz 3f",
                "2:",
                load!(first 0), load!(weights 2), add!(first),
                load!(weights 0), add!(first),
                load!(weights 1), add!(first),
                load!(first 1), add!(first),
                load!(weights 0), add!(first),
                load!(first 2), add!(first),
                "add {a}, 6144", "add {b}, 6144", "dec {n}", "jnz 2b",
                "3:",
                "tilestored [{s} + {stride}], tmm0", "tilestored [{s} + {stride} + 64], tmm1",
                a = inout(reg) inputs.as_ptr() => _,
                b = inout(reg) weights.as_ptr() => _,
                n = inout(reg) inputs.len() => _,
                s = in(reg) sums.as_mut_ptr(),
                row = in(reg) ROW,
                stride = in(reg) stride * size_of::<f32>(),
                out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }

    /// 32 rows by 32 outputs: four registers of sums.
    #[allow(unsafe_code)]
    fn rows_32(&self, inputs: &[InputParts], weights: &[WeightParts], sums: &mut [f32], stride: usize) {
        let first = sums.as_mut_ptr();
        // SAFETY: as above, with 32 rows of `sums`.
        unsafe {
            asm!(
                "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
                "test {n}, {n}", "jz 3f",
                "2:",
                load!(first 0), load!(second 0), load!(weights 2), add!(first), add!(second),
                load!(weights 0), add!(first), add!(second),
                load!(weights 1), add!(first), add!(second),
                load!(first 1), load!(second 1), add!(first), add!(second),
                load!(weights 0), add!(first), add!(second),
                load!(first 2), load!(second 2), add!(first), add!(second),
                "add {a}, 6144", "add {b}, 6144", "dec {n}", "jnz 2b",
                "3:",
                "tilestored [{s} + {stride}], tmm0", "tilestored [{s} + {stride} + 64], tmm1",
                "tilestored [{t} + {stride}], tmm2", "tilestored [{t} + {stride} + 64], tmm3",
                a = inout(reg) inputs.as_ptr() => _,
                b = inout(reg) weights.as_ptr() => _,
                n = inout(reg) inputs.len() => _,
                s = in(reg) first,
                t = in(reg) first.wrapping_add(LANES * stride),
                row = in(reg) ROW,
                stride = in(reg) stride * size_of::<f32>(),
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }
}
