//! Keeps what a long join has computed, so that it can go on after it was ended, however that happened.
//!
//! A join has two files, named after what is joined and how. `.results` has the results of the first keys, in parts:
//! the length and CRC-32 of what follows; the number of keys; for each key the number of its results and these, as row
//! (u32) and value (float64). A part that was cut short is dropped. `.lists` has the candidates of the next keys
//! ([`BatchStage`]): the first of these keys, the end of them, the rows compared, the pairing, and the rows at a time
//! (u64 each), then the lists, and the CRC-32 of it all; it is replaced as a whole. All numbers are little-endian.

#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::engine::{BatchStage, EarlierRun, Hit};
use crate::checksum::{Sum, Summing, checksum};
use crate::descriptor::FeatureMatrix;
use crate::error::Result;
use crate::kept_files::{delete_older, private_folder};
use crate::whole_file::WholeFile;

const RESULTS: &str = "results";
const LISTS: &str = "lists";
/// How often results are written: their part of the work may be lost.
const OFTEN: Duration = Duration::from_secs(10);
/// Writing lists takes at most about this part of the time.
const SHARE: u32 = 20;
/// Results are written sooner if they take more memory than this.
const PENDING: usize = 64 << 20;
/// A join with more bytes of results isn't kept.
const MOST: u64 = 4 << 30;
/// Of a key's results and of a part's keys.
const COUNT: usize = size_of::<u32>();
/// Of a result.
const HIT: usize = size_of::<u32>() + size_of::<f64>();
/// Of a stage.
const STAGE: usize = 5 * size_of::<u64>();
/// Length and checksum of a part.
const HEAD: usize = size_of::<u64>() + size_of::<u32>();
/// Joins that nobody goes on with are deleted after this time.
const OLD: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where one join is kept. Another process that computes the same join at the same time isn't disturbed; it keeps
/// nothing.
#[derive(Debug)]
pub struct KeptJoin<'a> {
    /// Without suffix.
    place: PathBuf,
    of_keys: &'a FeatureMatrix,
    of_rows: &'a FeatureMatrix,
    /// Keys whose results were kept by an earlier run.
    keys: usize,
    /// What its lists are of.
    stage: Option<BatchStage>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The file of results, locked, once there is something to go on with.
    results: Option<File>,
    /// Whether there won't be one: it is another process's, too large, or can't be written.
    given_up: bool,
    /// Keys and results that aren't in the file yet.
    pending: (u32, Vec<u8>),
    often: Duration,
    /// The most bytes of results.
    most: u64,
    written: Instant,
    /// When lists are due.
    lists_due: Instant,
}

