//! Every instruction set gives the sums of a plain loop.

use proptest::prelude::*;
use pulp::NullaryFnOnce;

use super::{Integers, LINE};
use crate::simd::{Instructions, Kernel, WithInstructions};

/// Four codes of each key of a line, and four codes of a row.
type Quad = ([[u8; 4]; LINE], [i8; 4]);

/// A line's sums after all quads, every other one added to sums of its own.
struct Case<'a>(&'a [Quad]);

impl WithInstructions for Case<'_> {
    type Output = [i32; LINE];
    fn call<K: Kernel, I: Integers>(self, _: K, integers: I) -> [i32; LINE] {
        sums(integers, self.0)
    }
}

fn sums<I: Integers>(integers: I, quads: &[Quad]) -> [i32; LINE] {
    struct Adding<'a, I>(I, &'a [Quad]);
    impl<I: Integers> NullaryFnOnce for Adding<'_, I> {
        type Output = [i32; LINE];
        #[inline(always)]
        fn call(self) -> [i32; LINE] {
            let mut registers = [self.0.load(&[0; LINE]); 2];
            for (i, (keys, codes)) in self.1.iter().enumerate() {
                registers[i % 2] = self.0.add(registers[i % 2], keys, *codes);
            }
            self.0.store(self.0.merge(registers[0], registers[1]))
        }
    }
    integers.run(Adding(integers, quads))
}

fn plain(quads: &[Quad]) -> [i32; LINE] {
    std::array::from_fn(|key| {
        let products = quads.iter().flat_map(|(keys, codes)| keys[key].iter().zip(codes));
        products.map(|(key, code)| i32::from(*key) * i32::from(*code)).sum()
    })
}

fn quad() -> impl Strategy<Value = Quad> {
    (prop::array::uniform16(prop::array::uniform4(0u8..=127)), prop::array::uniform4(-127i8..=127))
}

proptest! {
    #[test]
    fn sums_are_those_of_a_plain_loop(quads in prop::collection::vec(quad(), 0..40)) {
        for instructions in Instructions::available() {
            prop_assert_eq!(instructions.with(Case(&quads)), plain(&quads), "{}", instructions.name());
        }
    }
}

#[test]
fn the_largest_codes_overflow_nothing() {
    for code in [127, -127] {
        let quads = vec![([[127; 4]; LINE], [code; 4]); 25_088 / 4];
        for instructions in Instructions::available() {
            assert_eq!(instructions.with(Case(&quads)), plain(&quads), "{}", instructions.name());
        }
    }
}

/// A processor with AVX-512 has these, too, and never chooses them.
#[test]
#[cfg(target_arch = "x86_64")]
fn sets_that_others_are_preferred_to_give_the_same() {
    let quads: Vec<_> = (0..99).map(|i| ([[i, 127 - i, 3, i / 2]; LINE], [i as i8 - 50, 7, -127, 127])).collect();
    if let Some(v3) = pulp::x86::V3::try_new() {
        assert_eq!(sums(v3, &quads), plain(&quads));
    }
    if let Some(v4) = pulp::x86::V4::try_new() {
        assert_eq!(sums(v4, &quads), plain(&quads));
    }
}
