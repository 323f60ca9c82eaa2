//! `on SCHEDULER PROGRAM FOLDER WAVE...`: runs tasks on a scheduler, like `simages join --on`. A wave is `0,1,2` or
//! `0..40`. For testing schedulers with a program that does nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use simages::cancel::Cancel;
use simages::grid::schedulers::{Job, named};
use simages::{Error, signals};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [on, program, plan, waves @ ..] = &arguments[..] else {
        eprintln!("on SCHEDULER PROGRAM FOLDER WAVE...");
        return ExitCode::from(2);
    };
    let waves: Vec<Vec<usize>> = waves.iter().map(|wave| tasks(wave)).collect();
    let (program, plan) = (whole(program), whole(plan));
    let cancel = Cancel::default();
    signals::cancel_on_signal(cancel.clone());
    let job = Job { program: &program, plan: &plan, waves: &waves };
    match named(on).and_then(|scheduler| scheduler.run(&job, &cancel)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if matches!(error, Error::Cancelled) { signals::CANCELLED } else { 1 })
        }
    }
}

fn tasks(wave: &str) -> Vec<usize> {
    let number = |text: &str| text.parse::<usize>().expect("a task number");
    match wave.split_once("..") {
        Some((first, end)) => (number(first)..number(end)).collect(),
        None => wave.split(',').map(number).collect(),
    }
}

fn whole(path: &str) -> PathBuf {
    std::path::absolute(path).expect("a path")
}
