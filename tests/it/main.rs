//! One integration binary, a module per subject.

mod cli;
mod hostile;
mod no_secret;
mod rules;
mod scenarios;
mod support;
mod architecture;
mod config;
mod docs;
mod triage;
mod advisories;
mod manifests;
mod render;
mod secrets;
mod inventory;
