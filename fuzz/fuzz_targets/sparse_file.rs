//! Opens any bytes as a `features.simages`: nothing or a matrix, and no panic, also in joins. A matrix that is written
//! and read again must be the same. Checksums are not checked (`cfg(fuzzing)`), because changed bytes never match them.

#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use simages::cancel::Cancel;
use simages::join::{DescriptorKind, Engine, JoinedFiles, Metric, Plan, Predicate, SetJoin, With, query};
use simages::storage::sparse;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let Some(read) = sparse::open(file.path()) else { return };
    let mut again = tempfile::NamedTempFile::new().unwrap();
    sparse::write(&mut again, read.matrix.rows(), &read.model, read.npz).unwrap();
    let again = sparse::open(again.path()).unwrap();
    assert!(again.whole && again.current && again.matrix == read.matrix);
    let Some(key) = read.matrix.rows().first() else { return };
    assert_eq!(key.descriptor.to_dense().len(), 25088);
    // By another descriptor each time: one for all would take too long.
    let descriptor = DescriptorKind::ALL[bytes.len() % DescriptorKind::ALL.len()];
    for metric in Metric::ALL {
        for predicate in [Predicate::Knn(2), Predicate::Range(0.5)] {
            query(&Engine::default(), &key.descriptor, &read.matrix, None, (descriptor, metric), predicate).unwrap();
            let join = SetJoin {
        keys: read.matrix.clone(),
        with: With::Themselves,
        files: JoinedFiles::default(),
        descriptor,
        metric,
        predicate,
    };
            let engine = Engine { plan: Some(Plan::Values), ..Engine::default() };
            join.run(engine, &Cancel::default(), &mut |_| {}, &mut |_| Ok(())).unwrap();
        }
    }
});
