//! `simages-cluster worker`: asks the scheduler for tasks, and runs their kernels.
//!
//! A worker opens no port. When the scheduler doesn't answer, it stops its kernels, because it couldn't report their
//! results. Then it waits for a scheduler, and starts again under another name.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use ballista_core::extension::SessionConfigExt;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::serde::protobuf::executor_resource::Resource;
use ballista_core::serde::protobuf::{
    ExecutorOperatingSystemSpecification, ExecutorRegistration, ExecutorResource, ExecutorSpecification,
    ExecutorStoppedParams,
};
use ballista_core::serde::{BallistaCodec, BallistaLogicalExtensionCodec};
use ballista_core::{BALLISTA_PROTOCOL_VERSION, JobId};
use ballista_executor::execution_engine::{DefaultExecutionEngine, QueryStageExecutor};
use ballista_executor::execution_loop::poll_loop;
use ballista_executor::executor::Executor;
use ballista_executor::health::ExecutorHealth;
use ballista_executor::metrics::ExecutorMetricsCollector;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::cli::WorkerArgs;
use crate::client::{Client, connect};
use crate::codec::Codec;
use crate::site::Site;
use crate::{address, stop};

/// The interval between attempts to reach the scheduler.
const RETRY: Duration = Duration::from_secs(1);
/// Shorter than Ballista's pause after a failed request, so that none is missed.
const LOOK: Duration = Duration::from_millis(20);

pub async fn run(args: WorkerArgs) -> Result<ExitCode> {
    let asked_to_stop = stop::asked()?;
    let addresses = address::resolve(&args.scheduler)?;
    address::refuse_untrusted(&args.scheduler, &addresses, args.trust.trusted_network)?;
    let own = match &args.work_dir {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("can't create a temporary folder; give one with --work-dir")?),
    };
    let folder = args.work_dir.as_deref().or(own.as_ref().map(|own| own.path())).expect("one of them is set");
    std::fs::create_dir_all(folder).with_context(|| format!("can't create the folder {}", folder.display()))?;
    let folder = folder.to_str().with_context(|| format!("{} is not UTF-8", folder.display()))?;

    let mut stay = Stay { args: &args, folder, count: 0, last: None };
    tokio::select! {
        never = stay.forever() => never,
        () = asked_to_stop => {
            let _ = tokio::time::timeout(Duration::from_secs(2), stay.leave("stopped")).await;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A worker's state, kept across losses of the scheduler.
struct Stay<'a> {
    args: &'a WorkerArgs,
    folder: &'a str,
    count: u32,
    /// The name of the latest executor that the scheduler may consider alive.
    last: Option<String>,
}

impl Stay<'_> {
    async fn forever(&mut self) -> Result<ExitCode> {
        let mut silent = false;
        loop {
            match connect(&self.args.scheduler).await {
                Ok(client) => {
                    silent = false;
                    // So that its tasks are given to others at once, perhaps to this worker.
                    self.leave("lost the scheduler").await;
                    self.work(client).await;
                    eprintln!("the scheduler at {} doesn't answer: kernels stopped", self.args.scheduler);
                }
                Err(error) if !silent => {
                    eprintln!("{error:#}; waiting for it");
                    silent = true;
                }
                Err(_) => {}
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Runs tasks until the scheduler stops answering.
    async fn work(&mut self, client: Client) {
        self.count += 1;
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let id = format!("{host}-{}-{}", std::process::id(), self.count);
        self.last = Some(id.clone());
        eprintln!("worker {id} asks {} for tasks", self.args.scheduler);

        let site = Site { host, runtime: Handle::current(), scheduler: client.clone() };
        let codec = BallistaCodec::<LogicalPlanNode, PhysicalPlanNode>::new(
            Arc::new(BallistaLogicalExtensionCodec::default()),
            Arc::new(Codec::on(site)),
        );
        let executor = Arc::new(self.executor(id));
        let health = ExecutorHealth::new();
        // On return, the set ends the loop, which kills all kernels.
        let mut asking = JoinSet::new();
        asking.spawn(poll_loop(client, executor, codec, None, None, health.clone()));
        let mut answered = false;
        loop {
            tokio::select! {
                _ = asking.join_next() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            if answered && !health.is_ready() {
                return;
            }
            answered = health.is_ready();
        }
    }

    fn executor(&self, id: String) -> Executor {
        let slots = self.args.slots;
        let registration = ExecutorRegistration {
            id,
            // It accepts no connections.
            host: Some(String::new()),
            port: 0,
            grpc_port: 0,
            specification: Some(ExecutorSpecification {
                resources: vec![ExecutorResource { resource: Some(Resource::Vcores(slots.into())) }],
            }),
            os_info: Some(ExecutorOperatingSystemSpecification::default()),
            ballista_protocol_version: BALLISTA_PROTOCOL_VERSION,
        };
        let runtime = Arc::new(RuntimeEnv::default());
        let settings = SessionConfig::new_with_ballista();
        let functions = BallistaFunctionRegistry {
            scalar_functions: HashMap::new(),
            aggregate_functions: HashMap::new(),
            window_functions: HashMap::new(),
            higher_order_functions: HashMap::new(),
        };
        Executor::new(
            registration,
            self.folder,
            Arc::new(move |_| Ok(runtime.clone())),
            Arc::new(move || settings.clone()),
            Arc::new(functions),
            Arc::new(NoMetrics),
            slots.into(),
            Arc::new(DefaultExecutionEngine::new()),
        )
    }

    /// Tells the scheduler to expect nothing more from the previous executor.
    async fn leave(&mut self, reason: &str) {
        let Some(executor_id) = self.last.take() else { return };
        if let Ok(mut client) = connect(&self.args.scheduler).await {
            let _ = client.executor_stopped(ExecutorStoppedParams { executor_id, reason: reason.into() }).await;
        }
    }
}

/// Replaces Ballista's collector, which prints each stage.
struct NoMetrics;

impl ExecutorMetricsCollector for NoMetrics {
    fn record_stage(&self, _: &JobId, _: usize, _: usize, _: Arc<dyn QueryStageExecutor>) {}
}
