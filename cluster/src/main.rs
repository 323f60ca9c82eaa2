//! Runs the tasks of a grid (`simages grid plan`) on many machines, with Ballista as the engine that hands them out.
//!
//! Each task is a job of its own to Ballista, and within it the kernel is a child process: `PROGRAM grid task DIR N`.
//! It writes its part below the shared folder itself, so nothing but the task's number travels. One job a task, because
//! Ballista forgets what a lost worker had finished of a job that still runs, and starts it again.

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
    // Ballista's errors for executors it can't call are expected: workers open no port.
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
    // A kernel that doesn't end at once isn't waited for.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}
