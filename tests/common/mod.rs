//! Shared by the tests of the binary: a place to run it in.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use image::{DynamicImage, ImageFormat};
use serde_json::Value;
use simages::cancel::Cancel;
use simages::dataset::{Dataset, FileLook, Stamp, decode, hash_file};
use simages::descriptor::{Crops, DESCRIPTOR_LEN};
use simages::descriptor::{Descriptor, FeatureMatrix, Row};
use simages::index::store::Store;
use simages::storage::{Stored, npz};
use simages::vgg16::Network;

/// The program.
pub const BINARY: &str = env!("CARGO_BIN_EXE_simages");

/// A working directory that contains `datasets/`, with a cache folder beside that.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("datasets")).unwrap();
        Place { folder }
    }

    /// With the dataset `animals`, from pictures of the starter datasets.
    pub fn with(pictures: &[&str]) -> Place {
        let place = Place::new();
        std::fs::create_dir(place.animals()).unwrap();
        pictures.iter().for_each(|p| place.copy(p, p));
        place
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn animals(&self) -> PathBuf {
        self.dataset("animals")
    }

    pub fn dataset(&self, name: &str) -> PathBuf {
        self.path().join("datasets").join(name)
    }

    /// Copies the starter picture `from` to `to` in `animals`. A copy under another name gets a few extra bytes, which
    /// no decoder reads, because byte-identical files are computed only once.
    pub fn copy(&self, from: &str, to: &str) {
        self.copy_into("animals", from, to);
    }

    pub fn copy_into(&self, dataset: &str, from: &str, to: &str) {
        let mut bytes = std::fs::read(starter(from)).unwrap();
        if from != to {
            bytes.extend(to.as_bytes());
        }
        std::fs::write(self.dataset(dataset).join(to), bytes).unwrap();
    }

    /// `features.npz` of `animals`.
    pub fn npz(&self) -> PathBuf {
        self.animals().join("features.npz")
    }

    /// `features.simages` of `animals`.
    pub fn sparse(&self) -> PathBuf {
        self.animals().join("features.simages")
    }

    pub fn stored(&self) -> Stored {
        npz::read(&self.npz()).unwrap()
    }

    /// The names in `features.npz` of `animals`.
    pub fn names(&self) -> Vec<String> {
        self.stored().matrix.rows().iter().map(|r| r.name.clone()).collect()
    }

    /// The binary, run here, without environment variables that it could take for settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(BINARY.as_ref(), arguments)
    }

    /// Like [`Place::command`], with a copy of the binary.
    pub fn command_of(&self, binary: &Path, arguments: &[&str]) -> Command {
        let mut command = self.placed(Command::new(binary));
        command.args(arguments);
        command
    }

    /// Another program, run like the binary.
    pub fn placed(&self, mut command: Command) -> Command {
        command.current_dir(self.path());
        command.env_remove("SIMAGES_DATASETS").env_remove("SIMAGES_WEIGHTS");
        command.env("XDG_CACHE_HOME", self.path().join("cache"));
        command.env("XDG_DATA_HOME", self.path().join("data"));
        command.env("XDG_CONFIG_HOME", self.path().join("config"));
        command.env("XDG_STATE_HOME", self.path().join("state"));
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Writes a `features.npz` for `animals` as if it had been indexed, with `values` as descriptors. Saves the seconds
    /// that the network takes.
    pub fn pretend_indexed(&self, pictures: &[(&str, &[f32])]) {
        self.pretend_indexed_in("animals", pictures);
    }

    pub fn pretend_indexed_in(&self, dataset: &str, pictures: &[(&str, &[f32])]) {
        let folder = self.dataset(dataset);
        let rows: FeatureMatrix = pictures.iter().map(|(name, values)| row(&folder.join(name), name, values)).collect();
        let dataset = Dataset::open(&folder).unwrap();
        let model = Network::new(simages::vgg16::NetworkOptions::default()).weights().unwrap().model(Crops::Whole);
        Store::new(&dataset, &self.path().join("cache")).save(&rows, &model).unwrap();
    }
}

