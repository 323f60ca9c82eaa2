//! Files whose rows are checked on first use.

use std::ops::Range;
use std::sync::Arc;

use super::{Probe, SKETCH_BYTES, TODAY, VERSION_3, bytes, opened, places, row};
use crate::descriptor::{Descriptor, all_regions, fetch_entries, fetch_sketches};
use crate::error::Error;
use crate::mapped::Mapped;
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

#[test]
fn what_is_asked_for_ahead_is_what_will_be_used_until_it_is() {
    let rows = [row("a", 1), row("b", 2), row("c", 3)];
    let probe = Probe::new(&bytes(&[&rows[..2], &rows[2..]]));
    let bytes_at = |place: Option<(&Arc<Mapped>, Range<usize>)>| place.map(|(file, range)| file[range].to_vec());
    let ahead =
        |stored: &Descriptor| [stored.unused_sketch(), stored.unused_entries(), stored.unused_regions()].map(bytes_at);
    let large = open_large(probe.0.path()).unwrap();
    let stored: Vec<&Descriptor> = large.matrix.rows().iter().map(|row| &row.descriptor).collect();
    for (stored, made) in stored.iter().zip(rows.iter().map(|row| &row.descriptor)) {
        let regions = made.derived().pop().unwrap().to_vec();
        assert_eq!(ahead(stored), [made.sketch().codes.to_vec(), made.bytes().to_vec(), regions].map(Some));
    }
    fetch_sketches(&stored);
    fetch_entries(stored.iter().copied());
    let regions: Vec<_> = all_regions(&stored).iter().map(|regions| regions.bytes().to_vec()).collect();
    assert_eq!(regions, rows.each_ref().map(|row| row.descriptor.regions().bytes().to_vec()));
    for stored in stored {
        assert_eq!(stored.sketch().codes.len() + stored.bytes().len(), SKETCH_BYTES + stored.shape().size());
        assert_eq!(ahead(stored), [const { None }; 3]);
    }
    // All of it was read when the file was opened.
    assert_eq!(ahead(&probe.open().unwrap().matrix.rows()[0].descriptor), [const { None }; 3]);
}
