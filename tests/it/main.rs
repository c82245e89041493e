//! One integration binary, a module per subject.
mod advisories;
mod manifests;
