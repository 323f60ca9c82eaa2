//! Where kernels run: gives a decoded plan access to its worker.

use std::time::Duration;

use ballista_core::serde::protobuf::{GetJobStatusParams, job_status::Status};
use tokio::runtime::Handle;

use crate::client::Client;

/// The interval between checks on a running kernel's job.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Site {
    /// The machine's name, for messages.
    pub host: String,
    /// Kernels are started from the worker's own threads, because Ballista's have a low priority, which kernels would
    /// inherit.
    pub runtime: Handle,
    pub scheduler: Client,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(out, "Site({})", self.host)
    }
}

impl Site {
    /// Returns when `job`'s answer is no longer wanted: cancelled, answered elsewhere, or unknown to the scheduler.
    ///
    /// Ballista would cancel a task by calling the worker, but a worker opens no port.
    pub async fn unwanted(&self, job: &str) {
        let mut scheduler = self.scheduler.clone();
        loop {
            tokio::time::sleep(LOOK).await;
            let Ok(answer) = scheduler.get_job_status(GetJobStatusParams { job_id: job.into() }).await else {
                continue; // The worker's own connection notices this, and ends everything.
            };
            let status = answer.into_inner().status.and_then(|status| status.status);
            if !matches!(status, Some(Status::Queued(_) | Status::Running(_))) {
                return;
            }
        }
    }
}
