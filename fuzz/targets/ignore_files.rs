//! Ignore files of Git and Docker, baselines, and what other tools are told to ignore of secrets, of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::RepoPath;
use prodcheck::repo::foreign_secrets::{allowed_paths, fingerprints, hashes};
use prodcheck::repo::{IgnoreRules, ignore_lines};
use prodcheck::source::Dockerignore;
use prodcheck::triage::Baseline;

const PATHS: &[&str] = &["a", ".env", "a/b/c", "deploy/server.key", "a b/\u{e9}", "..."];

fuzz_target!(|data: &[u8]| {
    let lines = ignore_lines(data);
    assert!(lines.iter().all(|line| line.start < line.end && line.end <= data.len()));
    let file = RepoPath::from(".gitignore");
    let rules = IgnoreRules::of_texts([(&file, data)]);
    let docker = Dockerignore::parse(data);
    for path in PATHS {
        for is_folder in [false, true] {
            if let Some(decision) = rules.decide_for_all(&RepoPath::from(*path), is_folder) {
                assert!(lines.contains(&decision.span));
            }
        }
        if let Some((line, _)) = docker.decide(path.as_bytes()) {
            assert!(line.start < line.end && line.end <= data.len());
        }
    }
    for said in [fingerprints(data), allowed_paths(data), hashes(data)] {
        let path = RepoPath::from("a/b");
        let _ = said.entries.iter().filter(|entry| entry.files.hold(&path)).count();
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(baseline) = Baseline::parse(None, text.to_owned())
    {
        let written = Baseline::text_of(&baseline.entries);
        let again = Baseline::parse(None, written.clone()).expect("what was written is read");
        assert_eq!(Baseline::text_of(&again.entries), written);
    }
});
