//! Plans: different ways to the same answer; which is the fastest depends on the data.

use super::block::Code;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Computes every pair exactly.
    Plain,
    /// Bounds pairs by channel norms in bands of the picture first.
    Norms,
    /// Bounds pairs by channel norms over the whole picture first.
    Channels,
    /// Compares rounded values first.
    Values,
}

impl Plan {
    pub const ALL: [Plan; 4] = [Plan::Plain, Plan::Norms, Plan::Channels, Plan::Values];

    pub fn name(self) -> &'static str {
        match self {
            Plan::Plain => "plain",
            Plan::Norms => "norms",
            Plan::Channels => "channels",
            Plan::Values => "values",
        }
    }

    pub fn named(name: &str) -> Option<Plan> {
        Plan::ALL.into_iter().find(|plan| plan.name() == name)
    }

    /// The codes that the plan compares first.
    pub fn code(self) -> Option<Code> {
        match self {
            Plan::Plain => None,
            Plan::Norms => Some(Code::Norms),
            Plan::Channels => Some(Code::Channels),
            Plan::Values => Some(Code::Values),
        }
    }
}