impl<'a> KeptJoin<'a> {
    /// The join of these keys with these rows, called `name`, in `folder`.
    pub fn open(folder: &Path, name: &str, keys: &'a FeatureMatrix, rows: &'a FeatureMatrix) -> KeptJoin<'a> {
        let now = Instant::now();
        let state = State {
            results: None,
            given_up: false,
            pending: (0, Vec::new()),
            often: OFTEN,
            most: MOST,
            written: now,
            lists_due: now + OFTEN,
        };
        let (place, state) = (folder.join(name), Mutex::new(state));
        let mut kept = KeptJoin { place, of_keys: keys, of_rows: rows, keys: 0, stage: None, state };
        if kept.results_file().exists()
            && let Err(error) = kept.read_earlier()
        {
            (kept.keys, kept.stage) = (0, None);
            kept.state.get_mut().give_up(&error);
        }
        kept
    }

    /// The same, but everything is written at once.
    #[cfg(test)]
    pub fn open_eager(folder: &Path, name: &str, keys: &'a FeatureMatrix, rows: &'a FeatureMatrix) -> KeptJoin<'a> {
        let kept = KeptJoin::open(folder, name, keys, rows);
        let mut state = kept.state.lock();
        (state.often, state.lists_due) = (Duration::ZERO, Instant::now());
        drop(state);
        kept
    }

    fn results_file(&self) -> PathBuf {
        self.place.with_extension(RESULTS)
    }

    fn lists_file(&self) -> PathBuf {
        self.place.with_extension(LISTS)
    }

    /// Takes over what an earlier run has left.
    fn read_earlier(&mut self) -> io::Result<()> {
        let (keys, rows) = (self.of_keys.len(), self.of_rows.len());
        let mut file = open(&self.results_file())?;
        let mut end = 0;
        while let Some(part) = next_part(&mut file)? {
            let Some(more) = hits(&part, rows).map(|hits| hits.len()).filter(|more| self.keys + more <= keys) else {
                break;
            };
            (self.keys, end) = (self.keys + more, file.stream_position()?);
        }
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let fits = |stage: &BatchStage| stage.keys.start == self.keys && stage.keys.end <= keys && stage.rows <= rows;
        self.stage = self.sound_lists().unwrap_or(None).filter(fits);
        self.state.get_mut().results = Some(file);
        Ok(())
    }

    /// What the lists are of, if their file is whole.
    fn sound_lists(&self) -> io::Result<Option<BatchStage>> {
        let mut file = File::open(self.lists_file())?;
        let Some(body) = file.metadata()?.len().checked_sub(COUNT as u64) else { return Ok(None) };
        let sum = Sum::of((&mut file).take(body))?;
        let (mut expected, mut stage) = ([0; COUNT], [0; STAGE]);
        file.read_exact(&mut expected)?;
        file.rewind()?;
        file.read_exact(&mut stage)?;
        Ok((sum.crc32 == u32::from_le_bytes(expected)).then(|| decoded(&stage)))
    }

    /// Whether there is anything to go on with.
    pub fn has_begun(&self) -> bool {
        self.keys > 0 || self.stage.is_some()
    }

    /// Calls `take` with the results that an earlier run has kept, of some keys at a time.
    pub fn replay(&self, take: &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>) -> Result<()> {
        let mut left = self.keys;
        let path = self.results_file();
        let mut file = if left > 0 { File::open(&path).map_err(crate::Error::io(&path))? } else { return Ok(()) };
        while left > 0 {
            let part = next_part(&mut file).map_err(crate::Error::io(&path))?;
            let some = part.and_then(|part| hits(&part, self.of_rows.len())).ok_or(ErrorKind::UnexpectedEof.into());
            let some = some.map_err(crate::Error::io(&path))?;
            left = left.saturating_sub(some.len());
            take(some)?;
        }
        Ok(())
    }

    /// Keeps the results of the next keys.
    pub fn keep(&self, results: &[Vec<Hit>]) {
        let state = &mut *self.state.lock();
        if state.given_up {
            return;
        }
        let (keys, bytes) = &mut state.pending;
        for hits in results {
            *keys += 1;
            bytes.extend((hits.len() as u32).to_le_bytes());
            for hit in hits {
                bytes.extend(hit.row.to_le_bytes());
                bytes.extend(hit.value.to_le_bytes());
            }
        }
        if state.written.elapsed() >= state.often || bytes.len() >= PENDING {
            state.try_write(&self.results_file());
        }
    }

    /// Writes what is pending, unless nothing was written so far; returns whether a later run can go on from here.
    pub fn end(&self) -> bool {
        if self.is_kept() {
            self.state.lock().try_write(&self.results_file());
        }
        self.is_kept()
    }

    fn is_kept(&self) -> bool {
        self.state.lock().results.is_some()
    }

    /// Deletes the files: the join is done.
    pub fn delete(self) {
        if self.is_kept() {
            // The results last: they are locked.
            let _ = fs::remove_file(self.lists_file());
            let _ = fs::remove_file(self.results_file());
        }
    }
}

impl State {
    /// Adds what is pending to the file of results, or gives up.
    fn try_write(&mut self, path: &Path) {
        self.write(path).unwrap_or_else(|error| self.give_up(&error));
    }

    fn write(&mut self, path: &Path) -> io::Result<()> {
        if self.results.is_none() {
            if let Some(folder) = path.parent() {
                private_folder(folder)?;
                delete_older(folder, OLD);
            }
            self.results = Some(open(path)?);
        }
        let (keys, bytes) = std::mem::take(&mut self.pending);
        let part = [&keys.to_le_bytes()[..], &bytes].concat();
        let file = self.results.as_mut().expect("just opened");
        if file.metadata()?.len() + part.len() as u64 > self.most {
            let _ = fs::remove_file(path.with_extension(LISTS));
            fs::remove_file(path)?;
            return Err(ErrorKind::FileTooLarge.into());
        }
        let mut head = (part.len() as u64).to_le_bytes().to_vec();
        head.extend(checksum(&[&part]).to_le_bytes());
        file.write_all(&head)?;
        file.write_all(&part)?;
        self.written = Instant::now();
        Ok(())
    }

