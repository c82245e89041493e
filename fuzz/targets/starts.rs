//! Start commands in every kind of file that has some.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{RepoPath, Target};
use prodcheck::source::{FileKind, FileView, language_of};

const NAMES: &[&str] = &[
    "Procfile", ".replit", "package.json", "a.service", "start.sh", "Dockerfile", "compose.yaml", "k8s.yaml", "render.yaml",
    "Makefile", ".github/workflows/a.yml", ".gitlab-ci.yml",
];

fuzz_target!(|data: &[u8]| {
    for name in NAMES {
        let path = RepoPath::from(*name);
        let kind = FileKind { language: language_of(&path, data), target: Target::Other };
        for start in FileView::new(&path, data, kind).starts() {
            assert!(start.span.start <= start.span.end && start.span.end <= data.len() && !start.words.is_empty());
            let _ = (start.program(), start.number(&["--workers", "-w"]));
        }
    }
});
