use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Failure;
use super::args::AuditArgs;
use crate::audit::Changes;
use crate::model::{Notice, RepoPath, shown};
use crate::repo::{Before, Root, Staging};
use crate::source::{FileDiff, parse_unified_diff};

/// A difference above this size is not read.
const DIFF_LIMIT: u64 = 256 << 20;

/// The change that is audited, if it is one.
pub(super) enum Changed {
    /// Since the commit of this name, which is the one that another parts from.
    Since(Box<Before>, Option<(String, String)>),
    /// What a difference says.
    Diff(BTreeMap<RepoPath, FileDiff>),
}

impl Changed {
    /// What was typed, read.
    ///
    /// # Errors
    /// The revision names no commit, or the difference is none.
    pub(super) fn of(
        args: &AuditArgs,
        root: &Root,
        staging: Option<&Staging>,
    ) -> Result<Option<Self>, Failure> {
        if args.staged_lines {
            return Ok(staging
                .and_then(|staging| staging.before(root))
                .map(|before| Self::Since(Box::new(before), None)));
        }
        if let Some(rev) = &args.since {
            let (before, commit) = Before::since(root, rev)?;
            return Ok(Some(Self::Since(Box::new(before), Some((rev.clone(), commit)))));
        }
        args.diff.as_deref().map(|file| Ok(Self::Diff(diff(file)?))).transpose()
    }

    pub(super) fn changes(&self) -> Changes<'_> {
        match self {
            Self::Since(before, _) => Changes::Since(before),
            Self::Diff(files) => Changes::Diff(files),
        }
    }

    /// What was compared with.
    pub(super) fn notice(&self) -> Option<Notice> {
        let text = match self {
            Self::Since(_, Some((rev, commit))) => {
                format!("compared with {}, where {} and HEAD part", &commit[..12], shown(rev))
            }
            Self::Diff(files) if files.is_empty() => "the difference is empty: nothing was changed".into(),
            _ => return None,
        };
        Some(Notice { path: None, text })
    }
}

fn diff(file: &Path) -> Result<BTreeMap<RepoPath, FileDiff>, Failure> {
    let name = shown(&file.to_string_lossy()).into_owned();
    let mut text = Vec::new();
    // It may be a pipe, as shells make of `<(git diff)`.
    let read = if file.as_os_str() == "-" {
        io::stdin().lock().take(DIFF_LIMIT + 1).read_to_end(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(DIFF_LIMIT + 1).read_to_end(&mut text))
    };
    read.map_err(|e| Failure(format!("--diff: {name}: {}", e.kind())))?;
    if text.len() as u64 > DIFF_LIMIT {
        return Err(Failure(format!("--diff: {name}: it is larger than {} MiB", DIFF_LIMIT >> 20)));
    }
    let parsed = parse_unified_diff(&text).map_err(|e| Failure(format!("--diff: {name}: {e}")))?;
    let mut files = BTreeMap::new();
    for diff in parsed {
        let Some(path) = diff.path.clone().map(RepoPath::new) else { continue };
        let line = diff.line;
        let strange = path.parts().any(|part| matches!(part, b"" | b"." | b".."));
        if strange || path.as_bytes().starts_with(b"/") {
            return Err(Failure(format!(
                "--diff: {name}: line {line}: a path that leads out of the repository"
            )));
        }
        if files.insert(path, diff).is_some() {
            return Err(Failure(format!(
                "--diff: {name}: line {line}: a file for the second time; give one difference, not one of each commit"
            )));
        }
    }
    Ok(files)
}
