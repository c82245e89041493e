use super::output;
use crate::fix::Outcome;
use crate::model::{Place, RepoPath, counted, shown};

/// How it is said what was done.
pub(super) struct Words {
    done: &'static str,
    not_done: &'static str,
    would_do: &'static str,
    would_not_do: &'static str,
    nothing: &'static str,
    can: &'static str,
}

/// Of `--fix`.
pub(super) const FIX: Words = Words {
    done: "fixed",
    not_done: "not fixed",
    would_do: "would fix",
    would_not_do: "would not fix",
    nothing: "nothing to fix",
    can: "can be fixed",
};

/// Of `--add-allow`.
pub(super) const ALLOW: Words = Words {
    done: "allowed",
    not_done: "not allowed",
    would_do: "would allow",
    would_not_do: "would not allow",
    nothing: "nothing to allow",
    can: "can be allowed",
};

/// Says on standard error what was changed, what was not, and why.
pub(super) fn say(outcome: &Outcome, words: &Words, dry_run: bool, to_cwd: &dyn Fn(&RepoPath) -> String) {
    let (done, not) =
        if dry_run { (words.would_do, words.would_not_do) } else { (words.done, words.not_done) };
    for item in &outcome.done {
        output::say(&format!("{done}: {}: {}: {}", at(&item.place, to_cwd), item.rule, shown(&item.what)));
    }
    for item in &outcome.refused {
        let why = item.why.to_string();
        output::say(&format!("{not}: {}: {}: {}", at(&item.place, to_cwd), item.rule, shown(&why)));
    }
    output::say(&counts(outcome, words, dry_run));
}

fn at(place: &Place, to_cwd: &dyn Fn(&RepoPath) -> String) -> String {
    let path = place.path.as_ref().map_or_else(|| ".".to_owned(), to_cwd);
    match place.span {
        Some(span) => format!("{path}:{}:{}", span.line, span.column),
        None => path,
    }
}

fn counts(outcome: &Outcome, words: &Words, dry_run: bool) -> String {
    let findings = |n: usize| counted(n as u64, "finding");
    let done = match (outcome.done.len(), dry_run) {
        (0, _) => words.nothing.to_owned(),
        (n, true) => format!("{} {}", findings(n), words.can),
        (n, false) => format!("{} {}", findings(n), words.done),
    };
    match outcome.refused.len() {
        0 => done,
        n => format!("{done}; {} left alone", findings(n)),
    }
}
