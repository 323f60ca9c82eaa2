//! Folders as they come, on a real file system.

use std::ffi::OsStr;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Scan, ScanProgress};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, Exclude};
use crate::error::Error;

/// A folder of files that may pass for pictures.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[&str]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        files.iter().for_each(|file| folder.write(file));
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn write(&self, name: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), name).unwrap();
    }

    #[cfg(unix)]
    fn link(&self, target: impl AsRef<Path>, name: &str) {
        symlink(target, self.at(name)).unwrap();
    }

    fn dataset(&self) -> Dataset {
        Dataset::open(self.path()).unwrap()
    }
}

fn further(scan: &Scan) -> Vec<String> {
    scan.further_names.iter().map(|further| format!("{}: {}", further.file, further.what())).collect()
}

fn left_out(scan: &Scan) -> Vec<String> {
    scan.left_out.iter().map(|left_out| format!("{}: {}", left_out.title(), left_out.what())).collect()
}

fn scan(root: &Path) -> Scan {
    Dataset::open(root).unwrap().scan(&Cancel::default(), &mut |_| ()).unwrap()
}

fn names(scan: &Scan) -> Vec<&str> {
    scan.images.iter().map(|i| i.name.as_str()).collect()
}

#[test]
fn pictures_are_found_recursively_by_extension_and_sorted_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("b/deep")).unwrap();
    for file in ["z.JPG", "b/deep/a.png", "b-1.webp", "notes.txt", ".hidden.jpg", "Thumbs.db", "x.heic"] {
        fs::write(folder.path().join(file), file).unwrap();
    }
    let scan = scan(folder.path());
    assert_eq!(names(&scan), ["b-1.webp", "b/deep/a.png", "x.heic", "z.JPG"]);
    assert_eq!(scan.images[1].size, 12);
    assert!(scan.images[1].mtime_ns > 0);
    assert_eq!(scan.skipped, []);
}

#[cfg(unix)]
#[test]
fn links_are_followed_loops_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("far.png"), "x").unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    symlink(elsewhere.path(), folder.path().join("link")).unwrap();
    symlink(folder.path(), folder.path().join("sub/loop")).unwrap();
    symlink("/nowhere", folder.path().join("broken.jpg")).unwrap();
    symlink("/dev/zero", folder.path().join("zero.jpg")).unwrap();
    let scan = scan(folder.path());
    assert_eq!(names(&scan), ["link/far.png"]);
    let skipped: Vec<_> = scan.skipped.iter().map(|s| s.file.as_str()).collect();
    assert!(skipped.contains(&"broken.jpg") && skipped.contains(&"zero.jpg"), "{skipped:?}");
    assert_eq!(further(&scan), ["sub/loop: the dataset's own folder (link)"]);
}

#[cfg(unix)]
#[test]
fn a_file_is_one_picture_under_the_name_that_is_really_its_own() {
    let folder = Folder::with(&["m_original.png", "sub/b.png", "sub/own.png"]);
    folder.link("m_original.png", "a_link.png");
    folder.link("sub", "best");
    fs::hard_link(folder.at("sub/b.png"), folder.at("b.png")).unwrap();
    folder.link("b.png", "c.png");
    let elsewhere = Folder::with(&["far.png"]);
    folder.link(elsewhere.at("far.png"), "sub/y.png");
    folder.link(elsewhere.at("far.png"), "z.png");
    // A hard link of what is listed by a link only.
    fs::hard_link(elsewhere.at("far.png"), elsewhere.at("hard.png")).unwrap();
    folder.link(elsewhere.at("hard.png"), "zz.png");
    let scan = scan(folder.path());
    assert_eq!(names(&scan), ["b.png", "m_original.png", "sub/own.png", "sub/y.png"]);
    let further = further(&scan);
    assert_eq!(
        further,
        [
            "sub/b.png: a hard link of b.png",
            "a_link.png: the same file as m_original.png (link)",
            "best: the same folder as sub (link)",
            "c.png: the same file as b.png (link)",
            "z.png: the same file as sub/y.png (link)",
            "zz.png: the same file as sub/y.png (link)",
        ]
    );
    assert_eq!(scan.skipped, []);
}

#[cfg(unix)]
#[test]
fn a_linked_folder_is_walked_once_by_whatever_link() {
    let elsewhere = Folder::with(&["one.png", "deep/two.png"]);
    let folder = Folder::with(&["own.png"]);
    folder.link(elsewhere.at("deep"), "a");
    folder.link(elsewhere.path(), "b");
    folder.link("b", "c");
    let scan = scan(folder.path());
    assert_eq!(names(&scan), ["a/two.png", "b/one.png", "own.png"]);
    assert_eq!(further(&scan), ["b/deep: the same folder as a (link)", "c: the same folder as b (link)"]);
}

