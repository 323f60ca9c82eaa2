//! numpy reads our files, and we read numpy's.

use crate::common::{Place, files, index};
use crate::missing::Missing;
use crate::python::python;
use serde_json::json;
use simages::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use simages::storage::npz;

/// A place whose two pictures are indexed, one name beyond ASCII.
fn indexed() -> Place {
    let place = Place::with(&["birds_duck.jpg"]);
    place.copy("birds_owl.jpg", "größe 日本.jpg");
    place.pretend_indexed(&[("birds_duck.jpg", &[1.0, 0.0, 2.5]), ("größe 日本.jpg", &[0.0, 3.0])]);
    place
}

pub fn numpy_reads_ours_without_pickle() -> Result<(), Missing> {
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
    let model = python(script, &[&place.npz()])?;
    assert_eq!(Some(model), place.stored().model);
    Ok(())
}

pub fn numpy_reads_many_rows_and_blocks_begin_where_the_table_says() -> Result<(), Missing> {
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
    python(script, &[&file])?;
    Ok(())
}

pub fn numpy_reads_a_file_without_rows() -> Result<(), Missing> {
    let place = indexed();
    place.pretend_indexed(&[]);
    let script = "
import sys, numpy
z = numpy.load(sys.argv[1], allow_pickle=False)
assert z['features'].shape == (0, 25088) and z['filenames'].shape == (0,), (z['features'].shape, z['filenames'].shape)
";
    python(script, &[&place.npz()])?;
    Ok(())
}

pub fn numpy_reads_and_writes_columns() -> Result<(), Missing> {
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
    python(script, &[&file])?;
    let stored = npz::read(&file).unwrap();
    let columns: Vec<_> = stored.matrix.rows().iter().map(|row| row.columns.clone()).collect();
    assert_eq!(columns[2].get("made-up"), Some(&[2, 1, 2, 3][..]));
    assert_eq!((columns[0].get("theirs"), columns[1].get("theirs")), (None, Some(&[1, 0][..])));
    Ok(())
}

pub fn we_read_what_numpy_writes() -> Result<(), Missing> {
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
        python(&script, &[&place.path().join(name)])?;
        let stored = npz::read(&place.path().join(written)).unwrap();
        assert_eq!(stored.model, None);
        let row = |name: &str| stored.matrix.get(name).unwrap().descriptor.to_dense();
        assert_eq!((row("a.jpg")[1], row("b/ö.jpg")[25087]), (4.0, 0.5), "{save}");
        assert!(stored.matrix.rows().iter().all(|r| r.stamp.is_none()));
    }
    Ok(())
}

pub fn we_read_many_rows_of_numpys_and_name_the_one_that_is_not_finite() -> Result<(), Missing> {
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
    python(script, &[&good, &bad])?;
    let stored = npz::read(&good).unwrap();
    assert_eq!(stored.matrix.len(), 70);
    for (i, row) in stored.matrix.rows().iter().enumerate() {
        let dense = row.descriptor.to_dense();
        assert_eq!((dense[i * 350], row.descriptor.squared_norm()), (i as f32 + 1.0, ((i + 1) * (i + 1)) as f64));
    }
    assert!(npz::read(&bad).unwrap_err().to_string().contains("row 40 holds values that are not finite"));
    Ok(())
}

pub fn what_is_no_feature_matrix_is_refused_and_says_why() -> Result<(), Missing> {
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
        python(&script, &[&file])?;
        let message = npz::read(&file).unwrap_err().to_string();
        assert!(message.contains("theirs.npz") && message.contains(says), "{arrays}: {message}");
    }
    Ok(())
}

/// As other programs write it: no sizes, no times, no model.
const FOREIGN: &str = "
import sys, numpy
z = numpy.load(sys.argv[1])
features, filenames = z['features'], z['filenames']
if sys.argv[2].endswith('wrong'):
    features = features[:, ::-1]
numpy.savez_compressed(sys.argv[1], features=features, filenames=filenames)
";

pub fn a_file_by_numpy_is_adopted_if_its_rows_are_right() -> Result<(), Missing> {
    let place = Place::with(&["birds_duck.jpg", "birds_owl.jpg"]);
    index(&place);
    let ours = place.stored().matrix;
    python(FOREIGN, &[&place.npz(), "right".as_ref()])?;
    assert_eq!(place.stored().model, None);

    let (report, _) = index(&place);
    assert_eq!((&report["indexed"], &report["computed"]), (&json!(2), &json!(0)));
    let adopted = place.stored();
    assert!(adopted.model.is_some());
    assert_eq!(adopted.matrix.len(), ours.len());
    for (adopted, ours) in adopted.matrix.rows().iter().zip(ours.rows()) {
        assert!((&adopted.name, adopted.stamp) == (&ours.name, ours.stamp) && adopted.descriptor == ours.descriptor);
        assert!(adopted.was_looked_at() && adopted.content() == ours.content());
        // Nobody knows how another program computed its rows.
        assert!(adopted.instructions().is_none() && ours.instructions().is_some());
    }
    let ours = ["birds_duck.jpg", "birds_owl.jpg", "features.npz", "features.npz.kept-1", "features.simages"];
    assert_eq!(files(&place), ours);
    Ok(())
}

