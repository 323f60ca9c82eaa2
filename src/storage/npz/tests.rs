//! Blocks of two rows, so that small files have several.

use proptest::prelude::*;
use rawzip::{ZipArchive, ZipArchiveWriter};
use std::io::Write;
use std::sync::Arc;

use super::member::Archive;
use super::{read, read_bytes, write};
use crate::dataset::Stamp;
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use crate::storage::{Prepared, Stored};

/// `n` rows with names beyond ASCII, and two columns that no version knows; every third row lacks one.
fn with_columns(n: usize) -> FeatureMatrix {
    let row = |(i, row): (usize, &Arc<Row>)| {
        let mut row = Row::clone(row);
        row.columns.set("made-up", &[i as u8 + 1; 16]);
        if i % 3 > 0 {
            row.columns.set("odd", &[7, 0, i as u8]);
        }
        row
    };
    matrix(n).rows().iter().enumerate().map(row).collect()
}

/// `n` rows with names beyond ASCII.
fn matrix(n: usize) -> FeatureMatrix {
    let row = |seed: usize| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        (0..50).for_each(|i| dense[(i * 487 + seed) % DESCRIPTOR_LEN] = (i + seed) as f32 / 7.0);
        Row::new(
            format!("späte/größe {seed:02}.jpg"),
            Some(Stamp { size: seed as u64, mtime_ns: -5 }),
            Descriptor::from_dense(&dense).unwrap(),
        )
    };
    (0..n).map(row).collect()
}

fn written(matrix: &FeatureMatrix) -> Vec<u8> {
    let mut npz = Vec::new();
    write::to_zip(&mut npz, matrix, "the model", 2).unwrap();
    npz
}

/// Like [`written`], but `change` alters the table of blocks.
fn misled(matrix: &FeatureMatrix, change: impl FnOnce(&mut Vec<[u64; 2]>)) -> Vec<u8> {
    let mut zip = ZipArchiveWriter::new(Vec::new());
    let mut blocks = write::rows(&mut zip, matrix.rows(), "the model", 2).unwrap();
    change(&mut blocks);
    write::table(&mut zip, &blocks).unwrap();
    zip.finish().unwrap()
}

fn is_read_by_blocks(npz: &[u8]) -> bool {
    let archive = Archive::open(ZipArchive::from_slice(npz).unwrap().into_reader_archive()).unwrap();
    let features = archive.required("features").unwrap().open().unwrap();
    let n = features.header.shape()[0] as usize;
    read::by_blocks(&archive, &features, n).is_some_and(|rows| rows.len() == n)
}

#[test]
fn what_is_written_is_read_back() {
    for n in [0, 1, 2, 3, 40] {
        let (matrix, model) = (matrix(n), Some("the model".into()));
        let npz = written(&matrix);
        assert_eq!(is_read_by_blocks(&npz), n > 0, "{n} rows");
        assert_eq!(
            read_bytes(&npz).unwrap(),
            Stored { matrix: matrix.clone(), model: model.clone(), prepared: Prepared::No, is_behind: false },
            "{n} rows"
        );
        let without_blocks = misled(&matrix, Vec::clear);
        assert!(!is_read_by_blocks(&without_blocks));
        assert_eq!(
            read_bytes(&without_blocks).unwrap(),
            Stored { matrix, model, prepared: Prepared::No, is_behind: false },
            "{n} rows"
        );
    }
}

#[test]
fn columns_are_kept_whoever_knows_them() {
    for n in [1, 2, 7] {
        let matrix = with_columns(n);
        let mut npz = written(&matrix);
        for _ in 0..2 {
            let read = read_bytes(&npz).unwrap().matrix;
            assert_eq!(read, matrix);
            assert_eq!(read.rows()[n - 1].columns.get("made-up"), Some(&[n as u8; 16][..]));
            assert_eq!(read.rows()[0].columns.get("odd"), None);
            npz = written(&read);
        }
        // Rows without columns leave no trace.
        let plain = |row: &Arc<Row>| Row::new(row.name.clone(), row.stamp, row.descriptor.clone());
        assert!(written(&matrix.rows().iter().map(plain).collect()) == written(&self::matrix(n)));
    }
}

