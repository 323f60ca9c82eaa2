//! numpy itself reads what we write, and we read what numpy writes.

mod common;

use common::{Place, python};
use simages::descriptor::DESCRIPTOR_LEN;
use simages::descriptor::{Descriptor, FeatureMatrix, Row};
use simages::storage::npz;

/// A place whose two pictures are indexed, one name beyond ASCII.
fn indexed() -> Place {
    let place = Place::with(&["birds_duck.jpg"]);
    place.copy("birds_owl.jpg", "größe 日本.jpg");
    place.pretend_indexed(&[("birds_duck.jpg", &[1.0, 0.0, 2.5]), ("größe 日本.jpg", &[0.0, 3.0])]);
    place
}

#[test]
fn numpy_reads_ours_without_pickle() {
    let place = indexed();
    let script = "
import sys, numpy
z = numpy.load(sys.argv[1], allow_pickle=False)
f = z['features']
assert f.dtype == numpy.float32 and f.shape == (2, 25088) and f.flags['C_CONTIGUOUS'], (f.dtype, f.shape)
assert f[0, :4].tolist() == [1.0, 0.0, 2.5, 0.0] and f[1, :4].tolist() == [0.0, 3.0, 0.0, 0.0], f[:, :4]
assert f.sum() == 6.5
assert z['filenames'].dtype.kind == 'U' and z['filenames'].tolist() == ['birds_duck.jpg', 'größe 日本.jpg'], z['filenames']
assert z['sizes'].dtype == numpy.uint64 and z['sizes'].shape == (2,), z['sizes']
assert z['mtimes'].dtype == numpy.int64 and z['mtimes'].shape == (2,) and (z['mtimes'] > 10**18).all(), z['mtimes']
assert z['model'].dtype.kind == 'U' and z['model'].shape == (), z['model']
print(str(z['model']), end='')
";
    let Some(model) = python(script, &[&place.npz()]) else { return };
    assert_eq!(Some(model), place.stored().model);
}

#[test]
fn numpy_reads_many_rows_and_blocks_begin_where_the_table_says() {
    let row = |i: usize| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        (dense[0], dense[i], dense[DESCRIPTOR_LEN - 1]) = (7.0, i as f32, 0.5);
        Row::new(format!("{i:03}.jpg"), None, Descriptor::from_dense(&dense).unwrap())
    };
    let matrix: FeatureMatrix = (1..=100).map(row).collect();
    let place = Place::new();
    let file = place.path().join("ours.npz");
    npz::write_to(std::fs::File::create(&file).unwrap(), &matrix, "the model").unwrap();
    assert!(
        npz::read(&file).unwrap().matrix.rows().iter().zip(matrix.rows()).all(|(a, b)| a.descriptor == b.descriptor)
    );
    let script = "
import sys, zipfile, zlib, numpy
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
z = numpy.load(sys.argv[1], allow_pickle=False)
f = z['features']
expected = numpy.zeros((100, 25088), numpy.float32)
expected[:, 25087] = 0.5
expected[numpy.arange(100), numpy.arange(1, 101)] = numpy.arange(1, 101)
expected[:, 0] = 7
assert (f == expected).all()
assert z['blocks'].dtype == numpy.uint64 and z['blocks'][:, 0].tolist() == [0, 40, 80], z['blocks']
info = archive.getinfo('features.npy')
whole = open(sys.argv[1], 'rb').read()
name, extra = (int.from_bytes(whole[info.header_offset + at:][:2], 'little') for at in (26, 28))
start = info.header_offset + 30 + name + extra
for first, byte in z['blocks'].tolist():
    values = zlib.decompressobj(-15).decompress(whole[start + byte:start + info.compress_size], 40 * 100352)
    rows = numpy.frombuffer(values, '<f4').reshape(-1, 25088)
    assert (rows == expected[first:first + 40]).all(), first
";
    python(script, &[&file]);
}

#[test]
fn numpy_reads_a_file_without_rows() {
    let place = indexed();
    place.pretend_indexed(&[]);
    let script = "
import sys, numpy
z = numpy.load(sys.argv[1], allow_pickle=False)
assert z['features'].shape == (0, 25088) and z['filenames'].shape == (0,), (z['features'].shape, z['filenames'].shape)
";
    python(script, &[&place.npz()]);
}

#[test]
fn numpy_reads_and_writes_columns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("columns.npz");
    let row = |i: u8| {
        let mut row = Row::new(format!("{i}.jpg"), None, Descriptor::default());
        row.columns.set("made-up", &[i, 1, 2, 3]);
        row
    };
    let mut npz = Vec::new();
    npz::write_to(&mut npz, &(0..3).map(row).collect(), "m").unwrap();
    std::fs::write(&file, npz).unwrap();
    let script = "
