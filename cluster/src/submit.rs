//! `simages-cluster submit`: runs all tasks of a plan, wave by wave.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cli::SubmitArgs;
use crate::client::connect;
use crate::job::Jobs;
use crate::kernel::Kernel;
use crate::{address, stop, waves};

/// How long cancelling may take.
const CANCEL: Duration = Duration::from_secs(3);
/// The exit code that shells use for an interrupted program.
const INTERRUPTED: u8 = 130;

pub async fn run(args: SubmitArgs) -> Result<ExitCode> {
    let asked_to_stop = stop::asked()?;
    let waves = waves::read(&args.waves)?;
    let kernel = Kernel { program: absolute(&args.program)?, plan: absolute(&args.plan)? };
    ensure!(kernel.plan.is_dir(), "{}: no such folder", kernel.plan.display());
    address::resolve(&args.scheduler)?;
    let jobs = Jobs { client: connect(&args.scheduler).await?, scheduler: args.scheduler, session: session()? };

    let (stop, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    let result = tokio::select! {
        result = answer_all(&mut running, &waves, args.in_flight.into(), |task| {
            jobs.clone().answer(kernel.clone(), task, stopped.clone())
        }) => result.map(|()| ExitCode::SUCCESS),
        () = asked_to_stop => Ok(ExitCode::from(INTERRUPTED)),
    };
    // The jobs themselves cancel their remaining tasks.
    stop.send_replace(true);
    let _ = tokio::time::timeout(CANCEL, async { while running.join_next().await.is_some() {} }).await;
    result
}

/// Runs all tasks, wave by wave and at most `in_flight` at a time, and prints the number of each finished task.
async fn answer_all<A>(
    running: &mut JoinSet<Result<(u32, bool)>>,
    waves: &[Vec<u32>],
    in_flight: usize,
    answer: impl Fn(u32) -> A,
) -> Result<()>
where
    A: Future<Output = Result<bool>> + Send + 'static,
{
    for wave in waves {
        let mut tasks = wave.iter().copied();
        loop {
            for task in tasks.by_ref().take(in_flight - running.len()) {
                let answered = answer(task);
                running.spawn(async move { Ok((task, answered.await?)) });
            }
            let Some(ended) = running.join_next().await else { break };
            let (task, answered) = ended??;
            ensure!(answered, "task {task} was cancelled");
            print(task)?;
        }
    }
    Ok(())
}

fn print(task: u32) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{task}").and_then(|()| out.flush()).context("can't print the finished tasks")
}

/// Made absolute, because workers have another working directory. The name of a program on PATH stays as it is.
fn absolute(path: &std::path::Path) -> Result<std::path::PathBuf> {
    if path.components().count() == 1 && path.is_relative() && !path.exists() {
        return Ok(path.into());
    }
    std::path::absolute(path).with_context(|| path.display().to_string())
}

fn session() -> Result<String> {
    Ok(format!("{}-{}", std::process::id(), SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn a_wave_begins_when_the_one_before_has_ended() {
        let log = std::sync::Arc::new(Mutex::new(Vec::new()));
        let waves = [vec![0, 1, 2, 3, 4], vec![5, 6]];
        let mut running = JoinSet::new();
        let answer = |task| {
            let log = log.clone();
            async move {
                log.lock().unwrap().push(("begins", task));
                tokio::task::yield_now().await;
                log.lock().unwrap().push(("ends", task));
                Ok(true)
            }
        };
        answer_all(&mut running, &waves, 3, answer).await.unwrap();
        let log = log.lock().unwrap();
        let at = |what| log.iter().position(|&entry| entry == what).unwrap();
        for (early, late) in [(0, 5), (1, 5), (2, 6), (3, 6), (4, 5)] {
            assert!(at(("ends", early)) < at(("begins", late)), "{log:?}");
        }
        let mut most = 0;
        let mut now = 0;
        for (what, _) in log.iter() {
            now += if *what == "begins" { 1 } else { -1 };
            most = most.max(now);
        }
        assert!(most <= 3, "{log:?}");
    }

    #[tokio::test]
    async fn a_failure_ends_it() {
        let mut running = JoinSet::new();
        let answer = |task| async move { if task == 1 { anyhow::bail!("task 1 is ill") } else { Ok(true) } };
        let error = answer_all(&mut running, &[vec![0, 1, 2], vec![3]], 1, answer).await.unwrap_err();
        assert_eq!(error.to_string(), "task 1 is ill");
    }
}
