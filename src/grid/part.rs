//! A part: the result of one task, in a file. It is written completely or not at all, and identifies its plan and task.
//!
//! ```text
//! PartHeader                           80 bytes, little-endian like everything after it
//! section, once or twice           hits as (key u32, row u32, value f64), or candidates as (key u32, row u32, lower
//!                                  bound f32, upper bound f32); sorted by key, then best first
//! ```

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::mem::offset_of;
use std::path::{Path, PathBuf};

use bytemuck::{Pod, Zeroable, bytes_of};

use super::shared_file::{DAMAGED, unusable};
use crate::checksum::checksum;
use crate::error::{Error, Result};
use crate::whole_file::{self, WholeFile};

const MAGIC: [u8; 8] = *b"SIMPART\n";
const VERSION: u32 = 2;
/// The prefix of temporary files of parts.
pub const TEMPORARY: &str = ".part.";

/// Identifies a plan: the SHA-256 of its work.
pub type PlanId = [u8; 32];

/// A hit. Key and row are numbered in the order of names, over the whole set.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct PartHit {
    pub key: u32,
    pub row: u32,
    pub value: f64,
}

/// A row that may be a hit of a key. Numbers as in a hit.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct PartCandidate {
    pub key: u32,
    pub row: u32,
    /// Lower and upper bound of its closeness, in terms of [`crate::join::Metric::around`].
    pub at_least: f32,
    pub at_most: f32,
}

/// A record of a section.
pub trait PartRecord: Pod {
    /// Its kind in the header.
    const KIND: u16;
    fn key(&self) -> u32;
}

impl PartRecord for PartHit {
    const KIND: u16 = 0;
    fn key(&self) -> u32 {
        self.key
    }
}

impl PartRecord for PartCandidate {
    const KIND: u16 = 1;
    fn key(&self) -> u32 {
        self.key
    }
}

/// Bytes per record of either kind.
const RECORD: usize = 16;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct PartHeader {
    magic: [u8; 8],
    version: u32,
    task: u32,
    plan: PlanId,
    /// The number of records of each section.
    records: [u64; 2],
    checksums: [u32; 2],
    sections: u16,
    /// Of the records.
    kind: u16,
    /// Of the fields before.
    checksum: u32,
}

const _: () = assert!(size_of::<PartHeader>() == 80);
const _: () = assert!(size_of::<PartHit>() == RECORD && size_of::<PartCandidate>() == RECORD);

impl PartHeader {
    fn covered(&self) -> &[u8] {
        &bytes_of(self)[..offset_of!(PartHeader, checksum)]
    }

    fn len(&self) -> u64 {
        size_of::<PartHeader>() as u64 + self.records.iter().sum::<u64>() * RECORD as u64
    }
}

/// A part's file, and the plan and task it must belong to.
#[derive(Clone, Debug)]
pub struct PartFile {
    pub path: PathBuf,
    pub plan: PlanId,
    pub task: usize,
}

impl PartFile {
    /// Writes the part, with one or two sections.
    pub fn write<R: PartRecord>(&self, sections: &[Vec<R>]) -> Result<()> {
        let mut header = PartHeader {
            magic: MAGIC,
            version: VERSION,
            task: self.task as u32,
            plan: self.plan,
            sections: sections.len() as u16,
            kind: R::KIND,
            ..PartHeader::zeroed()
        };
        for (at, section) in sections.iter().enumerate() {
            header.records[at] = section.len() as u64;
            header.checksums[at] = checksum(&[bytemuck::cast_slice(section)]);
        }
        header.checksum = checksum(&[header.covered()]);
        let write = || {
            let mut file = WholeFile::create(&self.path, TEMPORARY)?;
            file.write_all(bytes_of(&header))?;
            sections.iter().try_for_each(|section| file.write_all(bytemuck::cast_slice(section)))?;
            file.replace()
        };
        write().map_err(Error::io(&self.path)).map_err(Error::of_store)
    }

    /// Reads all of it. An error if it is missing or damaged.
    pub fn check(&self) -> Result<()> {
        let header = self.open()?.1;
        let check = |section: usize| match header.kind {
            PartHit::KIND => self.section::<PartHit>(section)?.finish(),
            _ => self.section::<PartCandidate>(section)?.finish(),
        };
        (0..usize::from(header.sections)).try_for_each(check)
    }

    pub fn is_whole(&self) -> bool {
        self.path.is_file() && self.check().is_ok()
    }

    /// All records of a section.
    pub fn read<R: PartRecord>(&self, section: usize) -> Result<Vec<R>> {
        let mut reader = self.section(section)?;
        let mut records = Vec::with_capacity(reader.left as usize);
        while let Some(record) = reader.next()? {
            records.push(record);
        }
        Ok(records)
    }

    /// Opens a section, to be read record by record.
    pub fn section<R: PartRecord>(&self, section: usize) -> Result<PartSection<R>> {
        let (mut file, header) = self.open()?;
        let is_there = section < usize::from(header.sections) && header.kind == R::KIND;
        let records = header.records.get(section).copied().filter(|_| is_there).ok_or_else(|| self.damaged())?;
        let before: u64 = header.records[..section].iter().sum();
        let at = size_of::<PartHeader>() as u64 + before * RECORD as u64;
        file.seek(SeekFrom::Start(at)).map_err(|error| unusable(&self.path, &error))?;
        let (reader, hasher) = (BufReader::with_capacity(1 << 16, file), crc32fast::Hasher::new());
        let (part, checksum) = (self.clone(), header.checksums[section]);
        Ok(PartSection { reader, left: records, hasher, checksum, part, peeked: None })
    }