#[cfg(unix)]
#[test]
fn folders_that_link_to_each_other_are_walked_once_each() {
    for count in 2..=6 {
        let folder = Folder::with(&[]);
        for i in 0..count {
            folder.write(&format!("d{i}/p.jpg"));
            (0..count).filter(|j| *j != i).for_each(|j| folder.link(format!("../d{j}"), &format!("d{i}/to{j}")));
        }
        let mut told = ScanProgress::default();
        let scan = folder.dataset().scan(&Cancel::default(), &mut |progress| told = progress).unwrap();
        assert_eq!(scan.images.len(), count);
        assert_eq!(scan.further_names.len(), count * (count - 1));
        assert_eq!(told, ScanProgress { folders: count + 1, pictures: count });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_scan_of_what_a_system_pretends_can_be_cancelled_and_ends() {
    let folder = Folder::with(&["p.jpg"]);
    folder.link("/sys", "sys");
    folder.link("/proc", "processes");
    // A plain chroot has an empty one.
    let has_many = Path::new("/sys/kernel").exists();
    let cancel = Cancel::default();
    let scan = folder.dataset().scan(&cancel, &mut |progress| {
        if progress.folders == 100 {
            cancel.cancel();
        }
    });
    assert!(!has_many || matches!(scan, Err(Error::Cancelled)), "{scan:?}");
    let scan = self::scan(folder.path());
    assert_eq!(names(&scan), ["p.jpg"]);
    assert_eq!(left_out(&scan), ["processes: system folder, skipped (1 folder)"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_told_with_where_it_led() {
    let folder = Folder::with(&["p.jpg"]);
    folder.link("/mnt/nowhere/2020", "2020");
    folder.link("gone.jpg", "sub.jpg");
    folder.link("itself.png", "itself.png");
    let scan = scan(folder.path());
    let skipped: Vec<_> = scan.skipped.iter().map(|s| format!("{}: {}", s.file, s.error)).collect();
    assert_eq!(skipped[0], "2020: broken link to /mnt/nowhere/2020; is a drive not mounted?");
    assert_eq!(skipped[1], "itself.png: a link that leads back to itself (to itself.png)");
    assert_eq!(skipped[2], "sub.jpg: broken link to gone.jpg; is a drive not mounted?");
}

#[test]
fn folders_that_systems_keep_are_not_walked_and_told_once() {
    let files = [
        "IMG_1.jpg",
        "@eaDir/IMG_1.jpg/SYNOPHOTO_THUMB_XL.jpg",
        "sub/@eaDir/x/y.jpg",
        "sub/IMG_2.jpg",
        "#recycle/IMG_3.jpg",
        "Photos.photoslibrary/originals/0/a.jpg",
        "Photos.photoslibrary/resources/derivatives/b.jpg",
        "lost+found.jpg",
    ];
    let scan = scan(Folder::with(&files).path());
    assert_eq!(
        names(&scan),
        ["IMG_1.jpg", "Photos.photoslibrary/originals/0/a.jpg", "lost+found.jpg", "sub/IMG_2.jpg"]
    );
    assert_eq!(
        left_out(&scan),
        [
            "#recycle: system folder, skipped (1 folder)",
            "@eaDir: system folder, skipped (2 folders)",
            "Photos.photoslibrary/resources: system folder, skipped (1 folder)",
        ]
    );
}

#[test]
fn ignore_files_leave_out_what_they_say_and_deeper_ones_have_the_last_word() {
    let files = ["a.jpg", "a.tif", "raw/b.jpg", "sub/c.tif", "sub/deep/d.tif", "sub/deep/e.tif", "sub/raw/f.jpg"];
    let folder = Folder::with(&files);
    fs::write(folder.at(".simagesignore"), "# scans\r\n*.tif\r\n/raw/\r\n").unwrap();
    fs::write(folder.at("sub/deep/.simagesignore"), "!d.tif\n").unwrap();
    // Not ours.
    fs::write(folder.at("sub/.gitignore"), "*\n").unwrap();
    let scan = scan(folder.path());
    assert_eq!(names(&scan), ["a.jpg", "sub/deep/d.tif", "sub/raw/f.jpg"]);
    assert_eq!(left_out(&scan), [".simagesignore: left out (1 folder, 3 pictures)"]);
    // What a system keeps can be asked for.
    let folder = Folder::with(&["@eaDir/a.jpg", "b.jpg"]);
    fs::write(folder.at(".simagesignore"), "!@eaDir\nb{.jpg\n").unwrap();
    let scan = self::scan(folder.path());
    assert_eq!(names(&scan), ["@eaDir/a.jpg", "b.jpg"]);
    assert!(scan.skipped[0].file == ".simagesignore" && scan.skipped[0].error.contains("b{.jpg"), "{scan:?}");
}

#[cfg(unix)]
#[test]
fn what_is_excluded_is_not_looked_at_by_links_either() {
    let folder = Folder::with(&["a.jpg", "b.tif", "raw/c.jpg", "sub/raw/d.jpg"]);
    folder.link("a.jpg", "e.tif");
    folder.link("/nowhere", "f.tif");
    folder.link("sub", "raw2");
    let exclude = Exclude::new(&["*.tif".into(), "raw*/".into()]).unwrap();
    let scan = folder.dataset().without(&exclude).scan(&Cancel::default(), &mut |_| ()).unwrap();
    assert_eq!(names(&scan), ["a.jpg"]);
    assert_eq!((&scan.skipped[..], &scan.further_names[..]), (&[][..], &[][..]));
    assert_eq!(left_out(&scan), ["--exclude *.tif: left out (3 pictures)", "--exclude raw*/: left out (3 folders)"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_escaped_and_their_files_found() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let latin1 = OsStr::from_bytes(b"caf\xe9.jpg");
    fs::write(folder.path().join(latin1), "x").unwrap();
    let scan = scan(folder.path());
    assert_eq!(names(&scan), ["caf\\xe9.jpg"]);
    assert!(scan.images[0].path.exists());
}
