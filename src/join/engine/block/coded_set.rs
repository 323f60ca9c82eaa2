//! Precomputed codes of rows, for joins that use the same rows repeatedly.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::codes::Code;
use super::look::CodedRows;
use super::pairing::{covers, parts};
use crate::descriptor::Descriptor;
use crate::error::Result;
use crate::join::engine::plan::Plan;
use crate::mapped::Mapped;
use crate::parallel;

/// The codes of rows in the order of names, in groups. Clones share them.
#[derive(Clone, Default)]
pub struct CodedSet {
    rows: Vec<CodedRows>,
    /// The kind of code; None if there are no rows.
    code: Option<Code>,
    /// The mapped files that they are read from.
    files: Vec<Arc<Mapped>>,
}

impl CodedSet {
    /// Rows per group. Their sums stay in the second-level cache.
    pub const ROWS: usize = 128;

    pub fn new(all: &[&Descriptor], code: Code) -> CodedSet {
        let some: Vec<_> = parts(0..all.len(), Self::ROWS).collect();
        let rows = parallel::map_each(&some, |range| CodedRows::new(all, range.clone(), code));
        CodedSet { rows, code: Some(code), files: Vec::new() }
    }

    /// The codes of `rows` rows for `plan`, as [`CodedSet::write`] wrote them, in `file` from `at` to its end. None if
    /// the bytes don't fit.
    pub fn mapped(file: &Arc<Mapped>, mut at: usize, rows: usize, plan: Plan) -> Option<CodedSet> {
        let code = plan.code()?;
        let some = parts(0..rows, Self::ROWS).map(|range| {
            let rows = CodedRows::mapped(file, at, range, code)?;
            at += rows.size();
            Some(rows)
        });
        let rows = some.collect::<Option<_>>()?;
        (at == file.len()).then_some(CodedSet { rows, code: Some(code), files: vec![file.clone()] })
    }

    pub fn write(&self, to: &mut dyn io::Write) -> io::Result<()> {
        self.rows.iter().try_for_each(|rows| rows.write(to))
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.rows.last().map_or(0, |rows| rows.range.end)
    }

    /// Appends the rows of `more`.
    pub fn append(&mut self, more: CodedSet) {
        let before = self.count();
        let behind = |rows: CodedRows| {
            let range = rows.range.start + before..rows.range.end + before;
            rows.at(range)
        };
        self.rows.extend(more.rows.into_iter().map(behind));
        self.files.extend(more.files);
        self.code = self.code.or(more.code);
    }

    /// [`crate::Error::Torn`] if one of the mapped files was cut short meanwhile.
    pub fn check_whole(&self) -> Result<()> {
        self.files.iter().try_for_each(|file| file.check_whole())
    }

    /// The group that contains all of `range`, if its code is `code`.
    pub fn around(&self, range: &Range<usize>, code: Code) -> Option<&CodedRows> {
        let at = self.rows.partition_point(|rows| rows.range.end <= range.start);
        let rows = self.rows.get(at).filter(|rows| covers(&rows.range, range))?;
        (self.code == Some(code)).then_some(rows)
    }
}

impl fmt::Debug for CodedSet {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} rows by {:?}", self.count(), self.code)
    }
}

/// Precomputed codes of both sides of a join.
#[derive(Clone, Debug, Default)]
pub struct CodedSides {
    pub keys: CodedSet,
    /// None: the keys.
    pub rows: Option<CodedSet>,
}

impl CodedSides {
    pub fn rows(&self) -> &CodedSet {
        self.rows.as_ref().unwrap_or(&self.keys)
    }
}
