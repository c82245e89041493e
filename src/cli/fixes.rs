use super::output;
use crate::fix::Outcome;
use crate::model::{Place, RepoPath, counted, shown};

/// Says on standard error what was changed, what was not, and why.
pub(super) fn say(outcome: &Outcome, dry_run: bool, to_cwd: &dyn Fn(&RepoPath) -> String) {
    let (done, not) = if dry_run { ("would fix", "would not fix") } else { ("fixed", "not fixed") };
    for item in &outcome.done {
        output::say(&format!("{done}: {}: {}: {}", at(&item.place, to_cwd), item.rule, shown(&item.what)));
    }
    for item in &outcome.refused {
        let why = item.why.to_string();
        output::say(&format!("{not}: {}: {}: {}", at(&item.place, to_cwd), item.rule, shown(&why)));
    }
    output::say(&counts(outcome, dry_run));
}

fn at(place: &Place, to_cwd: &dyn Fn(&RepoPath) -> String) -> String {
    let path = place.path.as_ref().map_or_else(|| ".".to_owned(), to_cwd);
    match place.span {
        Some(span) => format!("{path}:{}:{}", span.line, span.column),
        None => path,
    }
}

fn counts(outcome: &Outcome, dry_run: bool) -> String {
    let findings = |n: usize| counted(n as u64, "finding");
    let done = match (outcome.done.len(), dry_run) {
        (0, _) => "nothing to fix".to_owned(),
        (n, true) => format!("{} can be fixed", findings(n)),
        (n, false) => format!("{} fixed", findings(n)),
    };
    match outcome.refused.len() {
        0 => done,
        n => format!("{done}; {} left alone", findings(n)),
    }
}
