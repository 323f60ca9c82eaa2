//! Parses the argument of `--on`.

use super::{Ballista, Processes, Scheduler, Slurm, Spark};
use crate::error::{Error, Result};

/// `processes:N`, `slurm`, `ballista://HOST:PORT` or `spark://HOST:PORT`.
pub fn named(typed: &str) -> Result<Box<dyn Scheduler>> {
    let search = Default::default();
    if let Some(count) = typed.strip_prefix("processes:").and_then(|count| count.parse().ok()) {
        return Ok(Box::new(Processes(count)));
    }
    if typed == "slurm" {
        return Ok(Box::new(Slurm::default()));
    }
    if let Some(scheduler) = typed.strip_prefix("ballista://").filter(|address| is_address(address)) {
        return Ok(Box::new(Ballista { scheduler: scheduler.into(), search }));
    }
    if typed.strip_prefix("spark://").is_some_and(|all| all.split(',').all(is_address)) {
        return Ok(Box::new(Spark { master: typed.into(), search }));
    }
    let wanted = "processes:N, slurm, ballista://HOST:PORT or spark://HOST:PORT";
    Err(Error::Input(format!("{typed}: expected {wanted}")))
}

/// HOST:PORT, also with IPv6 such as `[::1]:7077`.
fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}
