//! Runs the tasks of a grid (`simages grid plan`) on many machines. Ballista distributes them.
//!
//! Each task is a Ballista job of its own, which runs the kernel as a child process: `PROGRAM grid task DIR N`. The
//! kernel itself writes its part to the shared folder, so only the task's number travels. One job per task, because
//! when a worker is lost Ballista forgets what it had finished of a running job, and starts that again.

mod address;
mod cli;
mod client;
mod codec;
mod job;
mod kernel;
mod node;
mod reason;
mod scheduler;
mod site;
mod stop;
mod submit;
mod waves;
mod worker;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let command = cli::Cli::parse().command;
    // Ballista's errors about executors it can't call are expected, because workers open no port.
    let quiet = "error,ballista_scheduler=off,ballista_executor=off";
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(quiet)).init();
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("simages-cluster: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: cli::Command) -> anyhow::Result<ExitCode> {
    match command {
        cli::Command::Scheduler(args) => block_on(scheduler::run(args)),
        cli::Command::Worker(args) => block_on(worker::run(args)),
        cli::Command::Submit(args) => block_on(submit::run(args)),
    }
}

fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(future);
    // Don't wait for kernels that take long to end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}
