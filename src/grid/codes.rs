//! Codes of pieces: joins use them for their first look at the rows. The first task that needs them computes them, and
//! stores them beside the piece for other tasks. Codes that are missing or damaged are computed again.
//!
//! ```text
//! CodesHeader                          72 bytes, little-endian like everything after it
//! codes                                written by the join engine
//! ```

use std::io::Write;
use std::mem::offset_of;
use std::path::Path;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable, bytes_of};
use sha2::{Digest, Sha256};

use super::pieces::Piece;
use super::shared_file::TEMPORARY;
use crate::checksum::checksum;
use crate::descriptor::Row;
use crate::error::Result;
use crate::join::{CodedSet, DescriptorKind, Plan};
use crate::mapped::Mapped;
use crate::whole_file::WholeFile;

const MAGIC: [u8; 8] = *b"SIMCODE\n";
/// Changes with the layout.
const VERSION: u32 = 1;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct CodesHeader {
    magic: [u8; 8],
    version: u32,
    rows: u32,
    /// Identifies the rows and the purpose of the codes: SHA-256.
    of: [u8; 32],
    /// Length of the codes in bytes.
    size: u64,
    codes: u32,
    /// Of the fields before.
    checksum: u32,
    unused: [u8; 8],
}

const _: () = assert!(size_of::<CodesHeader>() == 72);

impl CodesHeader {
    fn covered(&self) -> &[u8] {
        &bytes_of(self)[..offset_of!(CodesHeader, checksum)]
    }
}

/// The codes of a piece: for a kind of descriptor and the first look of a plan.
#[derive(Clone, Copy)]
pub struct Codes {
    pub kind: DescriptorKind,
    pub plan: Plan,
}

impl Codes {
    /// The codes of the rows of `piece`: read if stored, else computed, and stored if others may need them (`is_kept`).
    /// None if the plan uses no codes.
    pub fn of(self, shared: &Path, piece: &Piece, rows: &[Arc<Row>], is_kept: bool) -> Result<Option<CodedSet>> {
        let path = piece.file.place(shared)?.with_extension(format!("{}-{}.codes", self.kind.name(), self.plan.name()));
        if let Some(codes) = self.read(&path, piece) {
            return Ok(Some(codes));
        }
        let codes = self.kind.comparison().coded(rows, self.plan);
        if let Some(codes) = codes.as_ref().filter(|_| is_kept)
            && let Err(error) = self.write(&path, piece, codes)
        {
            // Other tasks compute them again.
            tracing::warn!(codes = %crate::shown::path(&path), %error, "can't be kept");
        }
        Ok(codes)
    }

    /// Identifies these codes.
    fn digest(self, piece: &Piece) -> [u8; 32] {
        let (kind, plan, file) = (self.kind.name(), self.plan.name(), &piece.file);
        Sha256::digest(format!("{kind} {plan} {} {} {}", file.path, file.size, file.crc32)).into()
    }

    fn read(self, path: &Path, piece: &Piece) -> Option<CodedSet> {
        let file = Arc::new(Mapped::open(path).ok()?);
        file.seal(file.len());
        let (header, codes) = file.split_at_checked(size_of::<CodesHeader>())?;
        let header: CodesHeader = bytemuck::pod_read_unaligned(header);
        let is_sound =
            header.magic == MAGIC && header.version == VERSION && header.checksum == checksum(&[header.covered()]);
        let is_of = header.of == self.digest(piece) && header.rows as usize == piece.rows;
        if !is_sound || !is_of || header.size != codes.len() as u64 || header.codes != checksum(&[codes]) {
            return None;
        }
        CodedSet::mapped(&file, size_of::<CodesHeader>(), piece.rows, self.plan)
    }

    fn write(self, path: &Path, piece: &Piece, codes: &CodedSet) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        codes.write(&mut bytes)?;
        let mut header = CodesHeader {
            magic: MAGIC,
            version: VERSION,
            rows: piece.rows as u32,
            of: self.digest(piece),
            size: bytes.len() as u64,
            codes: checksum(&[&bytes]),
            ..CodesHeader::zeroed()
        };
        header.checksum = checksum(&[header.covered()]);
        let mut file = WholeFile::create(path, TEMPORARY)?;
        file.write_all(bytes_of(&header))?;
        file.write_all(&bytes)?;
        file.replace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::Descriptor;
    use crate::grid::shared_file::SharedFile;

    #[test]
    fn codes_are_read_only_whole_and_of_their_rows() {
        let shared = tempfile::tempdir().unwrap();
        let rows: Vec<_> = (0..300u16)
            .map(|i| {
                let values: Vec<f32> =
                    (0..2000).map(|at| f32::from((i * 7 + at) % 90) - 60.0).map(|v| v.max(0.0)).collect();
                Arc::new(Row::new(i.to_string(), None, Descriptor::from_dense(&values).unwrap()))
            })
            .collect();
        let piece = |crc32| Piece {
            file: SharedFile { path: "0.simages".into(), size: 1, crc32 },
            rows: rows.len(),
            heads: None,
        };
        let bytes = |codes: &CodedSet| {
            let mut bytes = Vec::new();
            codes.write(&mut bytes).unwrap();
            bytes
        };
        for plan in [Plan::Values, Plan::Norms] {
            let codes = Codes { kind: DescriptorKind::Full, plan };
            let path = shared.path().join(format!("0.full-{}.codes", plan.name()));
            let made = bytes(&codes.of(shared.path(), &piece(5), &rows, false).unwrap().unwrap());
            assert!(!path.exists());
            codes.of(shared.path(), &piece(5), &rows, true).unwrap();
            let read = codes.read(&path, &piece(5)).unwrap();
            assert!(read.count() == 300 && bytes(&read) == made);
            let other = Codes { kind: DescriptorKind::Pooled(crate::descriptor::Pooling::ALL[0]), plan };
            assert!(codes.read(&path, &piece(6)).is_none() && other.read(&path, &piece(5)).is_none());
            let whole = std::fs::read(&path).unwrap();
            for at in (0..whole.len()).step_by(whole.len() / 200).chain(0..64) {
                let mut flipped = whole.clone();
                flipped[at] ^= 4;
                std::fs::write(&path, flipped).unwrap();
                assert!(codes.read(&path, &piece(5)).is_none(), "byte {at}");
            }
            std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
            assert!(bytes(&codes.of(shared.path(), &piece(5), &rows, true).unwrap().unwrap()) == made);
            assert!(std::fs::read(&path).unwrap() == whole);
        }
        let plain = Codes { kind: DescriptorKind::Full, plan: Plan::Plain };
        assert!(plain.of(shared.path(), &piece(5), &rows, true).unwrap().is_none());
    }
}
