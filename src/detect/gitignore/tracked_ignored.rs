use super::sensitive_file::is_deliberate;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{RepoPath, shown_bytes};
use crate::repo::{RepoView, TrackedIgnored};

/// Tracked files that an ignore pattern covers: one finding for each pattern.
///
/// Words of the rule: `deliberate-folders`, names of folders whose ignore files are material of tests.
pub(super) struct TrackedButIgnored;

/// How many files are named.
const NAMED: usize = 3;

impl Detector for TrackedButIgnored {
    fn name(&self) -> &'static str {
        "tracked-but-ignored"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        // A folder of things that are not to be tracked is kept by a file that is.
        let is_keeper = |path: &RepoPath| matches!(path.name(), b".gitignore" | b".gitkeep" | b".keep");
        let mut all: Vec<&TrackedIgnored> =
            repo.tracked_ignored.iter().filter(|tracked| !is_keeper(&tracked.path)).collect();
        all.sort_by(|a, b| (&a.source, a.line, &a.path).cmp(&(&b.source, b.line, &b.path)));
        for group in all.chunk_by(|a, b| (&a.source, a.line) == (&b.source, b.line)) {
            let Some(first) = group.first() else { continue };
            let folders = rule.rule.detect.words("deliberate-folders");
            if repo.entry(&first.source).is_some_and(|entry| is_deliberate(repo, &entry.path, folders)) {
                continue;
            }
            let names: Vec<String> = group.iter().take(NAMED).map(|t| t.path.to_string()).collect();
            let rest = match group.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let files = if group.len() == 1 { "file that is tracked" } else { "files that are tracked" };
            let mut raw = Raw::at(first.pattern_span.clone()).path(first.source.clone()).message(format!(
                "`{}` matches {} {files}: {}{rest}",
                shown_bytes(&first.pattern),
                group.len(),
                names.join(", "),
            ));
            for tracked in group.iter().take(NAMED) {
                raw = raw.related(RawRelated {
                    path: Some(tracked.path.clone()),
                    range: None,
                    message: "tracked all the same".into(),
                });
            }
            emit.raw(raw.property("count", group.len().to_string()));
        }
    }
}