    /// The open file and its header, checked to be of this plan and task.
    fn open(&self) -> Result<(File, PartHeader)> {
        let failed = |error: std::io::Error| unusable(&self.path, &error);
        let mut file = whole_file::open(&self.path).map_err(failed)?;
        let mut header = PartHeader::zeroed();
        let len = file.metadata().map_err(failed)?.len();
        if len < size_of::<PartHeader>() as u64 {
            return Err(self.damaged());
        }
        file.read_exact(bytemuck::bytes_of_mut(&mut header)).map_err(failed)?;
        let is_sound = header.magic == MAGIC && header.checksum == checksum(&[header.covered()]);
        if is_sound && header.version != VERSION {
            let reason = "is of another version of SIMages".into();
            return Err(Error::Plan { path: self.path.clone(), reason });
        }
        if !is_sound || header.sections > 2 || header.len() != len {
            return Err(self.damaged());
        }
        if header.plan != self.plan || header.task as usize != self.task {
            let reason = "is of another plan or task".into();
            return Err(Error::Plan { path: self.path.clone(), reason });
        }
        Ok((file, header))
    }

    fn damaged(&self) -> Error {
        Error::Plan { path: self.path.clone(), reason: DAMAGED.into() }
    }
}

/// A section being read.
pub struct PartSection<R> {
    reader: BufReader<File>,
    left: u64,
    hasher: crc32fast::Hasher,
    checksum: u32,
    part: PartFile,
    peeked: Option<R>,
}

impl<R: PartRecord> PartSection<R> {
    /// Appends the records of `key` to `records`. Keys must be taken in ascending order.
    pub fn take(&mut self, key: u32, records: &mut Vec<R>) -> Result<()> {
        loop {
            let record = match self.peeked.take() {
                Some(record) => record,
                None => match self.next()? {
                    Some(record) => record,
                    None => return Ok(()),
                },
            };
            if record.key() != key {
                self.peeked = Some(record);
                return Ok(());
            }
            records.push(record);
        }
    }

    /// Reads the rest. An error if the file isn't as it was written.
    pub fn finish(&mut self) -> Result<()> {
        while self.next()?.is_some() {}
        Ok(())
    }

    fn next(&mut self) -> Result<Option<R>> {
        if self.left == 0 {
            return match self.hasher.clone().finalize() == self.checksum {
                true => Ok(None),
                false => Err(self.part.damaged()),
            };
        }
        let mut record = R::zeroed();
        let read = self.reader.read_exact(bytemuck::bytes_of_mut(&mut record));
        read.map_err(|error| unusable(&self.part.path, &error))?;
        self.hasher.update(bytes_of(&record));
        self.left -= 1;
        Ok(Some(record))
    }
}

/// The path of a task's part.
pub fn part_path(plan: &Path, task: usize, extension: &str) -> PathBuf {
    plan.join("parts").join(format!("{task:06}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_used_only_whole_and_of_its_plan() {
        let folder = tempfile::tempdir().unwrap();
        let part = |plan, task| PartFile { path: folder.path().join("0.part"), plan: [plan; 32], task };
        let hit = |key, row| PartHit { key, row, value: f64::from(row) / 3.0 };
        let sections = [vec![hit(0, 5), hit(0, 6), hit(2, 7)], vec![hit(5, 0)]];
        assert!(part(1, 0).check().unwrap_err().to_string().ends_with("is missing"));
        part(1, 0).write(&sections).unwrap();
        part(1, 0).check().unwrap();
        assert_eq!([0, 1].map(|section| part(1, 0).read::<PartHit>(section).unwrap()), sections);
        assert!(part(1, 0).read::<PartCandidate>(0).is_err());
        let mut section = part(1, 0).section::<PartHit>(0).unwrap();
        let counts = [0, 1, 2, 3].map(|key| {
            let mut hits: Vec<PartHit> = Vec::new();
            section.take(key, &mut hits).unwrap();
            hits.len()
        });
        assert_eq!(counts, [2, 0, 1, 0]);
        for other in [part(2, 0), part(1, 3)] {
            assert!(other.check().unwrap_err().to_string().ends_with("of another plan or task"));
        }
        let bytes = std::fs::read(part(1, 0).path).unwrap();
        let mut older: PartHeader = bytemuck::pod_read_unaligned(&bytes[..size_of::<PartHeader>()]);
        older.version -= 1;
        older.checksum = checksum(&[older.covered()]);
        std::fs::write(part(1, 0).path, [bytes_of(&older), &bytes[size_of::<PartHeader>()..]].concat()).unwrap();
        assert!(part(1, 0).check().unwrap_err().to_string().ends_with("of another version of SIMages"));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 4;
            std::fs::write(part(1, 0).path, flipped).unwrap();
            assert!(!part(1, 0).is_whole(), "byte {at}");
        }
        std::fs::write(part(1, 0).path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(!part(1, 0).is_whole());
    }
}
