use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::AdvisoriesCommand;
use super::{Failure, Outcome, clock, output};
use crate::model::{AdvisorySource, Coverage, NotChecked, counted, shown, shown_bytes};
use crate::repo::advisories::{self, Discovered, Origin, Update, UpdateError, Updated, days_between};
use crate::repo::osv::{self, OsvSource};

fn environment(name: &str) -> Option<OsString> {
    env::var_os(name)
}

pub(super) fn run(command: &AdvisoriesCommand, offline: bool) -> Outcome {
    match command {
        AdvisoriesCommand::Update {
            from,
            output,
            #[cfg(feature = "live-index")]
            index,
        } => {
            let code = update_file(from.as_deref(), output.as_deref(), offline)?;
            #[cfg(feature = "live-index")]
            if let Some(path) = index {
                return super::live::refresh(path, offline, &environment);
            }
            Ok(code)
        }
        AdvisoriesCommand::Pack { paths, output } => pack(paths, output.as_deref()),
        AdvisoriesCommand::Status { advisory_db } => status(advisory_db.as_deref()),
    }
}

fn update_file(from: Option<&Path>, to: Option<&Path>, offline: bool) -> Outcome {
    let from = from.map_or(Origin::Network { offline }, Origin::Local);
    let Updated { found, bytes, damaged } = advisories::update(Update { from, output: to }, &environment)?;
    for entry in &damaged {
        let package = shown_bytes(entry.package.as_bytes());
        output::say(&format!("warning: {package}: {} was passed over: {}", entry.file, entry.reason));
    }
    output::to_stdout(|out| {
        writeln!(out, "wrote {}, {} kB", described(&found.source), bytes.div_ceil(1000))
    })?;
    Ok(0)
}

fn pack(paths: &[PathBuf], output: Option<&Path>) -> Outcome {
    let packed = osv::pack(paths, output, &environment)?;
    let words: Vec<&str> = packed.ecosystems.iter().map(|e| e.word()).collect();
    let date = packed.date.map(|date| format!(", of {date}")).unwrap_or_default();
    let passed = match packed.passed {
        0 => String::new(),
        count => format!(", {count} unreadable and left out"),
    };
    let path = shown(&packed.path.display().to_string()).into_owned();
    output::to_stdout(|out| {
        let words = words.join(" and ");
        writeln!(
            out,
            "packed: {} on {words}{date}{passed}, {} bytes in {path}",
            counted(packed.count, "advisory"),
            packed.size
        )
    })?;
    Ok(0)
}

fn status(advisory_db: Option<&Path>) -> Outcome {
    let given: Vec<PathBuf> = advisory_db.map(Path::to_owned).into_iter().collect();
    let named = advisories::named(&given, &environment)?;
    let advisory_db = named.first().map(PathBuf::as_path);
    let pinned = osv::at_hand(advisory_db, &environment);
    // A place that is named is of one form or the other.
    let Discovered { found: rust, unusable } = if advisory_db.is_some() && !pinned.is_empty() {
        Discovered::default()
    } else {
        advisories::discover(advisory_db, &environment)?
    };
    if let Some(unusable) = &unusable {
        output::say(&format!("warning: {unusable}"));
    }
    output::to_stdout(|out| {
        match &rust {
            Some(found) => writeln!(out, "{}", described(&found.source))?,
            None if pinned.is_empty() => writeln!(out, "no advisory data on this machine")?,
            None => {}
        }
        if rust.is_none() && advisory_db.is_none() {
            writeln!(out, "next: cargo prodcheck advisories update")?;
        }
        pinned.iter().try_for_each(|source| writeln!(out, "{}", about(source)))
    })?;
    Ok(if rust.is_none() && pinned.is_empty() { 3 } else { 0 })
}

/// Fetches fresh data before an audit. That it cannot be reached does not keep the audit from running; the
/// report says so.
///
/// # Errors
/// Fetching was asked for and ruled out at the same time.
pub(super) fn update(offline: bool) -> Result<Option<NotChecked>, Failure> {
    match advisories::update(Update { from: Origin::Network { offline }, output: None }, &environment) {
        Ok(_) => Ok(None),
        Err(error @ UpdateError::Offline(_)) => Err(Failure(format!("--update-advisories: {error}"))),
        Err(error) => {
            let Failure(text) = Failure::from(error);
            output::say(&format!("warning: no fresh advisory data: {text}"));
            Ok(Some(NotChecked {
                path: None,
                what: "advisory-update",
                reason: format!("fresh advisory data was asked for and could not be fetched: {text}"),
                mend: Some("cargo prodcheck advisories update".into()),
                coverage: Coverage::Missing,
            }))
        }
    }
}

/// A day in the future is one of a clock or a time zone that differs: it is today's.
fn age(days: i64) -> String {
    match days {
        ..=0 => "today".to_owned(),
        1 => "1 day old".to_owned(),
        _ => format!("{days} days old"),
    }
}

/// Data about packages of other languages.
fn about(source: &OsvSource) -> String {
    let words: Vec<&str> = source.ecosystems.iter().map(|ecosystem| ecosystem.word()).collect();
    let described = described(&AdvisorySource {
        source: source.path.clone(),
        commit: None,
        date: source.date.clone(),
        count: source.count,
        unreadable: 0,
    });
    format!("{}: {described}", words.join(" and "))
}

fn described(source: &AdvisorySource) -> String {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let mut text = format!("{} in {}", counted(source.count, "advisory"), source.source);
    if let Some(commit) = &source.commit {
        let _ = write!(text, ", commit {}", commit.get(..12).unwrap_or(commit));
    }
    if let Some(date) = &source.date {
        let _ = write!(text, ", of {date}");
        if let Some(days) = days_between(date, &clock::today()) {
            let _ = write!(text, " ({})", age(days));
        }
    }
    if source.unreadable > 0 {
        let _ = write!(text, ", {} unreadable", source.unreadable);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn no_data_is_younger_than_today() {
        for (days, expect) in [(-3, "today"), (0, "today"), (1, "1 day old"), (40, "40 days old")] {
            assert_eq!(age(days), expect);
        }
    }
}
