//! The plan of a job: a task number in memory, and a node over it that runs the kernel for each number.
//!
//! The number is data instead of a field of the node, because Ballista gives each of its tasks a share of the data, but
//! every node of the plan.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::TryStreamExt;
use tokio::task::JoinSet;

use crate::kernel::Kernel;
use crate::reason::Reason;
use crate::site::Site;

/// How long a worker holds on to a failed task, so that another worker gets the next try.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs `kernel` for each number of `input`, and passes the number on.
#[derive(Debug)]
pub struct KernelNode {
    pub kernel: Kernel,
    pub input: Arc<dyn ExecutionPlan>,
    /// None at the submitter and the scheduler, which run no kernels.
    pub site: Option<Site>,
}

/// The plan of a job for one task.
pub fn plan(kernel: Kernel, task: u32) -> Result<Arc<dyn ExecutionPlan>> {
    let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("task", DataType::UInt32, false)]));
    let number = RecordBatch::try_new(schema.clone(), vec![Arc::new(UInt32Array::from(vec![task]))])?;
    let input = MemorySourceConfig::try_new_exec(&[vec![number]], schema, None)?;
    Ok(Arc::new(KernelNode { kernel, input, site: None }))
}

impl DisplayAs for KernelNode {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "KernelNode: {} grid task {}", self.kernel.program.display(), self.kernel.plan.display())
    }
}

impl ExecutionPlan for KernelNode {
    fn name(&self) -> &str {
        "KernelNode"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = <[_; 1]>::try_from(children).map_err(|children| {
            DataFusionError::Internal(format!("a kernel has {} inputs instead of 1", children.len()))
        })?;
        Ok(Arc::new(Self { kernel: self.kernel.clone(), input, site: self.site.clone() }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let site = self.site.clone();
        let site = site.ok_or_else(|| DataFusionError::Internal("kernels run only on workers".into()))?;
        let job = job_of(&context)?;
        let kernel = self.kernel.clone();
        let numbers = self.input.execute(partition, context)?;
        let schema = numbers.schema();
        let answered = numbers.and_then(move |numbers| {
            let (site, job, kernel) = (site.clone(), job.clone(), kernel.clone());
            async move {
                for &task in tasks(&numbers)? {
                    answer(&site, &job, kernel.clone(), task).await?;
                }
                Ok(numbers)
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, answered)))
    }
}

/// The job's name is the first part of a task's: `TID job/stage.attempt/task.attempt`.
fn job_of(context: &TaskContext) -> Result<String> {
    let task = context.task_id().unwrap_or_default();
    let job = task.strip_prefix("TID ").and_then(|task| task.split('/').next());
    job.map(str::to_owned).ok_or_else(|| DataFusionError::Internal(format!("{task:?} doesn't name a job")))
}

fn tasks(numbers: &RecordBatch) -> Result<&[u32]> {
    let numbers = numbers.column(0).as_any().downcast_ref::<UInt32Array>();
    Ok(numbers.ok_or_else(|| DataFusionError::Internal("a task number isn't a u32".into()))?.values())
}

/// Runs one task on this worker. Failures are I/O errors, because Ballista retries only those.
async fn answer(site: &Site, job: &str, kernel: Kernel, task: u32) -> Result<()> {
    // The set kills the kernel when this future is dropped.
    let mut running = JoinSet::new();
    running.spawn_on(async move { kernel.run(task).await }, &site.runtime);
    let ended = tokio::select! {
        ended = running.join_next() => ended.expect("one was spawned"),
        () = site.unwanted(job) => return Err(DataFusionError::Execution("no longer wanted".into())),
    };
    let why = match ended {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(why)) => why,
        Err(error) => error.to_string(),
    };
    eprintln!("task {task}: {why}");
    tokio::time::sleep(PAUSE).await;
    let reason = Reason(format!("task {task} on {}: {why}", site.host));
    Err(DataFusionError::IoError(std::io::Error::other(reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_one_part_with_its_task() {
        let plan = plan(Kernel { program: "p".into(), plan: "d".into() }, 7).unwrap();
        assert_eq!(plan.properties().partitioning.partition_count(), 1);
        // Outside a worker it returns an error.
        assert!(plan.execute(0, Arc::default()).err().unwrap().to_string().contains("only on workers"));
    }
}
