use super::{NPZ, Probe, TODAY, VERSION_3, fixture, opened, places, row, signed};
use crate::checksum::checksum;
use crate::descriptor::Pooling;
use crate::storage::npz;
use crate::storage::sparse::layout::{Header, VERSION};
use crate::storage::sparse::{append, open, write};

#[test]
fn a_file_of_version_3_is_opened_as_it_is_and_written_as_today() {
    let npz = npz::read(&fixture().join("features.npz")).unwrap();
    let old = opened(&VERSION_3).unwrap();
    assert!(old.whole && !old.current && old.npz.size > 0);
    assert_eq!((&old.matrix, Some(&old.model)), (&npz.matrix, npz.model.as_ref()));
    for (row, made) in old.matrix.rows().iter().zip(npz.matrix.rows()) {
        assert!(row.descriptor.file().is_some() && made.descriptor.file().is_none());
        assert_eq!(row.descriptor.derived(), made.descriptor.derived());
        for pooling in Pooling::ALL {
            assert_eq!(row.descriptor.pooled(pooling), made.descriptor.pooled(pooling));
        }
    }

    // Derived data of the older version is taken over, not derived again, even where it differs.
    let mut other = VERSION_3.clone();
    places(&other).unwrap().derived.iter().for_each(|(values, _)| other[values.clone()].fill(1));
    let other = opened(&signed(other)).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    write(file.as_file(), other.matrix.rows(), &other.model, other.npz).unwrap();
    append(file.path(), &[row("more", 5)]).unwrap();
    let new = open(file.path()).unwrap();
    assert!(new.whole && new.current);
    assert_eq!((&new.model, new.npz, new.matrix.len()), (&old.model, old.npz, 3));
    for row in old.matrix.rows() {
        let written = new.matrix.get(&row.name).unwrap();
        assert_eq!(written, row);
        let (derived, made) = (written.descriptor.derived(), row.descriptor.derived());
        let (regions, pooled) = derived.split_last().unwrap();
        assert!(pooled.iter().all(|part| part.iter().all(|byte| *byte == 1)));
        assert_eq!(Some(regions), made.last());
        assert!(written.descriptor.stored_columns().get("regions").is_none());
    }
}

#[test]
fn versions_are_not_mixed() {
    let probe = Probe::new(&VERSION_3);
    let error = append(probe.0.path(), &[row("c", 3)]).unwrap_err().to_string();
    assert!(error.contains("another version"), "{error}");
    assert_eq!(std::fs::read(probe.0.path()).unwrap(), *VERSION_3);
}

#[test]
fn versions_that_are_not_known_are_refused() {
    for version in [0, 1, 2, VERSION + 1, u32::MAX] {
        let mut bytes = TODAY.clone();
        let header = bytemuck::from_bytes_mut::<Header>(&mut bytes[..size_of::<Header>()]);
        header.version = version;
        let model = bytes[size_of::<Header>()..][..super::MODEL.len()].to_vec();
        let header = bytemuck::from_bytes_mut::<Header>(&mut bytes[..size_of::<Header>()]);
        header.checksum = checksum(&[header.covered(), &model]);
        assert_eq!(opened(&bytes), None, "version {version}");
    }
    assert_eq!(opened(&TODAY).unwrap().npz, NPZ);
}
