//! One integration binary, a module per subject.

mod architecture;
mod config;
mod docs;
mod triage;