pub fn a_file_by_numpy_with_wrong_rows_is_kept_aside() -> Result<(), Missing> {
    let place = Place::with(&["birds_duck.jpg", "birds_owl.jpg"]);
    place.pretend_indexed(&[("birds_duck.jpg", &[1.0]), ("birds_owl.jpg", &[2.0])]);
    python(FOREIGN, &[&place.npz(), "wrong".as_ref()])?;
    // features.simages still has ours.
    let (report, outcome) = index(&place);
    assert_eq!(report["computed"], json!(0));
    outcome.says(&["its row of birds_duck.jpg is not VGG-16's", "features.npz.kept-1", "2 pictures taken from"]);
    python(FOREIGN, &[&place.npz(), "wrong".as_ref()])?;
    std::fs::remove_file(place.sparse()).unwrap();
    let (report, outcome) = index(&place);
    assert_eq!(report["computed"], json!(2));
    outcome.says(&["its row of birds_duck.jpg is not VGG-16's", "features.npz.kept-2", "computing again"]);
    Ok(())
}

/// Files in `animals` with these bytes.
fn copies(place: &Place, bytes: &[u8]) -> Vec<String> {
    let path = |name: &str| place.animals().join(name);
    files(place).into_iter().filter(|name| std::fs::read(path(name)).unwrap() == bytes).collect()
}

pub fn a_file_of_somebody_elses_is_never_lost() -> Result<(), Missing> {
    let place = Place::with(&["birds_duck.jpg", "birds_owl.jpg"]);
    // None of its members has one of our names.
    let script = "
import sys, numpy
features = numpy.random.default_rng(9).random((3, 25088), dtype='f4')
names = numpy.array([f'/home/somebody/p{i}.png' for i in range(3)])
numpy.savez(sys.argv[1], features=features, filenames=names, labels=numpy.arange(3))
";
    python(script, &[&place.npz()])?;
    let theirs = std::fs::read(place.npz()).unwrap();
    let (report, outcome) = index(&place);
    assert_eq!((&report["computed"], &report["absent"]), (&json!(2), &json!(0)));
    outcome.says(&["holds data from other programs; kept as", "features.npz.kept-1"]);
    assert_eq!(copies(&place, &theirs), ["features.npz.kept-1"]);

    // Our file with an additional member: it is kept when it would be replaced. Later our own file, which isn't.
    let script = "
import sys, numpy
z = dict(numpy.load(sys.argv[1]))
z['labels'] = numpy.arange(2)
numpy.savez(sys.argv[1], **z)
";
    python(script, &[&place.npz()])?;
    let theirs = std::fs::read(place.npz()).unwrap();
    // Nothing is written, so it stays.
    assert_eq!(index(&place).0["computed"], json!(0));
    assert_eq!(copies(&place, &theirs), ["features.npz"]);
    place.copy("birds_owl.jpg", "more.jpg");
    assert_eq!(index(&place).0["computed"], json!(1));
    assert_eq!(copies(&place, &theirs), ["features.npz.kept-2"]);
    place.copy("birds_owl.jpg", "still more.jpg");
    index(&place);
    assert!(!files(&place).contains(&"features.npz.kept-3".into()), "ours needs not be kept");

    // A column that isn't one of ours.
    let script = "
import sys, numpy
z = dict(numpy.load(sys.argv[1]))
z['columns'] = numpy.array(z['columns'].tolist() + ['mine'])
z['columns/mine'] = numpy.arange(len(z['filenames']), dtype='f4')
numpy.savez(sys.argv[1], **z)
";
    python(script, &[&place.npz()])?;
    let theirs = std::fs::read(place.npz()).unwrap();
    place.copy("birds_owl.jpg", "yet more.jpg");
    index(&place);
    assert_eq!(copies(&place, &theirs), ["features.npz.kept-3"]);

    // All members have our names, but another program wrote them.
    let script = "
import sys, numpy
z = dict(numpy.load(sys.argv[1]))
z['features'] = z['features'] * 2
numpy.savez_compressed(sys.argv[1], **z)
";
    python(script, &[&place.npz()])?;
    let theirs = std::fs::read(place.npz()).unwrap();
    place.copy("birds_owl.jpg", "one more.jpg");
    index(&place);
    assert_eq!(copies(&place, &theirs), ["features.npz.kept-4"]);
    place.copy("birds_owl.jpg", "the last.jpg");
    index(&place);
    assert!(!files(&place).contains(&"features.npz.kept-5".into()), "ours needs not be kept");
    Ok(())
}

pub fn numpy_sees_which_rows_are_absent() -> Result<(), Missing> {
    let place = indexed();
    std::fs::remove_file(place.animals().join("birds_duck.jpg")).unwrap();
    index(&place);
    let script = "
import sys, numpy
z = numpy.load(sys.argv[1], allow_pickle=False)
assert 'absent' in z['columns'].tolist(), z['columns']
assert z['columns/absent'].tolist() == [[1], [0]], z['columns/absent']
";
    python(script, &[&place.npz()])?;
    Ok(())
}
