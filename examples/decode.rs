//! `decode OUT FILE...`: decodes each picture like SIMages does, writes it as a PNG into the folder OUT, and prints the
//! processor time in milliseconds, or why it can't be read.

use std::path::PathBuf;

use rustix::time::{ClockId, clock_gettime};

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().expect("a folder for PNGs, or `-` for none");
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
                    image.save(out.join(name)).expect("the folder for PNGs is writable");
                }
            }
            Err(error) => println!("{}\t{ms:.1}\t{error}", path.display()),
        }
    }
}

/// The processor time of all threads so far.
fn milliseconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1000.0 + time.tv_nsec as f64 / 1e6
}
