//! Columns in an npz: data about pictures besides their descriptors.
//!
//! The member `columns`, text `[c]`, lists their names; each is a member `columns/NAME`, uint8 `[n, bytes]`, zeros
//! where a picture has no value. This separates our columns from other programs' arrays, and preserves those that only
//! another version knows. A file without columns has none of these members.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use npyz::{DType, Order};
use rawzip::{ReaderAt, ZipArchiveWriter};

use super::arrays::{member, text, text_dtype, text_width};
use super::member::{Archive, Array, LIST, PREFIX};
use crate::descriptor::columns::Table;
use crate::descriptor::{Column, Columns, Row};
use crate::storage::Failure;

/// The columns of all `n` rows. Arrays of other types than ours are skipped.
pub fn read<R: ReaderAt + Sync>(archive: &Archive<R>, n: usize) -> Result<Arc<Table>, Failure> {
    let listed: Vec<String> = match archive.member(LIST) {
        Some(list) => list.open()?.values(&|shape| shape.len() == 1)?,
        None => Vec::new(),
    };
    // One without the other means a damaged directory.
    let unlisted = |name: &&str| !listed.iter().any(|listed| listed == name);
    if let Some(name) = archive.names().filter_map(|name| name.strip_prefix(PREFIX)).find(unlisted) {
        return Err(format!("\"{PREFIX}{name}\" is not in \"{LIST}\"").into());
    }
    let mut columns: Vec<(Column, Vec<u8>)> = Vec::new();
    // A name listed twice counts once.
    for name in BTreeSet::from_iter(listed) {
        let array = archive.required(&format!("{PREFIX}{name}"))?.open()?;
        if let Some(column) = column(&name, &array, n) {
            columns.push((column, array.values(&|_| true)?));
        }
    }
    Ok(Arc::new(Table::owned(n, columns)))
}

/// Whether [`read`] would take all columns.
pub fn are_ours<R: ReaderAt + Sync>(archive: &Archive<R>) -> Result<bool, Failure> {
    let features = archive.required("features")?.open()?;
    let n = features.header.shape().first().map_or(0, |n| *n as usize);
    let Some(list) = archive.member(LIST) else { return Ok(true) };
    let listed: Vec<String> = list.open()?.values(&|shape| shape.len() == 1)?;
    for name in listed {
        if column(&name, &archive.required(&format!("{PREFIX}{name}"))?.open()?, n).is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The column in an array, if it is one for `n` rows.
fn column(name: &str, array: &Array, n: usize) -> Option<Column> {
    let bytes = matches!(array.header.dtype(), DType::Plain(t) if t.to_string() == "|u1");
    match array.header.shape() {
        [rows, row_bytes] if bytes && array.header.order() == Order::C && *rows == n as u64 => {
            Column::new(name, usize::try_from(*row_bytes).ok()?)
        }
        _ => None,
    }
}

/// Writes the rows' columns, if they have any.
pub fn write<W: Write>(zip: &mut ZipArchiveWriter<W>, rows: &[Arc<Row>]) -> Result<(), Failure> {
    let columns = Columns::of_all(rows.iter().map(|row| &row.columns), |_| true);
    if columns.is_empty() {
        return Ok(());
    }
    let names = || columns.iter().map(Column::name);
    let width = text_width(names());
    let list = &[columns.len() as u64];
    member(zip, LIST, &text_dtype(width), list, |w| names().try_for_each(|name| text(w, name, width)))?;
    for column in &columns {
        let shape = [rows.len() as u64, column.row_bytes() as u64];
        member(zip, &format!("{PREFIX}{}", column.name()), "'|u1'", &shape, |w| {
            rows.iter().try_for_each(|row| w.write_all(&column.value(&row.columns)))
        })?;
    }
    Ok(())
}
