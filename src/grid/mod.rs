//! Past one machine: tasks that any scheduler can run, and their parts.

pub mod schedulers;
