//! `simages-cluster scheduler`: Ballista's scheduler, which gives tasks to workers that ask for them.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::extension::SessionConfigExt;
use ballista_scheduler::cluster::{BallistaCluster, ClusterStateEvent};
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use ballista_scheduler::scheduler_server::SchedulerServer;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use futures::StreamExt;
use tokio::net::{TcpListener, TcpSocket};

use crate::cli::SchedulerArgs;
use crate::codec::Codec;
use crate::{address, stop};

/// A worker asks at least every 5 s. After this many seconds without a request it is considered dead, and its tasks are
/// given to others.
const WORKER_TIMEOUT: u64 = 15;
/// How long a job whose workers have all died waits for a new one. Users who don't want to wait can cancel it.
const PATIENCE: u64 = 7 * 24 * 3600;
/// How long to remember a finished job: each is a task, and there are thousands.
const MEMORY: u64 = 10;

pub async fn run(args: SchedulerArgs) -> Result<ExitCode> {
    let asked_to_stop = stop::asked()?;
    let addresses = address::resolve(&args.bind)?;
    address::refuse_untrusted(&args.bind, &addresses, args.trust.trusted_network)?;
    let listener = listen(&addresses).with_context(|| format!("can't listen on {}", args.bind))?;
    let address = listener.local_addr()?;

    let config = Arc::new(config(address));
    let cluster = BallistaCluster::new_from_config(&config).await?;
    let scheduler: SchedulerServer<LogicalPlanNode, PhysicalPlanNode> = create_scheduler(cluster, config).await?;
    tokio::spawn(tell_of_workers(scheduler.clone()));
    println!("listening on {address}");
    tokio::select! {
        served = start_grpc_service_with_listener(listener, scheduler) => served?,
        () = asked_to_stop => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Listens on the first of these addresses that works.
fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let address = addresses[0];
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Inherited by each connection. Without it an answer waits 40 ms for the acknowledgement of the previous one.
    socket.set_nodelay(true)?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

fn config(address: SocketAddr) -> SchedulerConfig {
    let settings = SessionConfig::new_with_ballista();
    SchedulerConfig {
        bind_host: address.ip().to_string(),
        bind_port: address.port(),
        // Workers ask for tasks, and open no port.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_timeout_seconds: WORKER_TIMEOUT,
        expire_dead_executor_interval_seconds: 1,
        executor_termination_grace_period: 0,
        no_executors_grace_period_seconds: PATIENCE,
        finished_job_data_clean_up_interval_seconds: MEMORY,
        finished_job_state_clean_up_interval_seconds: MEMORY,
        override_physical_codec: Some(Arc::new(Codec::default())),
        override_config_producer: Some(Arc::new(move || settings.clone())),
        // No functions: there are hundreds, created again for each job, and our plans use none.
        override_session_builder: Some(Arc::new(|config| Ok(SessionStateBuilder::new().with_config(config).build()))),
        ..SchedulerConfig::default()
    }
}

async fn tell_of_workers(scheduler: SchedulerServer<LogicalPlanNode, PhysicalPlanNode>) {
    let Ok(mut events) = scheduler.cluster_state_events().await else { return };
    while let Some(event) = events.next().await {
        match event {
            ClusterStateEvent::RegisteredExecutor { executor_id } => eprintln!("worker {executor_id} joined"),
            ClusterStateEvent::RemovedExecutor { executor_id } => eprintln!("worker {executor_id} left"),
        }
    }
}
