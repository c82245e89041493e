//! One integration binary, a module per subject.

mod advisories;
mod architecture;
mod cli;
mod composite;
mod config;
mod decoded;
mod docs;
mod fix;
mod hostile;
mod inventory;
mod keys;
mod manifests;
mod no_secret;
mod render;
mod repo_config;
mod resolve;
mod rules;
mod scaling;
mod scenarios;
mod secrets;
mod support;
mod triage;
mod vendor_samples;
