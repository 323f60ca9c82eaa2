//! Files that are the same pixel by pixel.

use std::path::PathBuf;

use super::*;

#[test]
fn files_with_the_same_pixels_are_copies_and_the_larger_one_is_never_marked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, change: u8, comment: usize, mtime_ns: i64| {
        let path = folder.path().join(name);
        let picture = image::RgbImage::from_fn(320, 320, |x, y| {
            image::Rgb([(x * 3 / 5 + y / 6) as u8, (x * y / 420) as u8, if (x, y) == (9, 9) { change } else { 70 }])
        });
        picture.save(&path).unwrap();
        // Bytes after a PNG's last chunk belong to no picture.
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(vec![b' '; comment]);
        std::fs::write(&path, &bytes).unwrap();
        let look = crate::dataset::decode::look(&path, &Cancel::default()).unwrap();
        (name.to_owned(), look, bytes.len() as u64, path, mtime_ns)
    };
    // The last one differs in one pixel by one level: small picture and hash are the same.
    let files = [write("a.png", 70, 0, 1), write("b.png", 70, 9, 2), write("c.png", 71, 9, 3)];
    assert!(files.iter().all(|file| (&file.1.small, file.1.hash) == (&files[0].1.small, files[0].1.hash)));
    let image = |(name, _, size, path, mtime_ns): &(String, FileLook, u64, PathBuf, i64)| ImageFile {
        name: name.clone(),
        path: path.clone(),
        size: *size,
        mtime_ns: *mtime_ns,
        ctime_ns: 0,
        id: FileId::Path(path.clone().into()),
    };
    let images: Vec<ImageFile> = files.iter().map(image).collect();
    let rows = images.iter().zip(&files).map(|(image, file)| Row::of(image, Descriptor::default(), &file.1));
    let matrix: FeatureMatrix = rows.collect();
    let source = CollectionSource { name: "x".into(), root: folder.path().into(), matrix, images: images.into() };
    let collection = Collection::new(vec![source]).unwrap();
    let similar = found(&collection, Witnesses::Hash);
    let kept = |first: KeepRule| PlanSettings { rules: KeepRules::new(vec![first]), ..at(0.9) };
    let plan = |settings| seen(&collection, &complete(&collection, &similar, &Verdicts::default(), &settings));
    let of_a = "a.png mark same pixels, b.png leave pixels differ";
    assert_eq!(plan(kept(KeepRule::Newest)), [format!("c.png (newest): {of_a}")]);
    let of_others = "b.png leave same pixels, larger file, c.png leave pixels differ";
    assert_eq!(plan(kept(KeepRule::Oldest)), [format!("a.png (oldest): {of_others}")]);
}
