use std::sync::Arc;

use super::{MODEL, NPZ, Probe, VERSION_3, bytes, opened, row};
use crate::descriptor::Row;
use crate::storage::sparse::update::Lacking;
use crate::storage::sparse::{ByRow, Identity, append, lacking};

const NEXT: Identity = Identity { size: 8, mtime_ns: 5, end: 9, unused: 0 };

fn names(lacking: Option<Lacking>) -> Option<Vec<String>> {
    lacking.map(|lacking| lacking.rows.iter().map(|row| row.name.clone()).collect())
}

#[test]
fn a_file_that_lacks_rows_is_brought_up_to_date_without_being_written_anew() {
    let before = bytes(&[&[row("a", 1), row("c", 2)], &[row("d", 3)]]);
    let file = Probe::new(&before);
    let path = file.0.path();
    let rows = [row("a", 1), row("b", 4), row("c", 2), row("d", 3)];
    let more = lacking(path, &rows, MODEL).unwrap();
    assert_eq!(more.rows, [row("b", 4)]);

    append(path, &more.rows).unwrap();
    more.match_npz(path, NEXT).unwrap();
    let now = file.open().unwrap();
    assert!(now.whole && now.current && !now.is_appended);
    assert_eq!((now.npz, now.rows, now.model.as_str()), (NEXT, 4, MODEL));
    assert_eq!(now.matrix.rows(), rows);
    assert_eq!(std::fs::read(path).unwrap()[..before.len()], before);
    assert_eq!(names(lacking(path, &rows, MODEL)), Some(Vec::new()));

    // Rows appended later are still ahead of that npz.
    append(path, &[row("e", 5)]).unwrap();
    lacking(path, &[&rows[..], &[row("e", 5)]].concat(), MODEL).unwrap().match_npz(path, NEXT).unwrap();
    assert!(file.open().unwrap().is_appended);
}

#[test]
fn a_row_that_changed_is_lacking_whatever_changed() {
    let rows: Vec<_> = (0..32).map(|at| row(&format!("{at:02}"), at)).collect();
    let file = Probe::new(&bytes(&[&rows]));
    let lacking = |at: usize, changed: Row| {
        let mut rows = rows.clone();
        rows[at] = Arc::new(changed);
        names(lacking(file.0.path(), &rows, MODEL))
    };
    let of = |at: usize| Row::clone(&rows[at]);
    assert_eq!(lacking(3, of(3)), Some(Vec::new()));
    assert_eq!(lacking(3, Row { descriptor: of(4).descriptor, ..of(3) }), Some(vec!["03".to_owned()]));
    assert_eq!(lacking(4, Row { stamp: None, ..of(4) }), Some(vec!["04".to_owned()]));
    assert_eq!(lacking(5, of(5).with_absent(true)), Some(vec!["05".to_owned()]));
    assert_eq!(lacking(6, Row { name: "x".into(), ..of(6) }), None, "06 would stay");
}

#[test]
fn a_file_that_appending_does_not_mend_is_written_anew() {
    let rows: Vec<_> = (0..16).map(|at| row(&format!("{at:02}"), at)).collect();
    let whole = bytes(&[&rows]);
    let file = Probe::new(&whole);
    let lacking = |rows: &[Arc<Row>], model| names(lacking(file.0.path(), rows, model));
    assert_eq!(lacking(&rows, MODEL), Some(Vec::new()));
    assert_eq!(lacking(&rows, "another model"), None);
    // Of 16 rows, two may be outdated.
    let changed = |n: usize| -> Vec<_> {
        rows.iter().enumerate().map(|(at, old)| if at < n { row(&old.name, at + 99) } else { old.clone() }).collect()
    };
    assert_eq!(lacking(&changed(2), MODEL), Some(vec!["00".to_owned(), "01".to_owned()]));
    assert_eq!(lacking(&changed(3), MODEL), None);
    append(file.0.path(), &changed(2)[..2]).unwrap();
    assert_eq!(lacking(&changed(2), MODEL), Some(Vec::new()));
    assert_eq!(lacking(&changed(3), MODEL), None);

    file.cut(whole.len() - 8);
    assert_eq!(lacking(&rows, MODEL), None);
    let (old, older) = (opened(&VERSION_3).unwrap(), Probe::new(&VERSION_3));
    assert_eq!(names(super::super::lacking(older.0.path(), old.matrix.rows(), &old.model)), None);
    std::fs::remove_file(older.0.path()).unwrap();
    assert_eq!(names(super::super::lacking(older.0.path(), &rows, MODEL)), None);
}

#[test]
fn many_small_segments_are_joined() {
    let rows: Vec<_> = (0..80).map(|at| row(&format!("{at:02}"), at)).collect();
    let file = Probe::new(&bytes(&[&rows[..10]]));
    for (at, row) in rows.iter().enumerate().skip(10) {
        let more = lacking(file.0.path(), &rows[..=at], MODEL);
        // The first segment holds ten rows, every other one.
        assert_eq!(names(more), (at - 9 <= 64).then(|| vec![row.name.clone()]), "{at}");
        append(file.0.path(), std::slice::from_ref(row)).unwrap();
    }
}

#[test]
fn a_record_cut_short_or_damaged_names_nothing_and_costs_no_rows() {
    let before = bytes(&[&[row("a", 1)], &[row("b", 2)]]);
    let file = Probe::new(&before);
    lacking(file.0.path(), &[row("a", 1), row("b", 2)], MODEL).unwrap().match_npz(file.0.path(), NEXT).unwrap();
    let after = std::fs::read(file.0.path()).unwrap();
    let read = || file.open().map(|read| (read.npz, read.rows, read.is_appended, read.whole));
    assert_eq!(read(), Some((NEXT, 2, false, true)));
    for len in before.len() + 1..after.len() {
        file.cut(len);
        assert_eq!(read(), Some((NPZ, 2, true, false)), "{len}");
    }
    for at in before.len()..after.len() {
        let mut damaged = after.clone();
        damaged[at] ^= 1;
        file.put(0, &damaged);
        assert_eq!(read(), Some((NPZ, 2, true, false)), "{at}");
    }
    // Of a file with other rows.
    file.put(0, &after);
    append(file.0.path(), &[row("c", 3)]).unwrap();
    let record = &after[before.len()..];
    let moved = Probe::new(&[&std::fs::read(file.0.path()).unwrap(), record].concat());
    assert_eq!(moved.open().map(|read| (read.npz, read.whole)), Some((NEXT, false)));
}

#[test]
fn rows_of_a_file_are_read_one_by_one_past_the_records() {
    let file = Probe::new(&bytes(&[&[row("a", 1)]]));
    lacking(file.0.path(), &[row("a", 1)], MODEL).unwrap().match_npz(file.0.path(), NEXT).unwrap();
    append(file.0.path(), &[row("b", 2)]).unwrap();
    let by_row = ByRow::open(file.0.path()).unwrap();
    assert_eq!((by_row.count(), by_row.descriptor(1)), (2, Some(row("b", 2).descriptor.clone())));
}
