use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::contents::Contents;
use super::draft::Draft;
use super::file::{FileOutcome, Passed, scan_file};
use super::mark::FoundMark;
use super::merge::merge;
use super::plan::Plan;
use crate::model::{Coverage, Language, NotChecked, RepoPath, Target};
use crate::repo::deployment::is_manifest_text;
use crate::repo::{Kept, ReadError, view::is_kept};
use crate::source::{
    FileKind, FileView, FindKind, decode_utf16, is_binary, is_generated, is_program, language_of,
    target_by_path,
};

/// Threads take files in handfuls: often enough to end together, seldom enough not to meet.
const HANDFUL: usize = 16;

/// A buffer that grew beyond this for one file is not carried to the next.
const BUFFER_KEPT: usize = 4 << 20;

/// A file to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'p> {
    /// Where it lies.
    pub path: &'p RepoPath,
    /// What it is for, if a manifest says so.
    pub target: Option<Target>,
}

/// The files of a run and how to read them.
pub struct Job<'a> {
    /// In order of path.
    pub files: &'a [Asked<'a>],
    /// Where the bytes come from.
    pub contents: &'a dyn Contents,
    /// Files above this many bytes are not read.
    pub max_file_size: u64,
    /// How many threads read; at least one.
    pub threads: usize,
}

/// What came of reading everything.
#[derive(Debug, Default)]
pub struct Scanned {
    /// In the report's order, overlaps merged.
    pub drafts: Vec<Draft>,
    /// Inline allows, in order of path and line.
    pub marks: Vec<FoundMark>,
    /// Bytes that the checks of the repository as a whole asked for.
    pub kept: BTreeMap<RepoPath, Kept>,
    /// What was not looked at.
    pub not_checked: Vec<NotChecked>,
    /// What looked like a finding and is none, if the plan names it; in order.
    pub passed: Vec<Passed>,
    /// Whether no bytes are kept, whoever asks for them.
    pub(super) keeps_nothing: bool,
    /// How many files were read.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Reads every file once, on all threads, and runs the plan over it. The result does not depend on the
/// number of threads.
pub fn scan(plan: &Plan, job: &Job) -> Scanned {
    let next = AtomicUsize::new(0);
    let threads = job.threads.clamp(1, job.files.len().div_ceil(HANDFUL).max(1));
    let parts: Vec<Scanned> = if threads == 1 {
        vec![work(plan, job, &next)]
    } else {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(plan, job, &next))).collect();
            workers.into_iter().map(|w| w.join().unwrap_or_else(|_| lost())).collect()
        })
    };
    let mut all = Scanned::default();
    for part in parts {
        all.drafts.extend(part.drafts);
        all.marks.extend(part.marks);
        all.kept.extend(part.kept);
        all.not_checked.extend(part.not_checked);
        all.passed.extend(part.passed);
        all.files += part.files;
        all.bytes += part.bytes;
    }
    all.drafts = merge(all.drafts);
    all.marks.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    all.not_checked.sort();
    all.passed.sort();
    // A name with two nouns in it is looked at twice.
    all.passed.dedup();
    all
}

fn work(plan: &Plan, job: &Job, next: &AtomicUsize) -> Scanned {
    let mut done = Scanned::default();
    let mut buffer = Vec::new();
    loop {
        let from = next.fetch_add(HANDFUL, Ordering::Relaxed);
        let Some(handful) = job.files.get(from..(from + HANDFUL).min(job.files.len())) else { break };
        if handful.is_empty() {
            break;
        }
        for file in handful {
            let read = catch_unwind(AssertUnwindSafe(|| read_one(plan, job, file, &mut buffer, &mut done)));
            if read.is_err() {
                done.not_checked.push(NotChecked {
                    path: Some(file.path.clone()),
                    what: "scan-crashed",
                    reason: "looking at it crashed; this is a bug of cargo prodcheck".into(),
                    mend: None,
                    coverage: Coverage::Missing,
                });
            }
            if buffer.capacity() > BUFFER_KEPT {
                buffer = Vec::new();
            }
        }
    }
    done
}

