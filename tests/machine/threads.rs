//! Too few threads and processes, limits that don't apply to root.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::common::Place;
use crate::disk::without_privileges;
use crate::missing::Missing;

const DUCK: &str = "birds_duck.jpg";

pub fn with_any_number_of_threads_all_is_indexed_or_threads_are_what_is_missing() -> Result<(), Missing> {
    if !rustix::process::getuid().is_root() {
        return Err(Missing("how many threads this user has already is not known; root runs it as nobody".into()));
    }
    let mut done = 0;
    for most in [1, 2, 3, 4, 5, 6, 8, 12, 20, 64] {
        let place = Place::with(&[DUCK]);
        let duck = image::open(place.animals().join(DUCK)).unwrap();
        // A picture decoded in another process.
        duck.save(place.animals().join("duck.tiff")).unwrap();
        std::fs::set_permissions(place.animals(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let binary = without_privileges(&place, &["index", "animals"])?;
        let mut command = place.placed(Command::new("timeout"));
        command.args([
            "30",
            "sh",
            "-c",
            &format!("ulimit -p {most} 2>/dev/null || ulimit -u {most}; exec \"$0\" index animals --threads 32"),
        ]);
        command.arg(binary.get_program()).uid(65534).gid(65534);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => {
                assert!(said.contains("2 pictures, 2 indexed"), "{most}: {said}");
                assert!(said.contains("note: continuing with"), "{most}: {said}");
                done += 1;
            }
            Some(1) if most < 12 => {
                let is_plain = !said.contains("defect") && !said.contains("panicked") && !said.contains("skipped");
                assert!(said.contains("not enough threads") && is_plain, "{most}: {said}");
            }
            code => panic!("{most}: {code:?} {said}"),
        }
    }
    assert!(done > 0);
    Ok(())
}
