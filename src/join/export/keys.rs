//! The keys of a join without results: the anti-join.

use std::collections::HashSet;
use std::io::{self, Write};

use serde::Serialize;

use super::pairs::{PairFormat, io_error};
use crate::join::set_join::Group;

#[derive(Serialize)]
struct KeyRecord<'a> {
    key: &'a str,
}

/// Writes the keys of groups without neighbours as they come. In a self-join, each pair is reported under the name that
/// sorts first, so the other name has a neighbour too.
pub struct LonelyKeyWriter<'a> {
    output: KeyOutput<'a>,
    /// For a self-join: names that were a neighbour.
    met: Option<HashSet<String>>,
    written: u64,
}

enum KeyOutput<'a> {
    Csv(Box<csv::Writer<&'a mut (dyn Write + Send)>>),
    Jsonl(&'a mut (dyn Write + Send)),
}

impl<'a> LonelyKeyWriter<'a> {
    /// None for a format that only supports pairs.
    pub fn new(
        format: PairFormat,
        is_self_join: bool,
        to: &'a mut (dyn Write + Send),
    ) -> io::Result<Option<LonelyKeyWriter<'a>>> {
        let output = match format {
            PairFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(to);
                csv.write_record(["key"]).map_err(io_error)?;
                KeyOutput::Csv(Box::new(csv))
            }
            PairFormat::Jsonl => KeyOutput::Jsonl(to),
            PairFormat::Parquet => return Ok(None),
        };
        Ok(Some(LonelyKeyWriter { output, met: is_self_join.then(HashSet::new), written: 0 }))
    }

    pub fn take(&mut self, group: &Group) -> io::Result<()> {
        let key = &group.key.name;
        let was_met = self.met.as_mut().is_some_and(|met| {
            met.extend(group.neighbours.iter().map(|neighbour| neighbour.row.name.clone()));
            met.remove(key)
        });
        if was_met || !group.neighbours.is_empty() {
            return Ok(());
        }
        self.written += 1;
        match &mut self.output {
            KeyOutput::Csv(csv) => csv.write_record([key]).map_err(io_error),
            KeyOutput::Jsonl(to) => {
                serde_json::to_writer(&mut *to, &KeyRecord { key })?;
                to.write_all(b"\n")
            }
        }
    }

    /// Keys so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes the remaining keys.
    pub fn finish(self) -> io::Result<()> {
        match self.output {
            KeyOutput::Csv(mut csv) => csv.flush(),
            KeyOutput::Jsonl(to) => to.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descriptor::{Descriptor, Row};
    use crate::join::Neighbour;

    #[test]
    fn keys_without_neighbours_are_written_and_of_a_self_join_only_those_that_nobody_met() {
        let row = |name: &str| Arc::new(Row::new(name, None, Descriptor::default()));
        let group = |key: &str, neighbours: &[&str]| {
            let neighbours = neighbours.iter().map(|name| Neighbour::new(row(name), 1.0)).collect();
            Group { key: row(key), neighbours }
        };
        let written = |format, is_self_join| {
            let mut bytes = Vec::new();
            let mut writer = LonelyKeyWriter::new(format, is_self_join, &mut bytes).unwrap().unwrap();
            for group in [group("a", &["c"]), group("b, \"x\"", &[]), group("c", &[])] {
                writer.take(&group).unwrap();
            }
            assert_eq!(writer.written(), if is_self_join { 1 } else { 2 });
            writer.finish().unwrap();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(written(PairFormat::Csv, false), "key\n\"b, \"\"x\"\"\"\nc\n");
        assert_eq!(written(PairFormat::Jsonl, true), "{\"key\":\"b, \\\"x\\\"\"}\n");
    }
}
