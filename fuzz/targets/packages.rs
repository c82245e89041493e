//! Lock files and requirements of Python and npm, entries of advisory data, and lists of other tools, of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::repo::osv::{Ecosystem, Osv, Wanted};
use prodcheck::repo::packages::{Tool, parse};
use prodcheck::repo::parse_foreign_ignores;

const TOOLS: &[Tool] = &[Tool::Pip, Tool::Poetry, Tool::Uv, Tool::Pdm, Tool::Pylock, Tool::Pipenv, Tool::Npm];

fuzz_target!(|data: &[u8]| {
    for &tool in TOOLS {
        let Ok(file) = parse(tool, data) else { continue };
        for package in &file.packages {
            assert!(package.span.start < package.span.end && package.span.end <= data.len());
        }
        assert!(file.open.iter().all(|open| open.span.end <= data.len()));
    }
    for entry in parse_foreign_ignores(data) {
        assert!(entry.span.end <= data.len());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let wanted = Wanted::from([(Ecosystem::PyPi, ["a".to_owned()].into()), (Ecosystem::Npm, ["a".to_owned()].into())]);
    for name in ["a.json", "a.yaml"] {
        let osv = Osv::of_texts(&[(name, text)], &wanted);
        for version in ["1.0", "1.0.0", "odd"] {
            for advisory in osv.concerning(Ecosystem::PyPi, "a", version) {
                let _ = (advisory.first_fixed_after(version), advisory.ranges());
            }
        }
    }
});
