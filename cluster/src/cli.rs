//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Run the tasks of a SIMages grid on many machines, with Ballista
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Distribute tasks to workers. One per cluster; it stores nothing on disk
    Scheduler(SchedulerArgs),
    /// Run tasks on this machine. Opens no port: asks the scheduler for tasks
    Worker(WorkerArgs),
    /// Run all tasks of a plan, wave by wave, and print the number of each finished task
    Submit(SubmitArgs),
}

#[derive(Args)]
pub struct SchedulerArgs {
    /// The address to listen on for workers and submitters
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50050")]
    pub bind: String,
    #[command(flatten)]
    pub trust: Trust,
}

#[derive(Args)]
pub struct WorkerArgs {
    /// The scheduler's address
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: String,
    /// Tasks at a time. One task uses all cores, and needs the memory of two blocks
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub slots: u16,
    /// Folder for Ballista's records, a few hundred bytes per task [default: a temporary folder, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
}

#[derive(Args)]
pub struct Trust {
    /// Allow an address that isn't this machine's loopback. Ballista has no authentication and no encryption: anyone
    /// who can connect to the scheduler, or answer in its place, can run programs and read and write files as the
    /// worker's user. SSH tunnels don't need this option
    #[arg(long)]
    pub trusted_network: bool,
}

#[derive(Args)]
pub struct SubmitArgs {
    /// The scheduler's address
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: String,
    /// The kernel: each worker runs `PROGRAM grid task DIR N`. Must be at the same path on all machines
    #[arg(long, value_name = "PATH")]
    pub program: PathBuf,
    /// The plan's folder. Must be shared, at the same path on all machines
    #[arg(long, value_name = "DIR")]
    pub plan: PathBuf,
    /// File with a line of task numbers per wave, separated by spaces. A wave begins when the one before has ended
    #[arg(long, value_name = "FILE")]
    pub waves: PathBuf,
    /// The most tasks queued at the scheduler at a time. Must exceed the number of all workers' slots
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..))]
    pub in_flight: u16,
}
