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
mod marks;
mod names_of_rules;
mod no_secret;
mod remedies;
mod not_checked;
mod passed_over;
mod render;
mod rules;
mod scaling;
mod scenarios;
mod secrets;
mod sensitive_files;
mod support;
mod triage;
mod vendor_samples;
