//! Where kernels run: what a plan that was decoded on a worker knows of that worker.

use std::time::Duration;

use ballista_core::serde::protobuf::{GetJobStatusParams, job_status::Status};
use tokio::runtime::Handle;

use crate::client::Client;

/// How often a running kernel's job is looked up at the scheduler.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Site {
    /// The machine's name, for messages.
    pub host: String,
    /// Kernels are started from the worker's own threads: Ballista's have a low priority, which would be inherited.
    pub runtime: Handle,
    pub scheduler: Client,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(out, "Site({})", self.host)
    }
}

impl Site {
    /// Returns when nobody wants `job`'s answer any more: cancelled, answered elsewhere, or of a scheduler that is gone.
    ///
    /// Ballista would call the worker to cancel a task, but a worker opens no port.
    pub async fn unwanted(&self, job: &str) {
        let mut scheduler = self.scheduler.clone();
        loop {
            tokio::time::sleep(LOOK).await;
            let Ok(answer) = scheduler.get_job_status(GetJobStatusParams { job_id: job.into() }).await else {
                continue; // The worker's own connection notices, and ends all.
            };
            let status = answer.into_inner().status.and_then(|status| status.status);
            if !matches!(status, Some(Status::Queued(_) | Status::Running(_))) {
                return;
            }
        }
    }
}
