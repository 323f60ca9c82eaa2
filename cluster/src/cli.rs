//! What can be typed.

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
    /// Hand out tasks to workers. One for a cluster; it keeps nothing on disk
    Scheduler(SchedulerArgs),
    /// Run tasks on this machine. It opens no port: it asks the scheduler for work
    Worker(WorkerArgs),
    /// Have all tasks of a plan run, wave by wave, and print the number of each when it is answered
    Submit(SubmitArgs),
}

#[derive(Args)]
pub struct SchedulerArgs {
    /// Where to listen for workers and submitters
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50050")]
    pub bind: String,
    #[command(flatten)]
    pub trust: Trust,
}

#[derive(Args)]
pub struct WorkerArgs {
    /// Where the scheduler listens
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: String,
    /// Tasks at a time. One task uses all cores, and needs the memory of two blocks
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub slots: u16,
    /// Where Ballista keeps its bookkeeping, a few hundred bytes a task. A folder that is removed at the end if not given
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
}

#[derive(Args)]
pub struct Trust {
    /// Allow an address that isn't this machine's loopback. Ballista has no authentication and no encryption: who can
    /// connect to the scheduler, or answer in its place, can run programs and read and write files as the worker's user.
    /// SSH tunnels need no such trust
    #[arg(long)]
    pub trusted_network: bool,
}

#[derive(Args)]
pub struct SubmitArgs {
    /// Where the scheduler listens
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: String,
    /// The kernel: each worker runs `PROGRAM grid task DIR N`. At the same path on all machines
    #[arg(long, value_name = "PATH")]
    pub program: PathBuf,
    /// The plan's folder. Shared, and at the same path on all machines
    #[arg(long, value_name = "DIR")]
    pub plan: PathBuf,
    /// A line for each wave: its tasks' numbers, with spaces between. A wave begins when the one before has ended
    #[arg(long, value_name = "FILE")]
    pub waves: PathBuf,
    /// Tasks that are queued at the scheduler at a time. More than all workers have slots
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..))]
    pub in_flight: u16,
}
