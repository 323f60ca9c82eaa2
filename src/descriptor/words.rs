//! A block of 32-bit numbers of a descriptor, in memory or in a mapped file.

use std::ops::Range;
use std::sync::Arc;

use crate::mapped::Mapped;

#[derive(Clone, Debug)]
pub enum Words {
    Owned(Arc<[u32]>),
    /// Bytes of a file; `at` and `len` are divisible by four.
    Mapped {
        file: Arc<Mapped>,
        at: usize,
        len: usize,
    },
}

impl Words {
    /// A copy of these bytes, a multiple of four.
    pub fn of_bytes(bytes: &[u8]) -> Words {
        let (fours, rest) = bytes.as_chunks();
        assert!(rest.is_empty());
        Words::Owned(fours.iter().map(|four| u32::from_ne_bytes(*four)).collect())
    }

    /// None if they aren't all in the file, or aren't aligned.
    pub fn mapped(file: &Arc<Mapped>, at: usize, len: usize) -> Option<Words> {
        let aligned = at.is_multiple_of(4) && len.is_multiple_of(4);
        let inside = at.checked_add(len).is_some_and(|end| end <= file.len());
        (aligned && inside).then(|| Words::Mapped { file: file.clone(), at, len })
    }

    pub fn get(&self) -> &[u32] {
        match self {
            Words::Owned(words) => words,
            Words::Mapped { file, at, len } => bytemuck::cast_slice(&file[*at..*at + *len]),
        }
    }

    /// The file they are in, unless they are in memory.
    pub fn file(&self) -> Option<&Arc<Mapped>> {
        match self {
            Words::Owned(_) => None,
            Words::Mapped { file, .. } => Some(file),
        }
    }

    /// The file and the place in it, unless they are in memory.
    pub fn place(&self) -> Option<(&Arc<Mapped>, Range<usize>)> {
        match self {
            Words::Owned(_) => None,
            Words::Mapped { file, at, len } => Some((file, *at..*at + *len)),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self.get())
    }
}
