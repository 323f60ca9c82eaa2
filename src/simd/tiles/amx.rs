//! AMX itself. The only place that uses its registers.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::marker::PhantomData;
use std::sync::OnceLock;

use super::{LANES, Matrices, Multiply, OUTPUTS, Pairs, Product, ROWS};

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
        // processor's manual says; the registers are nobody else's, for no compiler uses them unasked.
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

/// Loads both registers of a matrix of 32 rows (4 and 5) or of 32 outputs (6 and 7).
macro_rules! load {
    (upper inputs) => {
        "tileloadd tmm4, [{at} + {row}]\ntileloadd tmm5, [{at} + {row} + 1024]\n"
    };
    (lower inputs) => {
        "tileloadd tmm4, [{low} + {row}]\ntileloadd tmm5, [{low} + {row} + 1024]\n"
    };
    (upper weights) => {
        "tileloadd tmm6, [{weights} + {row}]\ntileloadd tmm7, [{weights} + {row} + 1024]\n"
    };
    (lower weights) => {
        "tileloadd tmm6, [{weights} + {row} + 2048]\ntileloadd tmm7, [{weights} + {row} + 3072]\n"
    };
}

/// Adds the products of the registers that are loaded.
macro_rules! add {
    () => {
        "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7\ntdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7\n"
    };
}

impl Multiply for Registers {
    #[allow(unsafe_code)]
    fn multiply(&self, product: Product, sums: &mut [[f32; OUTPUTS]; ROWS]) {
        product.check();
        let Product { inputs, lower, first, steps, weights } = product;
        let first = inputs[first..].as_ptr();
        let sums = sums.as_mut_ptr();
        // SAFETY: the registers are configured. For each step the loop reads its element of `weights`, and 32 rows each
        // of upper and of lower parts at an offset from `first`: `check` has seen that the furthest are within `inputs`,
        // and that there are as many weights as steps. It then writes all of `sums`.
        unsafe {
            asm!(
                "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
                "test {n}, {n}", "jz 3f",
                "2:",
                "mov {at}, [{offsets}]", "add {at}, {first}", "lea {low}, [{at} + {lower}]",
                load!(lower inputs), load!(upper weights), add!(),
                load!(upper inputs), add!(),
                load!(lower weights), add!(),
                "add {offsets}, 8", "add {weights}, 4096", "dec {n}", "jnz 2b",
                "3:",
                "lea {row}, [{row} + {row}]",
                "tilestored [{sums} + {row}], tmm0", "tilestored [{sums} + {row} + 64], tmm1",
                "tilestored [{sums} + {row} + 2048], tmm2", "tilestored [{sums} + {row} + 2112], tmm3",
                first = in(reg) first,
                lower = in(reg) lower * size_of::<Pairs>(),
                offsets = inout(reg) steps.offsets.as_ptr() => _,
                weights = inout(reg) weights.as_ptr() => _,
                n = inout(reg) weights.len() => _,
                sums = in(reg) sums,
                row = inout(reg) size_of::<Pairs>() => _,
                at = out(reg) _,
                low = out(reg) _,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }
}

/// The loop relies on these sizes.
const _: () = assert!(size_of::<Pairs>() == 64 && size_of::<super::Weights>() == 4096 && LANES == 16);
