//! Files whose rows are checked on first use.

use super::{Probe, TODAY, VERSION_3, bytes, opened, places, row};
use crate::error::Error;
use crate::storage::sparse::open_large;

#[test]
fn rows_are_those_of_a_file_that_is_read_whole() {
    for whole in [&*TODAY, &*VERSION_3, &bytes(&[&[row("a", 1)], &[row("b", 2), row("c", 3)]])] {
        let probe = Probe::new(whole);
        let large = open_large(probe.0.path()).unwrap();
        assert!(large == opened(whole).unwrap());
        large.matrix.check_whole().unwrap();
    }
}

#[test]
fn a_flipped_byte_is_noticed_when_its_row_is_used() {
    let whole = &*TODAY;
    let original = opened(whole).unwrap();
    let places = places(whole).unwrap();
    let probe = Probe::new(whole);
    for at in (places.sketches..whole.len()).filter(|at| !places.derived.iter().any(|(v, _)| v.contains(at))) {
        probe.put(at, &[whole[at] ^ 0x55]);
        let large = open_large(probe.0.path()).expect("only heads are read");
        assert!(large.whole && large.matrix.len() == original.matrix.len());
        large.matrix.check_whole().expect("nothing was used so far");
        let mut damaged = Vec::new();
        for (row, sound) in large.matrix.rows().iter().zip(original.matrix.rows()) {
            let (used, sound) = (&row.descriptor, &sound.descriptor);
            let same = used.sketch().codes == sound.sketch().codes && used.dot(used) == sound.dot(sound);
            if !same {
                // It counts as zero.
                assert!(used.sketch().codes.iter().all(|code| *code == 0) || used.dot(sound) == 0.0, "byte {at}");
                assert!(used.bytes().is_empty() && used.bands().iter().all(|end| *end == 0), "byte {at}");
                damaged.push(row.name.clone());
            }
        }
        match (&damaged[..], large.matrix.check_whole()) {
            // Padding.
            ([], Ok(())) => {}
            ([name], Err(Error::Damaged { what, .. })) => assert!(what.contains(name), "byte {at}: {what}"),
            (damaged, outcome) => panic!("byte {at}: {damaged:?}, {outcome:?}"),
        }
        probe.put(at, &[whole[at]]);
    }
}
