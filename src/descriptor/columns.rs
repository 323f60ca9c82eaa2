//! Data about pictures besides their descriptors: named values of a fixed number of bytes.
//!
//! A value of all zero bytes counts as absent. Rows read together share a [`Table`] with all their values; most rows
//! have none. Names and lengths come from the file, so values that only another version knows are preserved.
//!
//! To add a column, choose a name and a length where the value is made (`row.columns.set("content", &hash)`), and read
//! it with `row.columns.get("content")`. Both files then store it without further changes. A name stands for one length
//! and one meaning for ever; a longer value, or one computed differently, needs another name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::words::Words;
use crate::checksum::is_sound;
use crate::mapped::Mapped;

/// In bytes: lowercase letters, digits, `-` and `_`.
pub const LONGEST_NAME: usize = 24;

/// A column's name, and the size of its values in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: Box<str>,
    row_bytes: usize,
}

impl Column {
    /// None if the name is invalid or the length is out of range.
    pub fn new(name: &str, row_bytes: usize) -> Option<Column> {
        let usual = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
        let sound = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(usual) && row_bytes > 0;
        sound.then(|| Column { name: name.into(), row_bytes })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn row_bytes(&self) -> usize {
        self.row_bytes
    }

    /// A row's value as written: zeros if it has none of this length.
    pub fn value<'a>(&self, row: &'a Columns) -> Cow<'a, [u8]> {
        let value = row.get(&self.name).filter(|value| value.len() == self.row_bytes);
        value.map_or_else(|| Cow::Owned(vec![0; self.row_bytes]), Cow::Borrowed)
    }
}

/// The values of some rows, column by column.
#[derive(Debug)]
pub struct Table {
    bytes: Bytes,
    rows: usize,
    columns: Vec<StoredColumn>,
}

#[derive(Debug)]
enum Bytes {
    Owned(Vec<u8>),
    Mapped(Arc<Mapped>),
}

/// The position of a column among the bytes.
#[derive(Clone, Debug)]
pub struct StoredColumn {
    pub column: Column,
    /// The values, row after row.
    pub at: usize,
    /// For values that are checked on use.
    pub checksums: Option<Checksums>,
}

/// The position of each row's checksum: four bytes, little-endian.
#[derive(Clone, Copy, Debug)]
pub struct Checksums {
    pub at: usize,
    /// Bytes from one to the next.
    pub stride: usize,
}

impl Table {
    /// Columns of this many rows in a file; None if they don't all fit in it.
    pub fn mapped(file: &Arc<Mapped>, rows: usize, columns: Vec<StoredColumn>) -> Option<Table> {
        let inside = |at: usize, stride: usize, bytes: usize| {
            let end = || stride.checked_mul(rows.saturating_sub(1))?.checked_add(at)?.checked_add(bytes);
            rows == 0 || end().is_some_and(|end| end <= file.len())
        };
        let sound = columns.iter().all(|stored| {
            let bytes = stored.column.row_bytes;
            inside(stored.at, bytes, bytes)
                && stored.checksums.is_none_or(|sums| inside(sums.at, sums.stride, size_of::<u32>()))
        });
        sound.then(|| Table { bytes: Bytes::Mapped(file.clone()), rows, columns })
    }

    /// Columns of this many rows in memory, with all their values.
    pub fn owned(rows: usize, columns: impl IntoIterator<Item = (Column, Vec<u8>)>) -> Table {
        let mut table = Table { bytes: Bytes::Owned(Vec::new()), rows, columns: Vec::new() };
        let mut all = Vec::new();
        for (column, values) in columns {
            assert_eq!(values.len(), rows * column.row_bytes);
            table.columns.push(StoredColumn { column, at: all.len(), checksums: None });
            all.extend(values);
        }
        table.bytes = Bytes::Owned(all);
        table
    }

    /// The values of the row number `row`.
    pub fn row(self: &Arc<Table>, row: usize) -> Columns {
        assert!(row < self.rows);
        if self.columns.is_empty() { Columns::default() } else { Columns(Some((self.clone(), row as u32))) }
    }

    /// Whether it has this column.
    pub fn has(&self, column: &Column) -> bool {
        self.columns.iter().any(|stored| stored.column == *column)
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(bytes) => bytes,
            Bytes::Mapped(file) => file,
        }
    }

    /// The position of a row's value; None if it has none, or it is damaged.
    fn place(&self, stored: &StoredColumn, row: usize) -> Option<usize> {
        let len = stored.column.row_bytes;
        let at = stored.at + row * len;
        let value = &self.bytes()[at..at + len];
        let sound = || {
            let Some(sums) = stored.checksums else { return true };
            let sum = self.bytes()[sums.at + row * sums.stride..].first_chunk();
            sum.is_some_and(|sum| is_sound(&[value], u32::from_le_bytes(*sum)))
        };
        (value.iter().any(|byte| *byte != 0) && sound()).then_some(at)
    }
}

/// The values of one row: a reference into a table.
#[derive(Clone, Default)]
pub struct Columns(Option<(Arc<Table>, u32)>);

