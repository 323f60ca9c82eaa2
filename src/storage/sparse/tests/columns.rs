use std::sync::Arc;

use super::{MODEL, NPZ, Probe, TODAY, bytes, opened, places, row, signed};
use crate::descriptor::{Pooling, Row};
use crate::storage::sparse::layout::{ColumnEntry, pod};
use crate::storage::sparse::write;

fn with(row: Arc<Row>, columns: &[(&str, &[u8])]) -> Arc<Row> {
    let mut row = Arc::unwrap_or_clone(row);
    columns.iter().for_each(|(name, value)| row.columns.set(name, value));
    Arc::new(row)
}

/// The file, read and rewritten by a program that doesn't know its columns.
fn again(bytes: &[u8]) -> Vec<u8> {
    let probe = Probe::new(bytes);
    let read = probe.open().unwrap();
    let mut written = Vec::new();
    write(&mut written, read.matrix.rows(), &read.model, read.npz).unwrap();
    written
}

#[test]
fn a_column_of_small_values_is_kept_and_rows_may_lack_it() {
    let rows = [
        with(row("a", 1), &[("made-up", &[1, 2, 3]), ("odd", &[9; 13])]),
        row("b", 2),
        with(row("c", 3), &[("made-up", &[0, 0, 7])]),
    ];
    // Segments with different columns, and without any.
    let written = bytes(&[&rows, &[row("d", 4)], &[with(row("e", 5), &[("odd", &[5; 13])])]]);
    for bytes in [&written, &again(&written)] {
        let read = opened(bytes).unwrap();
        assert!(read.whole && read.current);
        let of = |name: &str| read.matrix.get(name).unwrap();
        assert_eq!(&read.matrix.rows()[..3], rows);
        assert_eq!(
            (of("a").columns.get("made-up"), of("a").columns.get("odd")),
            (Some(&[1, 2, 3][..]), Some(&[9; 13][..]))
        );
        assert_eq!((of("b").columns.get("made-up"), of("c").columns.get("odd")), (None, None));
        assert_eq!((of("d").columns.iter().count(), of("e").columns.get("odd")), (0, Some(&[5; 13][..])));
        // Besides the usual derived data.
        assert_eq!(of("a").descriptor.derived(), rows[0].descriptor.derived());
    }
    // Rows without a value in a column don't keep it.
    let read = opened(&written).unwrap();
    let mut plain = Vec::new();
    write(&mut plain, &read.matrix.rows()[3..4], MODEL, NPZ).unwrap();
    assert!(plain == bytes(&[&[row("d", 4)]]));
}

#[test]
fn values_in_the_head_are_checked_when_the_file_is_opened() {
    let whole = bytes(&[&[with(row("a", 1), &[("made-up", &[0xab; 16])]), row("b", 2)]]);
    let at = whole.windows(16).position(|window| window == [0xab; 16]).unwrap();
    let probe = Probe::new(&whole);
    probe.put(at + 7, &[0]);
    assert!(probe.open().unwrap().matrix.is_empty());
}

/// A file of a later version, which derives some data differently, under another name.
fn later() -> Vec<u8> {
    let mut later = TODAY.clone();
    let mac = later.windows(8).position(|window| window == b"mac\0\0\0\0\0").unwrap();
    assert_eq!(pod::<ColumnEntry>(&later, mac).unwrap().row_bytes, 2048);
    later[mac..mac + 8].copy_from_slice(b"mac-late");
    let values = places(&later).unwrap().derived[2].0.clone();
    later[values].iter_mut().enumerate().for_each(|(i, byte)| *byte = i as u8);
    signed(later)
}

#[test]
fn what_another_version_derives_is_passed_over_and_kept() {
    let later = later();
    let value = |row: usize| -> Vec<u8> { (row * 2048..(row + 1) * 2048).map(|i| i as u8).collect() };
    let read = opened(&later).unwrap();
    // Copied to a file with a row of ours, it is kept, and the missing data is derived.
    let mut written = Vec::new();
    let rows: Vec<_> = read.matrix.rows().iter().cloned().chain([row("c", 3)]).collect();
    write(&mut written, &rows, MODEL, NPZ).unwrap();
    for bytes in [&later, &written, &again(&written)] {
        let read = opened(bytes).unwrap();
        assert!(read.whole && read.current == (bytes != &later));
        for (i, row) in [row("a", 1), row("b", 2)].iter().enumerate() {
            let read = read.matrix.get(&row.name).unwrap();
            assert_eq!(read, row);
            assert_eq!(read.descriptor.pooled(Pooling::Mac), row.descriptor.pooled(Pooling::Mac));
            assert_eq!(read.descriptor.stored_columns().get("mac-late"), Some(&value(i)[..]));
        }
        assert!(read.matrix.get("c").is_none_or(|row| row.descriptor.stored_columns().get("mac-late").is_none()));
    }
    let sums: Vec<_> = places(&later).unwrap().derived[2].1.to_vec();
    // If damaged, it is dropped; the row stays.
    let mut damaged = later;
    let values = places(&damaged).unwrap().derived[2].0.clone();
    damaged[values.start] ^= 0x55;
    assert!(sums[0] < values.start);
    let read = opened(&again(&damaged)).unwrap();
    assert_eq!(read.matrix.get("a").unwrap().descriptor.stored_columns().get("mac-late"), None);
    assert_eq!(read.matrix.get("b").unwrap().descriptor.stored_columns().get("mac-late"), Some(&value(1)[..]));
}
