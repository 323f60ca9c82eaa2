//! `simages bench`: how long the network takes, for comparison with other programs (`just bench-vgg`).

use std::num::NonZero;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::options::GlobalOptions;
use super::output::{print, say};
use super::run::Run;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::signals::cancel_on_signal;
use crate::vgg16::{INPUT_LEN, Network, NetworkOptions};

/// Print how many milliseconds the network takes per picture
///
/// The median of several runs of the network alone, on pictures in memory. For developers who compare it with other
/// programs.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Pictures per batch
    #[arg(long, value_name = "N", default_value = "8")]
    batch: NonZero<usize>,

    /// The number of runs, after one to warm up
    #[arg(long, value_name = "N", default_value = "5")]
    runs: NonZero<usize>,
}

pub struct Bench {
    /// Pictures per batch.
    batch: NonZero<usize>,
    /// The number of runs.
    runs: NonZero<usize>,
    network: NetworkOptions,
}

impl BenchArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Bench> {
        Ok(Bench { batch: self.batch, runs: self.runs, network: options.network()? })
    }
}

impl Run for Bench {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        let batch = self.batch.get();
        let began = Instant::now();
        let vgg16 = Network::new(self.network).vgg16()?;
        say(&format!("prepared for {} in {:.3} s", vgg16.computed_by(), began.elapsed().as_secs_f64()));
        // Any values will do, as long as they differ.
        let pictures: Vec<f32> = (0..batch * INPUT_LEN).map(|i| (i * 7919 % 256) as f32 - 128.0).collect();
        vgg16.forward(&pictures, &cancel)?;
        let mut times = Vec::new();
        for _ in 0..self.runs.get() {
            let began = Instant::now();
            vgg16.forward(&pictures, &cancel)?;
            times.push(began.elapsed().as_secs_f64() * 1e3 / batch as f64);
        }
        times.sort_by(f64::total_cmp);
        say(&format!("ms/picture: min {:.2}, median {:.2}", times[0], times[times.len() / 2]));
        print(format!("{:.3}\n", times[times.len() / 2]).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
