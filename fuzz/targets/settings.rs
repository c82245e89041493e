//! What programs set, call and read from the environment, in every language that is read; and what the places say that
//! give them variables.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::repo::{Kept, ListedFile, RepoView};
use prodcheck::source::{CodeSettings, FileKind, Regions, language_of};

fuzz_target!(|data: &[u8]| {
    for language in [
        Language::Python,
        Language::JavaScript,
        Language::Rust,
        Language::Ruby,
        Language::Php,
        Language::Go,
        Language::CSharp,
    ] {
        let regions = Regions::new(language, data);
        let view = CodeSettings::new(language, data, || &regions);
        for setting in &view.settings {
            assert!(setting.name_span.start <= setting.name_span.end);
            assert!(setting.value_span.start <= setting.value_span.end && setting.value_span.end <= data.len());
            let _ = view.guard(data, setting.name_span.start);
            let _ = view.resolved(&setting.value);
        }
        for call in &view.calls {
            assert!(call.span.start <= call.callee_span.end && call.span.end <= data.len());
        }
        for read in view.environment(data) {
            assert!(read.name_span.end <= data.len() && read.span.end <= data.len());
        }
    }
    let mut repo = RepoView { is_whole: true, ..RepoView::default() };
    for path in [
        "a/main.py",
        "b/main.go",
        "ecs/task.json",
        "main.tf",
        "web.service",
        "compose.yaml",
        "k8s/web.yaml",
        ".github/workflows/ci.yml",
        ".env.example",
        "a/Dockerfile",
        "README.md",
    ] {
        let path = RepoPath::from(path);
        let kind = FileKind { language: language_of(&path, data), target: Target::Source };
        repo.kept.insert(path.clone(), Kept { bytes: data.to_vec(), kind });
        repo.entries.push(ListedFile { path, tracked: true });
    }
    repo.entries.sort_by(|a, b| a.path.cmp(&b.path));
    for service in &repo.contract().services {
        for variable in service.variables.values() {
            for range in variable.reads.iter().map(|r| &r.range).chain(variable.places.iter().map(|p| &p.range)) {
                assert!(range.end <= data.len());
            }
        }
    }
});
