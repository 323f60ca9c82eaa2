//! The connection to a scheduler.

use std::time::Duration;

use anyhow::{Context, Result};
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use tonic::transport::{Channel, Endpoint};

pub type Client = SchedulerGrpcClient<Channel>;

/// Connects once. Later requests are answered, or fail, within 8 s.
pub async fn connect(scheduler: &str) -> Result<Client> {
    let channel = Endpoint::new(format!("http://{scheduler}"))
        .with_context(|| format!("{scheduler}: not a valid address; expected HOST:PORT, such as 127.0.0.1:50050"))?
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(8))
        .tcp_nodelay(true)
        // Detects a machine that disappeared without closing the connection.
        .http2_keep_alive_interval(Duration::from_secs(3))
        .keep_alive_timeout(Duration::from_secs(4))
        .keep_alive_while_idle(true)
        .connect()
        .await
        .map_err(|error| anyhow::anyhow!(root(&error)))
        .with_context(|| unreachable(scheduler))?;
    Ok(SchedulerGrpcClient::new(channel))
}

/// The error when a scheduler doesn't answer.
pub fn unreachable(scheduler: &str) -> String {
    format!(
        "no scheduler answers at {scheduler}; start one there (simages-cluster scheduler), or open the SSH tunnel to it"
    )
}

/// Only the innermost error is informative.
pub fn root(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
