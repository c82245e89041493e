//! One integration binary, a module per subject.

mod advisories;
mod architecture;
mod cli;
mod composite;
mod config;
mod decoded;
mod docs;
mod hostile;
mod inventory;
mod keys;
mod manifests;
mod no_secret;
mod remedies;
mod render;
mod rules;
mod scaling;
mod scenarios;
mod secrets;
mod support;
mod triage;
mod vendor_samples;