/// What a thread leaves that ended before its time.
fn lost() -> Scanned {
    let not_checked = NotChecked {
        path: None,
        what: "scan-crashed",
        reason: "a part of the files was lost in a crash; this is a bug of cargo prodcheck".into(),
        mend: None,
        coverage: Coverage::Missing,
    };
    Scanned { not_checked: vec![not_checked], ..Scanned::default() }
}

fn read_one(plan: &Plan, job: &Job, file: &Asked, buffer: &mut Vec<u8>, done: &mut Scanned) {
    if let Err(error) = job.contents.read(file.path, job.max_file_size, buffer) {
        done.not_checked.push(unread(file.path, &error));
        return;
    }
    done.files += 1;
    done.bytes += buffer.len() as u64;
    if let Some(decoded) = decode_utf16(buffer) {
        look_at(plan, file, &decoded, done);
        // The two bytes of a byte order mark are quickly written. Where they tell the truth, nothing is found
        // in the bytes as they are.
        look_at(plan, file, buffer, done);
        return;
    }
    if is_binary(buffer) {
        done.not_checked.push(NotChecked {
            path: Some(file.path.clone()),
            what: "binary",
            reason: "it is a binary file".into(),
            mend: None,
            coverage: Coverage::Outside,
        });
        // A manifest that is none is for its checks to name.
        keep(file, buffer, is_kept(file.path), || kind_of(file, buffer), done);
        return;
    }
    look_at(plan, file, buffer, done);
}

/// Runs the plan over the text of a file.
pub(super) fn look_at(plan: &Plan, file: &Asked, bytes: &[u8], done: &mut Scanned) {
    let find_kind = Opened { file, bytes };
    let view = FileView::of_kind(file.path, bytes, &find_kind).with_environments(plan.environments());
    let mut is_wanted = is_kept(file.path);
    if let Some(FileOutcome { drafts, marks, not_checked, passed, is_asked_for }) = scan_file(plan, &view) {
        is_wanted |= is_asked_for;
        done.drafts.extend(drafts);
        done.marks.extend(marks);
        done.not_checked.extend(not_checked);
        done.passed.extend(passed);
    }
    keep(file, bytes, is_wanted, || view.kind(), done);
}

/// Keeps the bytes that the checks of the repository as a whole ask for; of two readings the first.
fn keep(file: &Asked, bytes: &[u8], is_wanted: bool, kind: impl Fn() -> FileKind, done: &mut Scanned) {
    if done.keeps_nothing || done.kept.contains_key(file.path) {
        return;
    }
    if is_wanted || is_manifest_text(file.path, bytes) {
        done.kept.insert(file.path.clone(), Kept { bytes: bytes.to_vec(), kind: kind() });
    }
}

/// What a file is, now that its beginning can be seen.
pub fn kind_of(file: &Asked, bytes: &[u8]) -> FileKind {
    let opened = Opened { file, bytes };
    let language = opened.language();
    FileKind { language, target: opened.target(language) }
}

/// A file whose beginning can be seen.
struct Opened<'f> {
    file: &'f Asked<'f>,
    bytes: &'f [u8],
}

impl Opened<'_> {
    fn head(&self) -> &[u8] {
        &self.bytes[..self.bytes.len().min(1024)]
    }
}

impl FindKind for Opened<'_> {
    fn language(&self) -> Language {
        language_of(self.file.path, self.head())
    }

    fn target(&self, language: Language) -> Target {
        if is_generated(self.head()) {
            return Target::Generated;
        }
        let target = self.file.target.unwrap_or_else(|| target_by_path(self.file.path, language));
        if target == Target::Source && is_program(language, self.bytes) { Target::Bin } else { target }
    }
}

/// Why a file was not read, as the report says it. What the checks of the repository as a whole need is
/// missing even where it was left out by its size.
pub fn unread(path: &RepoPath, error: &ReadError) -> NotChecked {
    let coverage = match error {
        ReadError::TooLarge { .. } if is_kept(path) => Coverage::Missing,
        ReadError::TooLarge { .. } | ReadError::Vanished | ReadError::NotRegular { .. } => Coverage::Outside,
        _ => Coverage::Missing,
    };
    NotChecked {
        path: Some(path.clone()),
        what: error.word(),
        reason: error.to_string(),
        mend: None,
        coverage,
    }
}
