//! Background work of which only the latest request counts.
//!
//! A [`Worker`] has a few threads and a queue of jobs. [`Worker::replace`] sets the jobs wanted now: queued jobs that
//! are no longer wanted are dropped, running ones continue, and no job starts twice.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};

use crate::limits;

pub struct Worker<J> {
    shared: Arc<Shared<J>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared<J> {
    jobs: Mutex<Jobs<J>>,
    changed: Condvar,
}

struct Jobs<J> {
    waiting: VecDeque<J>,
    running: Vec<J>,
    stopped: bool,
}

impl<J: Clone + PartialEq + Send + 'static> Worker<J> {
    /// Starts `threads` threads called `name`. Each calls `run` with one job after another.
    pub fn start(name: &str, threads: usize, run: impl Fn(J) + Send + Sync + 'static) -> Worker<J> {
        let jobs = Jobs { waiting: VecDeque::new(), running: Vec::new(), stopped: false };
        let shared = Arc::new(Shared { jobs: Mutex::new(jobs), changed: Condvar::new() });
        let run = Arc::new(run);
        let threads = (0..threads.max(1))
            .map(|_| {
                let (shared, run) = (shared.clone(), run.clone());
                limits::spawn(name, move || shared.work(&*run))
            })
            .collect();
        Worker { shared, threads }
    }

    /// Replaces the queue with the jobs wanted now, most urgent first.
    pub fn replace(&self, wanted: impl IntoIterator<Item = J>) {
        let mut jobs = self.shared.jobs.lock();
        let wanted: VecDeque<J> = wanted.into_iter().filter(|job| !jobs.running.contains(job)).collect();
        jobs.waiting = wanted;
        self.shared.changed.notify_all();
    }
}

impl<J: Clone + PartialEq> Shared<J> {
    fn work(&self, run: &dyn Fn(J)) {
        while let Some(job) = self.next() {
            run(job.clone());
            let mut jobs = self.jobs.lock();
            jobs.running.retain(|j| *j != job);
        }
    }

    fn next(&self) -> Option<J> {
        let mut jobs = self.jobs.lock();
        loop {
            if jobs.stopped {
                return None;
            }
            if let Some(job) = jobs.waiting.pop_front() {
                jobs.running.push(job.clone());
                return Some(job);
            }
            self.changed.wait(&mut jobs);
        }
    }
}

impl<J> Drop for Worker<J> {
    /// Drops the queue and waits for the running jobs.
    fn drop(&mut self) {
        {
            let mut jobs = self.shared.jobs.lock();
            jobs.stopped = true;
            jobs.waiting.clear();
        }
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{channel, sync_channel};

    #[test]
    fn only_the_latest_wish_is_done_and_nothing_twice() {
        let (started, starts) = channel();
        let (go, gate) = sync_channel::<()>(0);
        let gate = Mutex::new(gate);
        let worker = Worker::start("test", 1, move |job: u32| {
            started.send(job).unwrap();
            gate.lock().recv().unwrap();
        });
        worker.replace([1]);
        assert_eq!(starts.recv(), Ok(1));
        worker.replace([2, 3]);
        worker.replace([1, 4, 5]);
        for expected in [4, 5] {
            go.send(()).unwrap();
            assert_eq!(starts.recv(), Ok(expected));
        }
        go.send(()).unwrap();
        drop(worker);
        assert!(starts.recv().is_err());
    }
}
