//! A picture's file, read under a [`Watch`].

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::patience::Watch;
use super::unreadable::Unreadable;
use crate::limits::Limit;

/// A file, read up to its length when opened, so that a growing file ends.
pub struct WatchedFile {
    file: File,
    position: u64,
    len: u64,
    ended: bool,
    watch: Arc<Watch>,
}

impl WatchedFile {
    /// Opens a regular file only; other kinds might block or never end.
    pub fn open(path: &Path, watch: &Arc<Watch>) -> Result<WatchedFile, Unreadable> {
        let mut options = std::fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
        let file = options.read(true).open(path).map_err(Unreadable::Io)?;
        let metadata = file.metadata().map_err(Unreadable::Io)?;
        if !metadata.is_file() {
            return Err(Unreadable::NotAFile);
        }
        Ok(WatchedFile { file, position: 0, len: metadata.len(), ended: false, watch: watch.clone() })
    }

    /// In bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether a read went beyond its end.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The rest of the file, for decoders that need it in memory, up to `most` bytes.
    pub fn read_whole(&mut self, most: u64) -> Result<Vec<u8>, Unreadable> {
        if self.len > most {
            return Err(Unreadable::TooManyBytes(self.len));
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(self.len as usize + 1).map_err(|_| Unreadable::Limit(Limit::Memory))?;
        self.read_to_end(&mut bytes).map_err(Unreadable::Io)?;
        Ok(bytes)
    }
}

impl Read for WatchedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.check()?;
        let left = self.len.saturating_sub(self.position).min(buffer.len() as u64) as usize;
        let read = self.file.read(&mut buffer[..left])?;
        self.watch.saw(self.position, &buffer[..read], self.len);
        self.position += read as u64;
        self.ended |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

impl Seek for WatchedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::super::patience::watched;
    use super::*;

    #[test]
    fn a_file_that_grows_is_as_long_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("growing.jpg");
        std::fs::write(&path, b"12345").unwrap();
        let read = watched(move |watch| {
            let mut file = WatchedFile::open(&path, watch)?;
            std::fs::write(&path, b"123456789")?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok((text, file.ended()))
        });
        assert_eq!(read.unwrap(), ("12345".into(), true));
    }
}
