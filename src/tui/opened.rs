//! A file that the user named: a key, a file of pairs, or a list of marks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::app::App;
use super::jobs::{OpenedFile, OpenedPicture, ReadList};
use super::msg::Task;
use super::purpose::Purpose;
use super::scenes::Joined;
use super::set::KeyPicture;
use crate::dataset::names;
use crate::error::{Error, Result};
use crate::home::told_path;
use crate::join::export::PairFormat;
use crate::marks::MarkRecord;
use crate::text::{count, thousands};

impl App {
    /// A file was opened, or refused.
    pub(super) fn opened(&mut self, result: Result<OpenedFile>) -> Vec<Task> {
        let done = match result {
            Ok(OpenedFile::Picture(picture)) => {
                self.world.take_entered(&[Purpose::OpenFile]);
                return self.opened_picture(picture);
            }
            Ok(OpenedFile::List(list)) => self.mark_again(list),
            Err(error) => Err(error),
        };
        self.written(done, &[Purpose::OpenFile]);
        Vec::new()
    }

    fn opened_picture(&mut self, OpenedPicture { path, part, id }: OpenedPicture) -> Vec<Task> {
        let settings = self.trail.shown().settings().clone();
        if PairFormat::by_extension(&path).is_ok() {
            let (joined, tasks) = Joined::of_file(&path, settings, &mut self.world);
            return self.onto(Box::new(joined), tasks);
        }
        let key = KeyPicture { name: names::file_name(&path), path, part, stamp: None, id };
        self.find_similar(key.into(), settings)
    }

    /// Marks the pictures of a list written earlier as they were marked then, unless they have changed since.
    fn mark_again(&mut self, ReadList { path, bytes, marks }: ReadList) -> Result<String> {
        let marks: BTreeMap<PathBuf, MarkRecord> = marks.into_iter().collect();
        let of = marks.len();
        let (mut again, mut refused) = (Vec::new(), Vec::new());
        for (path, record) in marks {
            match self.world.as_recorded(&path, &record) {
                Ok(mark) => again.push(mark),
                Err(why) => refused.push(why),
            }
        }
        refused.extend(self.trail.shown_mut().mark_again(again, &mut self.world));
        let marked = of - refused.len();
        let Some(first) = refused.first() else {
            // Only what is whole may be written anew.
            if let Some(mut lists) = self.world.lists.try_lock().filter(|_| !bytes.contains(&0)) {
                lists.opened(path.clone(), bytes);
                self.world.list_name = Some(told_path(&path));
            }
            return Ok(format!("{} marked again", count(of, "picture")));
        };
        let others = refused.iter().filter(|why| *why != first).count();
        let more = if others > 0 { format!(", and {} more", thousands(others)) } else { String::new() };
        match marked {
            0 => Err(Error::Input(format!("nothing marked: {first}{more}"))),
            _ => Ok(format!("{} of {of} marked again; not: {first}{more}", thousands(marked))),
        }
    }
}
