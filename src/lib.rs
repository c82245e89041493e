//! Decides whether a repository is fit to ship: finds hardcoded secrets, debug leftovers, unpinned
//! dependencies, security advisories, gaps in `.gitignore` and unsafe deployment configuration.
//!
//! The library behind `cargo prodcheck`. Its rooms and who may use whom stand in ARCHITECTURE.md.

pub mod detect;
pub mod model;
pub mod render;
pub mod repo;
pub mod rules;
pub mod scan;
pub mod source;
