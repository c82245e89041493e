//! `Cargo.toml` and `Cargo.lock` of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::RepoPath;
use prodcheck::repo::Lockfile;
use prodcheck::repo::manifest::Manifest;

fuzz_target!(|data: &[u8]| {
    let _ = Manifest::parse(&RepoPath::from("Cargo.toml"), data);
    if let Ok(lock) = Lockfile::parse(data) {
        let graph = lock.graph();
        for (at, package) in lock.packages.iter().enumerate() {
            assert!(package.span.end <= data.len() && package.version_span.end <= data.len());
            assert!(graph.dependencies(at).all(|other| other < lock.packages.len()));
        }
    }
});
