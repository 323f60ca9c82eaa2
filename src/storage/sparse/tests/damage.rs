use std::sync::LazyLock;

use parking_lot::Mutex;
use proptest::prelude::*;

use super::{Probe, TODAY, VERSION_3, bytes, opened, places, row, signed};
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, Pooling};
use crate::storage::sparse::layout::ALIGNMENT;

#[test]
fn cut_anywhere_the_segments_before_are_still_there() {
    let (first, second) = ([row("a", 1), row("b", 2)], [row("c", 3)]);
    let (one, two) = (bytes(&[&first]).len(), bytes(&[&first, &second]));
    let probe = Probe::new(&two);
    for length in (0..two.len()).rev() {
        probe.cut(length);
        match probe.open() {
            None => assert!(length < one),
            Some(read) => {
                let expected = if length < one { 0 } else { 2 };
                assert_eq!(read.matrix.len(), expected, "cut at {length}");
                assert_eq!(read.whole, length == one, "cut at {length}");
            }
        }
    }
}

#[test]
fn version_3_cut_anywhere_has_no_rows() {
    let probe = Probe::new(&VERSION_3);
    for length in (0..VERSION_3.len()).rev() {
        probe.cut(length);
        assert!(probe.open().is_none_or(|read| read.matrix.is_empty() && !read.whole), "cut at {length}");
    }
}

#[test]
fn no_flipped_byte_goes_unnoticed() {
    for whole in [&*TODAY, &*VERSION_3] {
        let original = opened(whole).unwrap();
        let derived = places(whole).unwrap().derived;
        let probe = Probe::new(whole);
        let mut unnoticed = 0;
        for at in (0..whole.len()).filter(|at| !derived.iter().any(|(values, _)| values.contains(at))) {
            probe.put(at, &[whole[at] ^ 0x55]);
            match probe.open() {
                None => {}
                Some(read) if read.whole => {
                    unnoticed += 1;
                    assert!(read == original, "changed unnoticed by byte {at}");
                }
                Some(read) => assert!(read.matrix.is_empty()),
            }
            probe.put(at, &[whole[at]]);
        }
        // Only padding is unchecked.
        assert!(unnoticed < 3 * ALIGNMENT, "{unnoticed}");
    }
}

#[test]
fn what_is_derived_is_stored_and_made_again_where_it_is_damaged() {
    for whole in [&*TODAY, &*VERSION_3] {
        let original = opened(whole).unwrap();
        let again: Vec<_> = original.matrix.rows().iter().map(|row| row.descriptor.to_dense()).collect();
        let again: Vec<_> = again.iter().map(|dense| Descriptor::from_dense(dense).unwrap()).collect();
        let probe = Probe::new(whole);
        let same = |what: &str| {
            let read = probe.open().unwrap();
            assert!(read.whole);
            for (read, made) in read.matrix.rows().iter().zip(&again) {
                for pooling in Pooling::ALL {
                    assert_eq!(read.descriptor.pooled(pooling), made.pooled(pooling), "{pooling:?}, {what}");
                }
                assert_eq!(read.descriptor.regions().bytes(), made.regions().bytes(), "{what}");
                assert_eq!(read.descriptor.derived(), made.derived(), "{what}");
            }
        };
        same("as written");
        let derived = places(whole).unwrap().derived;
        let (begin, end) = (derived[0].0.start, derived.last().unwrap().0.end);
        for at in (begin..end).step_by(509) {
            probe.put(at, &[whole[at] ^ 0x55]);
            same(&format!("byte {at}"));
            probe.put(at, &[whole[at]]);
        }
        // Undamaged data is read, not derived again: other values with correct checksums are taken.
        let mut other = whole.clone();
        other[begin..end].fill(1);
        let read = opened(&signed(other.clone())).unwrap();
        let derived = read.matrix.rows()[0].descriptor.derived();
        let (regions, pooled) = derived.split_last().unwrap();
        assert!(pooled.iter().all(|part| part.iter().all(|byte| *byte == 1)));
        // Regions were different in version 3.
        assert_eq!(regions.iter().all(|byte| *byte == 1), whole == &*TODAY);
        // Zeros mean that there is no value.
        other[begin..end].fill(0);
        std::fs::write(probe.0.path(), signed(other)).unwrap();
        same("zeros");
    }
}

/// Whatever the numbers and checksums: returns nothing, or usable descriptors.
fn is_refused_or_harmless(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    static PROBE: LazyLock<Mutex<Probe>> = LazyLock::new(|| Mutex::new(Probe::new(&[])));
    let probe = PROBE.lock();
    probe.cut(bytes.len());
    probe.put(0, &signed(bytes));
    let Some(read) = probe.open() else { return Ok(()) };
    for row in read.matrix.rows() {
        prop_assert_eq!(row.descriptor.to_dense().len(), DESCRIPTOR_LEN);
        prop_assert!(row.descriptor.bands().is_sorted());
        row.descriptor.squared_distance(&read.matrix.rows()[0].descriptor);
        Pooling::ALL.into_iter().for_each(|pooling| drop(row.descriptor.pooled(pooling).clone()));
        row.descriptor.regions().dot(read.matrix.rows()[0].descriptor.regions());
        row.descriptor.stored_columns().iter().count();
        row.columns.iter().count();
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Offsets in the segment's header, entries, names, columns and checksums.
    #[test]
    fn what_is_hostile_is_refused_or_harmless(changes in prop::collection::vec((64usize..480, any::<u8>()), 1..6)) {
        let mut bytes = TODAY.clone();
        changes.iter().for_each(|(at, value)| bytes[*at] = *value);
        is_refused_or_harmless(bytes)?;
    }

    #[test]
    fn hostile_numbers_in_version_3_are_refused_or_harmless(
        changes in prop::collection::vec((0usize..240, any::<u8>()), 1..6),
    ) {
        let mut bytes = VERSION_3.clone();
        let segment = places(&bytes).unwrap().segment;
        changes.iter().for_each(|(at, value)| bytes[segment + *at] = *value);
        is_refused_or_harmless(bytes)?;
    }
}
