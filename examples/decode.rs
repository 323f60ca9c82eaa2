//! `decode OUT FILE...`: decodes each picture as SIMages does, writes it into the folder OUT as a PNG, and prints how many
//! milliseconds of processor time that took, or why it cannot be read.

use std::path::PathBuf;

use rustix::time::{ClockId, clock_gettime};

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().expect("the folder for PNGs, or `-` for none");
    for path in arguments {
        let begun = milliseconds();
        let decoded = simages::dataset::decode::open(&path);
        let ms = milliseconds() - begun;
        match decoded {
            Ok(image) => {
                let image = image.into_rgb8();
                println!("{}\t{ms:.1}\t{} x {}", path.display(), image.width(), image.height());
                if out.as_os_str() != "-" {
                    let name = format!("{}.png", path.file_name().unwrap_or_default().to_string_lossy());
                    image.save(out.join(name)).expect("the folder for PNGs can be written to");
                }
            }
            Err(error) => println!("{}\t{ms:.1}\t{error}", path.display()),
        }
    }
}

/// Processor time of all threads so far.
fn milliseconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1000.0 + time.tv_nsec as f64 / 1e6
}
