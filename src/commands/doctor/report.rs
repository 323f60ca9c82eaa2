//! The output of `simages doctor`, and the number of problems in it.

use crate::text::printable;

#[derive(Default)]
pub struct DoctorReport {
    pub text: String,
    pub broken: usize,
}

impl DoctorReport {
    pub fn section(&mut self, title: &str) {
        self.text += &format!("\n{title}\n");
    }

    fn line(&mut self, line: &str) {
        self.text += &format!("  {line}\n");
    }

    pub fn row(&mut self, label: &str, value: impl ToString) {
        self.line(&row(label, value));
    }

    pub fn broken(&mut self, label: &str, what: impl ToString) {
        self.broken += 1;
        self.text += &format!("! {}\n", row(label, what));
    }
}

fn row(label: &str, value: impl ToString) -> String {
    format!("{:<14}  {}", printable(label), printable(&value.to_string()))
}
