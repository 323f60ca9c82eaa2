//! One task, as a Ballista job.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ballista_core::serde::protobuf::execute_query_params::Query;
use ballista_core::serde::protobuf::{
    CancelJobParams, ExecuteQueryParams, GetJobStatusParams, execute_query_result, job_status::Status,
};
use ballista_core::version::insert_version_header;
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use tokio::sync::watch;

use crate::client::{Client, unreachable};
use crate::codec::Codec;
use crate::kernel::Kernel;
use crate::node;
use crate::reason;

/// A job is polled often at first, then every second, so that tasks of minutes cost the scheduler little.
const OFTEN: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_secs(1);

/// The connection to the scheduler that jobs go to.
#[derive(Clone)]
pub struct Jobs {
    pub scheduler: String,
    pub client: Client,
    /// All jobs of a submission belong to one session.
    pub session: String,
}

impl Jobs {
    /// Waits until `task` is done; cancels it when `stop` becomes true or is dropped. Returns whether it was done.
    pub async fn answer(mut self, kernel: Kernel, task: u32, mut stop: watch::Receiver<bool>) -> Result<bool> {
        let job = self.submit(kernel, task).await?;
        let begun = Instant::now();
        loop {
            let pause = (begun.elapsed() / 2).clamp(OFTEN, SELDOM);
            let stopped = tokio::select! {
                () = tokio::time::sleep(pause) => false,
                () = stopping(&mut stop) => true,
            };
            if stopped {
                self.client.cancel_job(CancelJobParams { job_id: job }).await.map_err(|error| self.gone(&error))?;
                return Ok(false);
            }
            let asked = GetJobStatusParams { job_id: job.clone() };
            let answer = self.client.get_job_status(asked).await.map_err(|error| self.gone(&error))?;
            match answer.into_inner().status.and_then(|status| status.status) {
                Some(Status::Successful(_)) => return Ok(true),
                Some(Status::Failed(failed)) => bail!(reason::extract(&failed.error)),
                Some(Status::Queued(_) | Status::Running(_)) => {}
                None => bail!("the scheduler at {} was restarted and has lost task {task}", self.scheduler),
            }
        }
    }

    async fn submit(&mut self, kernel: Kernel, task: u32) -> Result<String> {
        let mut plan = Vec::new();
        PhysicalPlanNode::try_from_physical_plan(node::plan(kernel, task)?, &Codec::default())?
            .try_encode(&mut plan)?;
        let mut request = tonic::Request::new(ExecuteQueryParams {
            query: Some(Query::PhysicalPlan(plan)),
            settings: Vec::new(),
            session_id: self.session.clone(),
            operation_id: task.to_string(),
        });
        insert_version_header(request.metadata_mut());
        let answer = self.client.execute_query(request).await.map_err(|error| self.gone(&error))?;
        match answer.into_inner().result.context("the scheduler's answer was empty")? {
            execute_query_result::Result::Success(job) => Ok(job.job_id),
            execute_query_result::Result::Failure(failure) => {
                bail!("the scheduler at {} refused task {task}: {failure:?}", self.scheduler)
            }
        }
    }

    /// The error for a missing answer, or for a refusal.
    fn gone(&self, status: &tonic::Status) -> anyhow::Error {
        use tonic::Code::{Cancelled, DeadlineExceeded, Unavailable, Unknown};
        match status.code() {
            Cancelled | DeadlineExceeded | Unavailable | Unknown => {
                anyhow::anyhow!(crate::client::root(status)).context(unreachable(&self.scheduler))
            }
            code => anyhow::anyhow!("the scheduler at {} refused: {code:?}: {}", self.scheduler, status.message()),
        }
    }
}

async fn stopping(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|&stop| stop).await;
}
