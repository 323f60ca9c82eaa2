//! Tests that can't run here are ignored, and listed.

use std::sync::Mutex;

use libtest_mimic::{Completion, Trial};

/// Something that a test needs and this machine lacks, as reported to the user.
#[derive(Clone, Debug)]
pub struct Missing(pub String);

/// The ignored tests, with reasons.
static IGNORED: Mutex<Vec<(&str, String)>> = Mutex::new(Vec::new());

/// A test that is ignored if something is missing.
pub fn trial(name: &'static str, test: fn() -> Result<(), Missing>) -> Trial {
    Trial::ignorable_test(name, move || match test() {
        Ok(()) => Ok(Completion::Completed),
        Err(Missing(what)) if std::env::var_os("SIMAGES_TEST_ALL").is_some_and(|value| value == "1") => {
            Err(format!("can't be run here, and SIMAGES_TEST_ALL=1: {what}").into())
        }
        Err(Missing(what)) => {
            IGNORED.lock().unwrap().push((name, what.clone()));
            Ok(Completion::ignored_with(what))
        }
    })
}

/// Lists the ignored tests, at the end.
pub fn tell() {
    let mut ignored = IGNORED.lock().unwrap();
    ignored.sort();
    if ignored.is_empty() {
        return;
    }
    eprintln!("{} of the tests could not be run here:", ignored.len());
    ignored.iter().for_each(|(name, what)| eprintln!("    {name}: {what}"));
}
