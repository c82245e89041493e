//! Decides whether a repository is fit to ship: finds hardcoded secrets, debug leftovers, unpinned
//! dependencies, security advisories and gaps in `.gitignore`.
//!
//! The library behind `cargo prodcheck`. Its rooms and who may use whom stand in ARCHITECTURE.md.

pub mod audit;
pub mod cli;
pub mod config;
pub mod detect;
pub mod fix;
#[cfg(feature = "live-index")]
pub mod live;
pub mod model;
pub mod render;
pub mod repo;
pub mod rules;
pub mod scan;
pub mod source;
pub mod triage;