import sys, numpy
z = dict(numpy.load(sys.argv[1], allow_pickle=False))
assert z['columns'].tolist() == ['made-up'], z['columns']
column = z['columns/made-up']
assert column.dtype == numpy.uint8 and column.tolist() == [[i, 1, 2, 3] for i in range(3)], column
z['columns'] = numpy.array(['made-up', 'theirs'])
z['columns/theirs'] = numpy.arange(3, dtype='<u2')[:, None].view('u1')
numpy.savez_compressed(sys.argv[1], **z)
";
    if python(script, &[&file]).is_none() {
        return;
    }
    let stored = npz::read(&file).unwrap();
    let columns: Vec<_> = stored.matrix.rows().iter().map(|row| row.columns.clone()).collect();
    assert_eq!(columns[2].get("made-up"), Some(&[2, 1, 2, 3][..]));
    assert_eq!((columns[0].get("theirs"), columns[1].get("theirs")), (None, Some(&[1, 0][..])));
}

#[test]
fn we_read_what_numpy_writes() {
    // numpy adds .npz to a name that lacks it.
    for (save, name, written) in [
        ("savez_compressed", "theirs.npz", "theirs.npz"),
        ("savez", "theirs.npz", "theirs.npz"),
        ("savez_compressed", "theirs", "theirs.npz"),
    ] {
        let place = Place::new();
        let script = format!(
            "
import sys, numpy
features = numpy.zeros((2, 25088), numpy.float32)
features[0, 25087], features[1, 1] = 0.5, 4
numpy.{save}(sys.argv[1], features=features, filenames=['b/ö.jpg', 'a.jpg'])
"
        );
        if python(&script, &[&place.path().join(name)]).is_none() {
            return;
        }
        let stored = npz::read(&place.path().join(written)).unwrap();
        assert_eq!(stored.model, None);
        let row = |name: &str| stored.matrix.get(name).unwrap().descriptor.to_dense();
        assert_eq!((row("a.jpg")[1], row("b/ö.jpg")[25087]), (4.0, 0.5), "{save}");
        assert!(stored.matrix.rows().iter().all(|r| r.stamp.is_none()));
    }
}

#[test]
fn we_read_many_rows_of_numpys_and_name_the_one_that_is_not_finite() {
    let place = Place::new();
    let (good, bad) = (place.path().join("good.npz"), place.path().join("bad.npz"));
    let script = "
import sys, numpy
features = numpy.zeros((70, 25088), numpy.float32)
features[numpy.arange(70), numpy.arange(70) * 350] = numpy.arange(1, 71)
filenames = ['%02d.jpg' % i for i in range(70)]
numpy.savez_compressed(sys.argv[1], features=features, filenames=filenames)
features[40, 7] = numpy.inf
numpy.savez(sys.argv[2], features=features, filenames=filenames)
";
    if python(script, &[&good, &bad]).is_none() {
        return;
    }
    let stored = npz::read(&good).unwrap();
    assert_eq!(stored.matrix.len(), 70);
    for (i, row) in stored.matrix.rows().iter().enumerate() {
        let dense = row.descriptor.to_dense();
        assert_eq!((dense[i * 350], row.descriptor.squared_norm()), (i as f32 + 1.0, ((i + 1) * (i + 1)) as f64));
    }
    assert!(npz::read(&bad).unwrap_err().to_string().contains("row 40 holds values that are not finite"));
}

#[test]
fn what_is_no_feature_matrix_is_refused_and_says_why() {
    for (arrays, says) in [
        ("features=numpy.zeros((1, 25088)), filenames=['a.jpg']", "float32"),
        ("features=numpy.zeros((1, 4096), 'f4'), filenames=['a.jpg']", "25088"),
        (
            "features=numpy.asfortranarray(numpy.zeros((2, 25088), 'f4')), filenames=['a.jpg', 'b.jpg']",
            "float32 [2, 25088]",
        ),
        ("features=numpy.zeros((2, 25088), 'f4'), filenames=['a.jpg']", "[2, 25088]"),
        ("features=numpy.full((1, 25088), numpy.nan, 'f4'), filenames=['a.jpg']", "not finite"),
        ("features=numpy.zeros((1, 25088), 'f4')", "filenames"),
        ("filenames=['a.jpg']", "features"),
        ("features=numpy.zeros((1, 25088), 'f4'), filenames=numpy.array(['a.jpg'], object)", "filenames"),
    ] {
        let place = Place::new();
        let file = place.path().join("theirs.npz");
        let script = format!("import sys, numpy\nnumpy.savez_compressed(sys.argv[1], {arrays})");
        if python(&script, &[&file]).is_none() {
            return;
        }
        let message = npz::read(&file).unwrap_err().to_string();
        assert!(message.contains("theirs.npz") && message.contains(says), "{arrays}: {message}");
    }
}
