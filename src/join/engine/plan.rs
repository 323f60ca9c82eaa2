//! Ways to the same answer, of which one is the fastest.

use super::block::Code;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Every pair exactly.
    Plain,
    /// A bound from channel norms first.
    Norms,
    /// Rounded values first.
    Values,
}

impl Plan {
    pub const ALL: [Plan; 3] = [Plan::Plain, Plan::Norms, Plan::Values];

    pub fn name(self) -> &'static str {
        match self {
            Plan::Plain => "plain",
            Plan::Norms => "norms",
            Plan::Values => "values",
        }
    }

    pub fn named(name: &str) -> Option<Plan> {
        Plan::ALL.into_iter().find(|plan| plan.name() == name)
    }

    /// Codes that the plan looks at first.
    pub fn code(self) -> Option<Code> {
        match self {
            Plan::Plain => None,
            Plan::Norms => Some(Code::Norms),
            Plan::Values => Some(Code::Values),
        }
    }
}
