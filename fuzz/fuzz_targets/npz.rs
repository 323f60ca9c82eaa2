//! Reads any bytes as a `features.npz`: an error or a matrix, no panic, and no more memory than `just fuzz` allows. A
//! matrix that is written and read again must be the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use simages::storage::npz;

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = npz::read_bytes(bytes) else { return };
    let mut written = Vec::new();
    npz::write_to(&mut written, &read.matrix, read.model.as_deref().unwrap_or_default()).unwrap();
    let again = npz::read_bytes(&written).unwrap();
    assert_eq!(again.matrix.len(), read.matrix.len());
    for (row, again) in read.matrix.rows().iter().zip(again.matrix.rows()) {
        let same = row.name == again.name && row.descriptor == again.descriptor;
        assert!(same && (read.model.is_none() || row.columns == again.columns));
    }
});
