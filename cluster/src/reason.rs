//! Passes a kernel's last words through Ballista, which quotes errors when it passes them on.
//!
//! The worker puts them between two marks; the submitter finds the marks and undoes the quoting.

use std::error::Error;
use std::fmt;

const BEGIN: char = '\u{ab}';
const END: char = '\u{bb}';

/// Why a task failed, in one line.
pub struct Reason(pub String);

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let line: Vec<_> = self.0.split(|c: char| c.is_control()).filter(|part| !part.trim().is_empty()).collect();
        write!(out, "{BEGIN}{}{END}", line.join(" | "))
    }
}

/// Ballista prints errors with Debug; this avoids one level of quoting.
impl fmt::Debug for Reason {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Error for Reason {}

/// Finds the reason in a message from Ballista; without one, returns the whole message in one line.
pub fn extract(message: &str) -> String {
    let found = message.rfind(END).and_then(|end| {
        let begin = message[..end].find(BEGIN)?;
        Some(unquote(&message[begin + BEGIN.len_utf8()..end]))
    });
    found.unwrap_or_else(|| message.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unquote(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use ballista_core::error::BallistaError;
    use ballista_core::serde::protobuf::FailedTask;
    use datafusion::error::DataFusionError;

    use super::*;

    #[test]
    fn comes_through_ballistas_quoting_as_it_was() {
        let said = "task 7 on \u{e9}: /a \"b\"\\c 'd': exit status: 1\nlast\nwords\n";
        let error = DataFusionError::IoError(std::io::Error::other(Reason(said.into())));
        let task = FailedTask::from(BallistaError::from(error));
        assert!(task.retryable && task.count_to_failures, "{task:?}");
        let job = format!("Job failed due to stage 1 failed: most recent failure reason: {:?}\n", task.error);
        assert_eq!(extract(&job), "task 7 on \u{e9}: /a \"b\"\\c 'd': exit status: 1 | last | words");
    }

    #[test]
    fn what_ballista_says_itself_is_kept() {
        assert_eq!(extract("all executors\n  were lost"), "all executors were lost");
    }
}
