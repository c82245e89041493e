use memchr::memmem;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{Language, RepoPath, Severity};
use crate::repo::{Kept, RepoView, manifest};
use crate::source::{FileView, Stage};

/// A program that starts its framework's development server, and is what a container or a platform starts.
///
/// Words: `callees`, who starts it.
pub(super) struct StartedInCode;

impl Detector for StartedInCode {
    fn name(&self) -> &'static str {
        "dev-server-in-code"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in &repo.kept {
            if !starts_something(path, kept) {
                continue;
            }
            let view = FileView::new(path, &kept.bytes, kept.kind);
            if view.staged().stage == Stage::Development || view.target().is_for_show() {
                continue;
            }
            for start in view.starts().iter().filter(|start| start.program().starts_with("python")) {
                let Some(script) = start.argument(0).filter(|script| is_python(script)) else {
                    continue;
                };
                let Some((program, kept)) = program(repo, path, script) else { continue };
                let view = FileView::new(program, &kept.bytes, kept.kind);
                let settings = view.settings();
                let call = settings.calls.iter().find(|call| {
                    rule.rule.detect.words("callees").iter().any(|callee| *call.callee == **callee)
                        && settings.guard(&kept.bytes, call.callee_span.start).is_none()
                });
                let is_flask = memmem::find(&kept.bytes, b"lask").is_some();
                if let Some(call) = call.filter(|_| is_flask) {
                    emit.raw(
                        Raw::at(call.callee_span.clone())
                            .path(program.clone())
                            .message(format!(
                                "`{}` is a development server, and users are given it",
                                call.callee
                            ))
                            .related(RawRelated {
                                path: Some(path.clone()),
                                range: Some(start.span.clone()),
                                message: "started here".into(),
                            }),
                    );
                }
            }
        }
    }
}

fn is_python(script: &str) -> bool {
    RepoPath::from(script).extension() == b"py"
}

fn starts_something(path: &RepoPath, kept: &Kept) -> bool {
    match kept.kind.language {
        Language::Dockerfile => true,
        Language::Yaml => memmem::find(&kept.bytes, b"python").is_some(),
        _ => path.name() == b"Procfile",
    }
}

/// The program of that name: beside the file that starts it, or at the top.
fn program<'r>(repo: &'r RepoView, from: &RepoPath, script: &str) -> Option<(&'r RepoPath, &'r Kept)> {
    let script = script.trim_start_matches("./").trim_start_matches("/app/");
    let script = script.trim_start_matches("/usr/src/app/").trim_start_matches("/code/");
    let beside = manifest::resolve(&from.parent(), script);
    [beside, Some(RepoPath::from(script))]
        .into_iter()
        .flatten()
        .find_map(|path| repo.kept.get_key_value(&path))
}

/// Statements that are checked against a database while building, where an image is built that reaches none.
pub(super) struct SqlxOffline;

impl Detector for SqlxOffline {
    fn name(&self) -> &'static str {
        "sqlx-offline"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let has_data = repo.entries.iter().any(|entry| {
            entry.path.name() == b"sqlx-data.json" || entry.path.parts().any(|part| part == b".sqlx")
        });
        let image = repo.kept.iter().find(|(_, kept)| {
            let has = |text: &[u8]| memmem::find(&kept.bytes, text).is_some();
            kept.kind.language == Language::Dockerfile
                && !kept.kind.target.is_for_show()
                && (has(b"cargo build") || has(b"cargo install"))
                && !has(b"DATABASE_URL")
        });
        let Some((image, _)) = image.filter(|_| repo.is_whole && !has_data) else { return };
        for (path, kept) in repo.kept.iter().filter(|(_, kept)| kept.kind.language == Language::Rust) {
            let view = FileView::new(path, &kept.bytes, kept.kind);
            let calls = &view.settings().calls;
            let found = calls.iter().find(|call| {
                let name = call.callee.trim_start_matches("sqlx::");
                rule.rule.detect.words("macros").iter().any(|known| name == &**known)
                    && (call.callee.starts_with("sqlx::") || memmem::find(&kept.bytes, b"sqlx::").is_some())
            });
            if let Some(call) = found.filter(|_| !view.target().is_for_show()) {
                let mut raw = Raw::at(call.callee_span.clone()).path(path.clone()).message(format!(
                    "{image} builds without a database, and the data that `cargo sqlx prepare` writes is not there"
                ));
                raw.severity = (rule.rule.severity > Severity::Note).then_some(Severity::Note);
                emit.raw(raw);
                return;
            }
        }
    }
}