    fn give_up(&mut self, error: &io::Error) {
        tracing::warn!(%error, "the join isn't kept");
        (self.given_up, self.results, self.pending) = (true, None, (0, Vec::new()));
    }
}

impl EarlierRun for KeptJoin<'_> {
    fn keys(&self) -> usize {
        self.keys
    }

    fn stage(&self) -> Option<BatchStage> {
        self.stage.clone()
    }

    fn lists(&self) -> io::Result<Box<dyn Read + '_>> {
        let mut file = BufReader::with_capacity(1 << 20, File::open(self.lists_file())?);
        file.seek_relative(STAGE as i64)?;
        Ok(Box::new(file))
    }

    fn is_due(&self) -> bool {
        let state = self.state.lock();
        !state.given_up && Instant::now() >= state.lists_due
    }

    fn keep_lists(&self, stage: &BatchStage, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) {
        // Lists made from zeros would outlive the error that is coming.
        if self.of_keys.check_whole().is_err() || self.of_rows.check_whole().is_err() {
            return;
        }
        let state = &mut *self.state.lock();
        let began = Instant::now();
        let written = state.write(&self.results_file()).and_then(|()| {
            let mut file = Summing::new(WholeFile::create(&self.lists_file(), ".lists.")?);
            file.write_all(&encoded(stage))?;
            write(&mut file)?;
            let sum = file.sum();
            file.write_all(&sum.crc32.to_le_bytes())?;
            file.to.replace()
        });
        match written {
            Ok(()) => state.lists_due = Instant::now() + (began.elapsed() * SHARE).max(state.often),
            Err(error) => state.give_up(&error),
        }
    }
}

fn encoded(stage: &BatchStage) -> [u8; STAGE] {
    let BatchStage { keys, rows, pairing, strip } = stage;
    let numbers = [keys.start as u64, keys.end as u64, *rows as u64, *pairing, *strip as u64];
    std::array::from_fn(|at| numbers[at / 8].to_le_bytes()[at % 8])
}

fn decoded(bytes: &[u8; STAGE]) -> BatchStage {
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at * 8 + byte]));
    let at = |number: u64| number as usize;
    let keys = at(number(0))..at(number(1));
    BatchStage { keys, rows: at(number(2)), pairing: number(3), strip: at(number(4)) }
}

/// Opens a file of results, for this process alone; an error if another one has it.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
    match file.try_lock() {
        // A file system without locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ErrorKind::WouldBlock.into()),
    }
}

/// The next part of a file of results; None at the end, or if it is not whole.
fn next_part(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; HEAD];
    let left = file.metadata()?.len() - file.stream_position()?;
    if left < HEAD as u64 {
        return Ok(None);
    }
    file.read_exact(&mut head)?;
    let (len, expected) = head.split_at(size_of::<u64>());
    let len = u64::from_le_bytes(len.try_into().expect("8 bytes"));
    if len > left - HEAD as u64 {
        return Ok(None);
    }
    let mut part = vec![0; len as usize];
    file.read_exact(&mut part)?;
    Ok(Some(part).filter(|part| checksum(&[part]).to_le_bytes() == *expected))
}

/// The results in a part, for each key; None if one is of no row.
fn hits(part: &[u8], rows: usize) -> Option<Vec<Vec<Hit>>> {
    let (keys, mut rest) = part.split_first_chunk()?;
    let mut all = Vec::new();
    for _ in 0..u32::from_le_bytes(*keys) {
        let (count, after) = rest.split_first_chunk::<COUNT>()?;
        let (these, after) = after.split_at_checked(u32::from_le_bytes(*count) as usize * HIT)?;
        let hit = |bytes: &[u8; HIT]| {
            let (row, value) = bytes.split_at(COUNT);
            let row = u32::from_le_bytes(row.try_into().expect("4 bytes"));
            let value = f64::from_le_bytes(value.try_into().expect("8 bytes"));
            ((row as usize) < rows).then_some(Hit { row, value })
        };
        all.push(these.as_chunks::<HIT>().0.iter().map(hit).collect::<Option<Vec<Hit>>>()?);
        rest = after;
    }
    Some(all)
}
