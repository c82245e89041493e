//! Dockerfiles of anybody: instructions, stages, variables, the commands in them and what the image starts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::source::{FileKind, FileView, parse_dockerfile};

fuzz_target!(|data: &[u8]| {
    let file = parse_dockerfile(data);
    let stages = file.stages();
    for stage in &stages {
        assert!(stage.instructions.end <= file.instructions.len());
    }
    for instruction in &file.instructions {
        assert!(instruction.span.end <= data.len() && instruction.arguments.end <= data.len());
        for command in instruction.commands(data, file.escape) {
            assert!(command.span.start <= command.span.end && command.span.end <= data.len());
            for word in command.assignments.iter().chain(&command.words) {
                assert!(word.span.start <= word.span.end && word.span.end <= data.len());
            }
        }
        for variable in instruction.variables(data) {
            assert!(variable.name_span.end <= data.len());
            assert!(variable.value.is_none_or(|value| value.span.end <= data.len()));
        }
    }
    let path = RepoPath::from("Dockerfile");
    let kind = FileKind { language: Language::Dockerfile, target: Target::Other };
    for start in FileView::new(&path, data, kind).starts() {
        assert!(start.span.end <= data.len() && !start.words.is_empty());
    }
});
