//! `simages bench`: how long the network takes, to be compared with others (`just bench-vgg`).

use std::process::ExitCode;
use std::time::Instant;

use super::{print, say};
use crate::cancel::Cancel;
use crate::config::Bench;
use crate::signals::cancel_on_signal;
use crate::vgg16::{INPUT_LEN, Network};

pub fn run(config: Bench) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::default();
    cancel_on_signal(cancel.clone());
    let batch = config.batch.get();
    let began = Instant::now();
    let vgg16 = Network::new(config.network).vgg16()?;
    say(&format!("prepared for {} in {:.3} s", vgg16.computed_by(), began.elapsed().as_secs_f64()));
    // Any values will do; they should not all be alike.
    let pictures: Vec<f32> = (0..batch * INPUT_LEN).map(|i| (i * 7919 % 256) as f32 - 128.0).collect();
    vgg16.forward(&pictures, &cancel)?;
    let mut times = Vec::new();
    for _ in 0..config.runs.get() {
        let began = Instant::now();
        vgg16.forward(&pictures, &cancel)?;
        times.push(began.elapsed().as_secs_f64() * 1e3 / batch as f64);
    }
    times.sort_by(f64::total_cmp);
    say(&format!("ms/picture: min {:.2}, median {:.2}", times[0], times[times.len() / 2]));
    print(format!("{:.3}\n", times[times.len() / 2]).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
