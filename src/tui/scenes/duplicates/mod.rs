//! Near-duplicates: groups of similar pictures, the kept picture of each, and those that may go.

mod by_rule;
mod captions;
mod couples;
mod draw;
mod flow;
mod histogram;
mod marking;
mod range_bar;
mod scene;
mod state;

pub use by_rule::KEYS as BY_RULE_KEYS;
pub use range_bar::KEYS as RANGE_KEYS;
pub use scene::KEYS;
pub use state::Duplicates;