#[test]
fn no_flipped_byte_in_columns_goes_unnoticed() {
    let whole = written(&with_columns(2));
    let original = read_bytes(&whole).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        if let Ok(read) = read_bytes(&damaged) {
            assert!(read == original, "changed unnoticed by byte {at}");
        }
        assert!(read_bytes(&whole[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn the_same_matrix_gives_the_same_bytes_whatever_the_threads() {
    let by = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| written(&matrix(21)))
    };
    let one = by(1);
    assert!(one == by(2) && one == by(5));
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let whole = written(&matrix(5));
    for length in (0..whole.len()).step_by(7) {
        assert!(read_bytes(&whole[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn no_flipped_byte_goes_unnoticed() {
    let whole = written(&matrix(5));
    let original = read_bytes(&whole).unwrap();
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        // Some bytes carry no meaning (times, attributes); then the content is unchanged.
        if let Ok(read) = read_bytes(&damaged) {
            assert!(read == original, "changed unnoticed by byte {at}");
        }
    }
}

/// Numbers near the truth, near the limits, or neither.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..12, 0u64..4000, (u64::MAX - 4000)..=u64::MAX, any::<u64>()]
}

proptest! {
    #[test]
    fn blocks_that_mislead_change_nothing(table in prop::collection::vec([number(), number()], 0..6)) {
        let matrix = matrix(5);
        let npz = misled(&matrix, |blocks| *blocks = table);
        prop_assert!(read_bytes(&npz).unwrap().matrix == matrix);
    }

    #[test]
    fn a_table_with_one_number_changed_changes_nothing(at in 0usize..3, column in 0usize..2, to in number()) {
        let matrix = matrix(5);
        let npz = misled(&matrix, |blocks| blocks[at][column] = to);
        prop_assert!(read_bytes(&npz).unwrap().matrix == matrix);
    }
}

/// A valid zip with these npz members: `(name, header, values)`.
fn made_of(members: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipArchiveWriter::new(Vec::new());
    for (name, header, values) in members {
        let (mut entry, config) = zip.new_file(format!("{name}.npy")).start().unwrap();
        let mut content = config.wrap(&mut entry);
        content.write_all(b"\x93NUMPY\x02\x00").unwrap();
        content.write_all(&(header.len() as u32).to_le_bytes()).unwrap();
        content.write_all(header.as_bytes()).unwrap();
        content.write_all(values).unwrap();
        let (_, descriptor) = content.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap()
}

#[test]
fn shapes_that_promise_too_much_are_errors_before_memory_is_taken_for_them() {
    let array = |dtype: &str, shape: &str| format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}");
    let row = [0; DESCRIPTOR_LEN * 4];
    let (one, name) = (array("<f4", "(1, 25088)"), array("<U1", "(1,)"));
    assert!(read_bytes(&made_of(&[("features", &one, &row), ("filenames", &name, b"a\0\0\0")])).is_ok());
    for shape in
        ["(99999999, 25088)", "(4294967296, 25088)", "(18446744073709551615, 25088)", "(2, 25088)", "(0, 25088)"]
    {
        let features = array("<f4", shape);
        assert!(read_bytes(&made_of(&[("features", &features, &row)])).is_err(), "features {shape}");
    }
    let ours = |columns: &[(&str, &str, &[u8])]| {
        let (size, mtime, text) = (array("<u8", "(1,)"), array("<i8", "(1,)"), array("<U1", "()"));
        let all = [
            ("features", one.as_str(), &row[..]),
            ("filenames", &name, b"a\0\0\0"),
            ("sizes", &size, &[1; 8]),
            ("mtimes", &mtime, &[1; 8]),
            ("model", &text, b"m\0\0\0"),
        ];
        read_bytes(&made_of(&[&all, columns].concat())).map(|stored| stored.matrix.rows()[0].columns.clone())
    };
    let (list, four) = (array("<U1", "(1,)"), array("|u1", "(1, 4)"));
    let listed: (&str, &str, &[u8]) = ("columns", &list, b"x\0\0\0");
    assert_eq!(ours(&[listed, ("columns/x", &four, b"abcd")]).unwrap().get("x"), Some(&b"abcd"[..]));
    assert_eq!(ours(&[]).unwrap().iter().count(), 0);
    // One without the other is damaged; other types or names belong to other programs.
    assert!(ours(&[listed]).is_err() && ours(&[("columns/x", &four, b"abcd")]).is_err());
    let upper: (&str, &str, &[u8]) = ("columns", &list, b"X\0\0\0");
    assert_eq!(ours(&[upper, ("columns/X", &four, b"abcd")]).unwrap().iter().count(), 0);
    for (dtype, shape, values) in [
        ("<f4", "(1, 1)", &b"abcd"[..]),
        ("|u1", "(4,)", b"abcd"),
        ("|u1", "(4, 1)", b"abcd"),
        ("|u1", "(1, 2, 2)", b"abcd"),
        ("|u1", "(1, 0)", b""),
    ] {
        let columns = ours(&[listed, ("columns/x", &array(dtype, shape), values)]).unwrap();
        assert_eq!(columns.iter().count(), 0, "{dtype} {shape}");
    }
    for shape in ["(1, 99999999999)", "(1, 5)", "(1, 18446744073709551615)"] {
        assert!(ours(&[listed, ("columns/x", &array("|u1", shape), b"abcd")]).is_err(), "{shape}");
    }
    // Another program's file may have such arrays.
    let theirs = [("features", one.as_str(), &row[..]), ("filenames", &name, b"a\0\0\0"), ("columns/x", &four, b"ab")];
    assert!(read_bytes(&made_of(&theirs)).is_ok());
    for (dtype, shape) in [
        ("<U1", "(99999999999,)"),
        ("<U0", "(99999999999,)"),
        ("<U99999999999", "(1,)"),
        ("<U4611686018427387904", "(4,)"),
        ("<U1", "(9223372036854775808, 2)"),
        ("<U1", "(1, 1)"),
        ("|O", "(1,)"),
    ] {
        let filenames = array(dtype, shape);
        let npz = made_of(&[("features", &one, &row), ("filenames", &filenames, b"a\0\0\0")]);
        assert!(read_bytes(&npz).is_err(), "filenames {dtype} {shape}");
    }
    for header in ["(".repeat(900), "{'descr': ".repeat(90), " ".repeat(1 << 20), String::new()] {
        assert!(read_bytes(&made_of(&[("features", &header, &row)])).is_err(), "{:.20}", header);
    }
}