fn row(path: &Path, name: &str, values: &[f32]) -> Row {
    let metadata = path.metadata().unwrap();
    let mut dense = vec![0.0; DESCRIPTOR_LEN];
    dense[..values.len()].copy_from_slice(values);
    let descriptor = Descriptor::from_dense(&dense).unwrap();
    let row = Row::new(name, Some(Stamp::of(&metadata)), descriptor);
    let content = hash_file(path).unwrap();
    // Many tests use the same pictures repeatedly.
    static LOOKS: Mutex<BTreeMap<[u8; 32], FileLook>> = Mutex::new(BTreeMap::new());
    let known = LOOKS.lock().unwrap().get(&content.0).cloned();
    match known.or_else(|| decode::look(path, &Cancel::default()).ok()) {
        Some(look) => {
            LOOKS.lock().unwrap().insert(content.0, look.clone());
            row.with_look(&look)
        }
        None => row.with_content(content),
    }
}

/// The outcome of a run.
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn of(output: Output) -> Outcome {
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Outcome {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// stderr must contain all of these.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Outcome {
        texts.iter().for_each(|text| assert!(self.stderr.contains(text), "no {text:?} in:\n{}", self.stderr));
        self
    }
}

/// Runs `command` to its end. Returns its outcome and its peak memory in bytes.
pub fn peak_memory(mut command: Command) -> (Outcome, u64) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let reader = std::thread::spawn(move || child.wait_with_output().unwrap());
    let mut most = 0;
    while !reader.is_finished() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0) << 10);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    (Outcome::of(reader.join().unwrap()), most)
}

/// Waits until `holds`; half a minute is more than anything takes.
pub fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "still not so: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// A picture of the starter dataset `animals`.
pub fn starter(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/animals").join(name)
}

/// Two datasets, not indexed.
pub fn unindexed(pictures: usize) -> Place {
    let place = Place::with(&[]);
    let mut all: Vec<_> = std::fs::read_dir(starter("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|ending| ending == "jpg"));
    all.sort();
    for (i, path) in all.iter().cycle().take(pictures).enumerate() {
        for dataset in ["animals", "more"] {
            std::fs::create_dir_all(place.dataset(dataset)).unwrap();
            std::fs::copy(path, place.dataset(dataset).join(format!("{i:03}.jpg"))).unwrap();
        }
    }
    std::fs::write(place.animals().join("bad.jpg"), "no picture").unwrap();
    place
}

/// Indexes `animals`: the report, and the outcome.
pub fn index(place: &Place) -> (Value, Outcome) {
    let outcome = place.run(&["index", "animals", "--json"]).exits(0);
    (serde_json::from_str(&outcome.stdout).unwrap(), outcome)
}

/// All files of `animals`, including hidden ones.
pub fn files(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.animals()).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub const DUCK: &str = "birds_duck.jpg";
pub const DRAKE: &str = "birds_drake.jpg";

/// The dataset animals with four pictures, as if indexed, with simple descriptors.
pub fn reckoned() -> Place {
    let place = Place::with(&[]);
    ["key.jpg", "same.jpg", "near.jpg", "far.jpg"].iter().for_each(|name| place.copy(DRAKE, name));
    place.pretend_indexed(&[
        ("key.jpg", &[1.0, 0.0]),
        ("same.jpg", &[1.0, 0.0]),
        ("near.jpg", &[3.0, 4.0]),
        ("far.jpg", &[0.0, 1.0]),
    ]);
    place
}

/// The dataset animals with two pictures, and garden with copies of the first: half size, rotated, byte-identical,
/// cropped, and an unreadable one.
pub fn copies() -> Place {
    let place = Place::with(&[DUCK, DRAKE]);
    let garden = place.dataset("garden");
    std::fs::create_dir(&garden).unwrap();
    let duck = image::open(starter(DUCK)).unwrap();
    let (width, height) = (duck.width(), duck.height());
    let save = |picture: DynamicImage, name: &str| {
        let format = if name.ends_with("png") { ImageFormat::Png } else { ImageFormat::Jpeg };
        DynamicImage::from(picture.into_rgb8()).save_with_format(garden.join(name), format).unwrap();
    };
    save(duck.resize_exact(width / 2, height / 2, image::imageops::FilterType::Lanczos3), "half.png");
    save(duck.resize_exact(width / 2, height / 2, image::imageops::FilterType::Lanczos3).rotate90(), "turned.jpg");
    save(duck.crop_imm(width / 20, height / 20, width * 9 / 10, height * 9 / 10), "cropped.png");
    std::fs::copy(starter(DUCK), garden.join("twin.jpg")).unwrap();
    std::fs::write(garden.join("broken.jpg"), "no picture").unwrap();
    place
}
