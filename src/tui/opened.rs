//! A file that the user named: a key, a file of pairs, or a list of marks.

use super::app::App;
use super::jobs::{OpenedFile, OpenedPicture, ReadList};
use super::msg::Task;
use super::purpose::Purpose;
use super::scenes::Joined;
use super::set::KeyPicture;
use crate::dataset::names;
use crate::error::{Error, Result};
use crate::join::export::PairFormat;
use crate::marks::split;
use crate::text::{count, thousands};

impl App {
    /// A file was opened, or refused.
    pub(super) fn opened(&mut self, result: Result<OpenedFile>) -> Vec<Task> {
        match result {
            Ok(OpenedFile::Picture(picture)) => {
                self.world.take_entered(&[Purpose::OpenFile]);
                self.opened_picture(picture)
            }
            Ok(OpenedFile::List(list)) => {
                let marked = self.mark_again(list);
                self.written(marked, &[Purpose::OpenFile]);
                Vec::new()
            }
            Err(error) => {
                self.written(Err(error), &[Purpose::OpenFile]);
                Vec::new()
            }
        }
    }

    fn opened_picture(&mut self, OpenedPicture { path, part, id }: OpenedPicture) -> Vec<Task> {
        let name = match path.file_name() {
            Some(name) => names::text(name),
            None => crate::shown::path(&path),
        };
        let settings = self.trail.shown().settings().clone();
        if PairFormat::by_extension(&path).is_ok() {
            let (joined, tasks) = Joined::of_file(&path, settings, &mut self.world);
            return self.onto(Box::new(joined), tasks);
        }
        let key = KeyPicture { path, part, stamp: None, id, name };
        self.find_similar(key.into(), settings)
    }

    /// Marks the pictures of a list written earlier, unless they have changed since; `W` then writes that list anew.
    fn mark_again(&mut self, ReadList { path, bytes, written_ns }: ReadList) -> Result<String> {
        let paths = split(&bytes);
        let of = paths.len();
        let (mut files, mut refused) = (Vec::new(), Vec::new());
        for path in paths {
            let name = path.file_name().map_or_else(|| crate::shown::path(&path), names::text);
            match self.world.as_scanned(&KeyPicture { path, stamp: None, id: None, name, part: None }) {
                // Another picture may have taken its name.
                Ok(file) if file.ctime_ns.max(file.stamp.mtime_ns) > written_ns => {
                    refused.push(format!("{} has changed since the list was written", file.name));
                }
                Ok(file) if self.world.marks.contains(&file.path) => {}
                Ok(file) => files.push(file),
                Err(why) => refused.push(why),
            }
        }
        refused.extend(self.trail.shown_mut().mark_listed(files, &mut self.world));
        let list = crate::shown::path(&path);
        if refused.len() == of {
            let why = refused.first().map_or("the list is empty", String::as_str);
            return Err(Error::Input(format!("nothing marked: {why}")));
        }
        self.world.lists.lock().opened(path, bytes);
        self.world.list_name = Some(list);
        Ok(match refused.first() {
            None => format!("{} marked again", count(of, "picture")),
            Some(why) => {
                let marked = thousands(of - refused.len());
                format!("{marked} of {} marked again; of the others, {why}", count(of, "picture"))
            }
        })
    }
}