impl Columns {
    /// The value called `name`; None if there is none, or it is damaged.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let (table, stored, at) = self.find(name)?;
        Some(&table.bytes()[at..at + stored.column.row_bytes])
    }

    /// The same without a copy if it is in a file, for callers that keep it. Also None unless it is aligned to four
    /// bytes, and a multiple of four long.
    pub fn words(&self, name: &str) -> Option<Words> {
        let (table, stored, at) = self.find(name)?;
        match &table.bytes {
            Bytes::Mapped(file) => Words::mapped(file, at, stored.column.row_bytes),
            Bytes::Owned(_) => {
                stored.column.row_bytes.is_multiple_of(4).then(|| self.get(name).map(Words::of_bytes)).flatten()
            }
        }
    }

    /// The file of the value called `name`, and its place there, damaged or not.
    pub fn place(&self, name: &str) -> Option<(&Arc<Mapped>, Range<usize>)> {
        let (_, stored, row) = self.stored(name)?;
        let at = stored.at + row * stored.column.row_bytes;
        Some((self.file()?, at..at + stored.column.row_bytes))
    }

    /// The file that they are read from, unless they are in memory.
    pub fn file(&self) -> Option<&Arc<Mapped>> {
        match &self.0.as_ref()?.0.bytes {
            Bytes::Mapped(file) => Some(file),
            Bytes::Owned(_) => None,
        }
    }

    /// The table, the column called `name`, and the number of the row.
    fn stored(&self, name: &str) -> Option<(&Table, &StoredColumn, usize)> {
        let (table, row) = self.0.as_ref()?;
        let stored = table.columns.iter().find(|stored| stored.column.name() == name)?;
        Some((table, stored, *row as usize))
    }

    /// The table, the column called `name`, and the position of the value.
    fn find(&self, name: &str) -> Option<(&Table, &StoredColumn, usize)> {
        let (table, stored, row) = self.stored(name)?;
        Some((table, stored, table.place(stored, row)?))
    }

    /// All values, without damaged ones.
    pub fn iter(&self) -> impl Iterator<Item = (&Column, &[u8])> {
        self.all().filter_map(|column| Some((column, self.get(column.name())?)))
    }

    /// Sets one value; the others stay. Panics if `name` is invalid.
    pub fn set(&mut self, name: &str, value: &[u8]) {
        let column = Column::new(name, value.len()).expect("a column's name, and at least a byte");
        let others = self.iter().filter(|(other, _)| other.name() != name);
        let others = others.map(|(column, value)| (column.clone(), value.to_vec()));
        let table = Table::owned(1, others.chain([(column, value.to_vec())]).collect::<Vec<_>>());
        *self = Arc::new(table).row(0);
    }

    /// Which of the `wanted` columns have a value in any row, by name. If a name has several lengths, the longest.
    pub fn of_all<'a>(rows: impl Iterator<Item = &'a Columns>, wanted: impl Fn(&Column) -> bool) -> Vec<Column> {
        let mut columns: BTreeMap<&str, &Column> = BTreeMap::new();
        for row in rows {
            for column in row.all().filter(|column| wanted(column)) {
                let longer = columns.get(column.name()).is_none_or(|known| known.row_bytes < column.row_bytes);
                if longer && row.get(column.name()).is_some() {
                    columns.insert(column.name(), column);
                }
            }
        }
        columns.into_values().cloned().collect()
    }

    /// All columns of its table; it need not have a value in each.
    fn all(&self) -> impl Iterator<Item = &Column> {
        self.0.iter().flat_map(|(table, _)| table.columns.iter().map(|stored| &stored.column))
    }
}

/// Equal names with equal values, wherever they are stored.
impl PartialEq for Columns {
    fn eq(&self, other: &Columns) -> bool {
        let all = |columns: &Columns| -> BTreeMap<Box<str>, Vec<u8>> {
            columns.iter().map(|(column, value)| (column.name.clone(), value.to_vec())).collect()
        };
        (self.0.is_none() && other.0.is_none()) || all(self) == all(other)
    }
}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_map().entries(self.iter().map(|(column, value)| (column.name(), value))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_if_it_is_not_zero() {
        let column = |name, row_bytes| Column::new(name, row_bytes).unwrap();
        let table = Arc::new(Table::owned(
            2,
            [(column("a", 2), vec![1, 0, 0, 0]), (column("b", 4), vec![0, 0, 0, 0, 5, 6, 7, 8])],
        ));
        let [first, second] = [table.row(0), table.row(1)];
        assert_eq!((first.get("a"), first.get("b"), first.get("c")), (Some(&[1, 0][..]), None, None));
        assert_eq!((second.get("a"), second.words("b").unwrap().bytes()), (None, &[5, 6, 7, 8][..]));
        assert_eq!(Columns::of_all([&second, &first].into_iter(), |_| true), [column("a", 2), column("b", 4)]);
        assert_eq!(Columns::of_all([&second, &first].into_iter(), |c| c.name() == "a"), [column("a", 2)]);
        assert_eq!(Columns::of_all([&second, &Columns::default()].into_iter(), |_| true), [column("b", 4)]);
    }

    #[test]
    fn setting_one_keeps_the_others_and_the_longest_of_a_name_counts() {
        let mut columns = Columns::default();
        columns.set("b", &[1]);
        columns.set("a", &[2, 2]);
        columns.set("b", &[3, 4]);
        let mut other = Columns::default();
        other.set("b", &[3, 4]);
        assert_ne!(columns, other);
        other.set("a", &[2, 2]);
        assert_eq!(columns, other);
        let mut long = Columns::default();
        long.set("b", &[9; 7]);
        let all = Columns::of_all([&columns, &long].into_iter(), |_| true);
        assert_eq!(all, [Column::new("a", 2).unwrap(), Column::new("b", 7).unwrap()]);
        assert_eq!([&columns, &long].map(|row| all[1].value(row).into_owned()), [[0; 7], [9; 7]]);
    }

    #[test]
    fn names_are_what_files_can_say() {
        for name in ["", "A", "a/b", "a b", "ä", "abcdefghijklmnopqrstuvwxy"] {
            assert_eq!(Column::new(name, 1), None, "{name}");
        }
        assert_eq!(Column::new("a", 0), None);
        assert!(Column::new("decoder-version_2", 4).is_some());
    }
}
