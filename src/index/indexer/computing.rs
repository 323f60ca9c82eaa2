//! Computes missing descriptors.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use super::existing::Existing;
use super::run::IndexRun;
use super::sorted::Sorted;
use crate::cancel::Cancel;
use crate::dataset::{ContentHash, Skipped, Unreadable};
use crate::descriptor::{Descriptor, Row};
use crate::error::{Error, Result};
use crate::index::checkpoint::Checkpoint;
use crate::index::decoding::{Looked, NewPicture, look_at};
use crate::index::in_turn::look_at_all;
use crate::limits;
use crate::progress::Progress;
use crate::simd::InstructionClass;
use crate::vgg16::{INPUT_LEN, Vgg16};

/// The number of pictures decoded ahead of the network.
const AHEAD: usize = 64;
/// The same where memory is limited.
const LITTLE_AHEAD: usize = 8;
/// Recognized pictures are quick, so they are reported together at this interval.
const TOGETHER: Duration = Duration::from_millis(200);

pub fn ahead() -> usize {
    if limits::left().is_some() { LITTLE_AHEAD } else { AHEAD }
}

/// The outcome.
#[derive(Default)]
pub struct Computed {
    /// The number of pictures whose descriptors were computed.
    pub count: usize,
    /// Rows that are in no file yet.
    pub rest: Vec<Arc<Row>>,
    /// The progress last reported.
    pub progress: Progress,
}

/// Pictures after a look: rows of known ones, and new ones.
type Looks = (Vec<Arc<Row>>, Vec<NewPicture>);

impl IndexRun<'_> {
    /// Finds or computes the descriptors that `sorted` lacks, and adds them to it. Saves now and then; `computed`
    /// reports how far that came, whatever the outcome.
    pub fn compute(
        &mut self,
        sorted: &mut Sorted,
        existing: &Existing,
        model: &str,
        computed: &mut Computed,
    ) -> Result<()> {
        let missing = self.missing(&sorted.valid);
        computed.progress = Progress::images(0, missing.len());
        self.indexed(&sorted.valid, computed.progress);
        if missing.is_empty() {
            return Ok(());
        }
        if !existing.takes_rows() || !sorted.is_stored && !self.only_takes_rows(existing) {
            self.store.prepare(&sorted.all_known(), model)?;
        }
        let known = self.known(sorted, model);
        let (crops, preprocessing) = (self.crops, self.network.weights()?.preprocessing);
        let options = self.network.options();
        let store = self.store.clone();
        let stop = Cancel::default();
        thread::scope(|scope| {
            let cancel = self.cancel;
            let look = |image| look_at(image, &known, (crops, preprocessing), cancel);
            let looked = look_at_all(scope, &missing, ahead() / crops.count(), options, &stop, look)?;
            let mut checkpoint = Checkpoint::default();
            let outcome = (|| {
                let mut fresh = Fresh::default();
                while let Some((mut rows, new)) = self.next_some(&looked, &mut fresh)? {
                    computed.progress.done += (rows.len() + new.len()) as u64;
                    rows.extend(self.describe_some(new, &mut fresh)?.into_iter().map(Arc::new));
                    computed.count = fresh.computed;
                    sorted.add(rows.iter().cloned());
                    self.indexed(&sorted.valid, computed.progress);
                    checkpoint.add(rows, scope, &store)?;
                }
                Ok(())
            })();
            computed.rest = checkpoint.rest();
            stop.cancel();
            // Decoders that wait for room in the channel notice that nobody listens any more.
            drop(looked);
            outcome
        })
    }

    /// The next pictures: rows of known ones, and as many new ones as the network takes at a time; or fewer after a
    /// while. None at the end.
    pub fn next_some(&self, looked: &Receiver<Looked>, fresh: &mut Fresh) -> Result<Option<Looks>> {
        let (mut known, mut new) = (Vec::new(), Vec::new());
        let began = Instant::now();
        for looked in looked {
            match looked {
                Looked::Known(row) => known.push(row),
                Looked::New(looked) => {
                    new.push(*looked);
                    if new.len() == fresh.network(self)?.batch().div_ceil(self.crops.count()) {
                        break;
                    }
                }
            }
            if !known.is_empty() && began.elapsed() > TOGETHER {
                break;
            }
        }
        self.cancel.check()?;
        Ok((!known.is_empty() || !new.is_empty()).then_some((known, new)))
    }

    /// Rows of new pictures. Of byte-identical files, only one is computed.
    pub fn describe_some(&mut self, new: Vec<NewPicture>, fresh: &mut Fresh) -> Result<Vec<Row>> {
        let mut images = Vec::new();
        let mut first = Vec::new();
        let mut pictures = Vec::with_capacity(new.len() * self.crops.count() * INPUT_LEN);
        for (image, input) in new {
            match input {
                Ok((input, look)) => {
                    if !fresh.rows.contains_key(&look.content) && !first.contains(&look.content) {
                        pictures.extend(input);
                        first.push(look.content);
                    }
                    images.push((image, look));
                }
                // Not the picture's fault.
                Err(error @ Error::Limit(_)) => return Err(error),
                Err(error) => self.skip(Skipped::picture(&image, error.beside_its_name())),
            }
        }
        if !first.is_empty() {
            let described = self.network.describe(&pictures, self.cancel)?;
            fresh.class = fresh.network(self)?.class();
            fresh.computed += first.len();
            for (content, parts) in first.into_iter().zip(described.chunks(self.crops.count())) {
                fresh.rows.insert(content, Descriptor::from_dense(&self.crops.mean(parts)));
            }
        }
        let mut rows = Vec::new();
        for (image, look) in images {
            match fresh.rows.get(&look.content).and_then(Option::as_ref) {
                Some(descriptor) => {
                    rows.push(Row::of(&image, descriptor.clone(), &look).with_instructions(fresh.class));
                }
                None => self.skip(Skipped::picture(&image, Unreadable::NotFinite.to_string())),
            }
        }
        Ok(rows)
    }
}

/// What was computed in this run.
#[derive(Default)]
pub struct Fresh {
    /// Kept as long as there may be something to compute.
    network: Option<Arc<Vgg16>>,
    /// By file content; None for a descriptor that isn't finite.
    rows: HashMap<ContentHash, Option<Descriptor>>,
    computed: usize,
    /// The class of instructions used; None for a GPU.
    class: Option<InstructionClass>,
}

impl Fresh {
    fn network(&mut self, run: &IndexRun) -> Result<&Vgg16> {
        if self.network.is_none() {
            self.network = Some(run.network.vgg16()?);
        }
        Ok(self.network.as_ref().expect("it is there by now"))
    }
}
