//! The end of the human formats: the verdict, what it does not cover, and what to do next.

use std::collections::BTreeMap;
// Writing to a String cannot fail; the results below are let go.
use std::fmt::Write as _;

use textwrap::core::display_width;

use super::card::visible;
use super::look::{Ink, Look, wrapping};
use super::neutral::one_line;
use crate::model::{
    AdvisorySource, Coverage, Finding, NotChecked, Notice, Report, Severity, Status, counted, grouped,
};

/// Of one reason no more files are named, unless asked for more.
const NAMED: usize = 10;

/// The verdict and a table below it.
pub(super) fn rows(report: &Report, look: &Look, page: &mut String) {
    let mut table = Table { look, rows: Vec::new() };
    if look.verbose > 0 {
        for finding in report.findings.iter().filter(|f| f.status != Status::New) {
            table.add(status(finding), silenced(finding, look));
        }
    }
    for group in missing(report) {
        let mend = group.first().and_then(|item| item.mend.as_ref()).map(|m| format!("run: {}", one_line(m)));
        if look.verbose == 0 && (says_one_thing(&group) || group.len() == 1) {
            let mut text = if group.len() == 1 { reason(group[0], look) } else { together(&group, look) };
            if let Some(mend) = mend {
                let _ = write!(text, "; {mend}");
            }
            table.add("not checked", text);
            continue;
        }
        let named = if look.verbose > 0 { group.len() } else { NAMED };
        for item in group.iter().take(named) {
            table.add("not checked", reason(item, look));
        }
        if group.len() > named {
            table.add("not checked", format!("and {} more: {}", group.len() - named, kind(group[0].what)));
        }
        if let Some(mend) = mend {
            table.add("not checked", mend);
        }
    }
    if !look.quiet {
        if look.verbose > 0 {
            for item in outside(report) {
                table.add("passed over", reason(item, look));
            }
        } else if let Some(text) = outside_counts(report) {
            table.add("passed over", text);
        }
        for notice in &report.notices {
            table.add("notice", noticed(notice, look));
        }
        if let Some(source) = &report.advisories {
            table.add("advisories", coverage(source, report));
        }
        if let Some(text) = hidden(report, look) {
            table.add("not shown", text);
        }
        if let Some(worst) = worst(report, look) {
            let id = one_line(worst.rule.as_str());
            table.add("explain", format!("cargo prodcheck explain {id}"));
            table.add("allow", allowing(worst, &id));
        }
        let exit = report.exit(look.fail_on);
        page.push_str(&look.paint(verdict_ink(exit), verdict(exit)));
        let indent = verdict(exit).len() + 2;
        for (index, line) in
            textwrap::wrap(&counts(report), wrapping(look.columns() - indent)).iter().enumerate()
        {
            page.push_str(&" ".repeat(if index == 0 { 2 } else { indent }));
            page.push_str(line);
            page.push('\n');
        }
        if !table.rows.is_empty() {
            page.push('\n');
        }
    }
    table.draw(page);
}

/// The same in three lines at the most, and a line for each notice.
pub(super) fn lines(report: &Report, look: &Look, page: &mut String) {
    if look.verbose > 0 {
        for finding in report.findings.iter().filter(|f| f.status != Status::New) {
            page.push_str(&look.whole_place(&finding.place));
            page.push_str(": ");
            page.push_str(status(finding));
            let _ = write!(page, "[{}]", one_line(finding.rule.as_str()));
            page.push_str(&reason_of(finding).map(|r| format!(" {r}")).unwrap_or_default());
            page.push('\n');
        }
    }
    if !look.quiet {
        let exit = report.exit(look.fail_on);
        page.push_str(&look.paint(verdict_ink(exit), verdict(exit)));
        page.push_str(": ");
        page.push_str(&counts(report));
        if let Some(source) = &report.advisories {
            page.push_str("; advisories: ");
            page.push_str(&coverage(source, report));
        }
        if let Some(text) = hidden(report, look) {
            page.push_str("; not shown: ");
            page.push_str(&text);
        }
        page.push('\n');
    }
    let mut parts = Vec::new();
    for group in missing(report) {
        let named = if look.verbose > 0 { group.len() } else { 1 };
        if look.verbose == 0 && says_one_thing(&group) {
            parts.push(together(&group, look));
        } else {
            parts.extend(group.iter().take(named).map(|item| reason(item, look)));
            if group.len() > named {
                parts.push(format!("and {} more: {}", group.len() - named, kind(group[0].what)));
            }
        }
        if let Some(mend) = group.first().and_then(|item| item.mend.as_ref()) {
            parts.push(format!("run: {}", one_line(mend)));
        }
    }
    let mut sections = Vec::new();
    if !parts.is_empty() {
        sections.push(format!("not checked: {}", parts.join("; ")));
    }
    if !look.quiet && look.verbose == 0 {
        sections.extend(outside_counts(report).map(|text| format!("passed over: {text}")));
    }
    if !sections.is_empty() {
        page.push_str(&sections.join("; "));
        page.push('\n');
    }
    if !look.quiet && look.verbose > 0 {
        for item in outside(report) {
            let _ = writeln!(page, "passed over: {}", reason(item, look));
        }
    }
    if let Some(worst) = worst(report, look).filter(|_| !look.quiet) {
        let id = one_line(worst.rule.as_str());
        let _ = writeln!(page, "next: cargo prodcheck explain {id}; to allow it {}", allowing(worst, &id));
    }
    if !look.quiet {
        for notice in &report.notices {
            let _ = writeln!(page, "notice: {}", noticed(notice, look));
        }
    }
}

struct Table<'a> {
    look: &'a Look,
    rows: Vec<(&'static str, String)>,
}

impl Table<'_> {
    fn add(&mut self, key: &'static str, text: String) {
        self.rows.push((key, text));
    }

    /// Keys in a column of their own, each said once.
    fn draw(&self, page: &mut String) {
        let key_width = self.rows.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        let indent = key_width + 4;
        let mut before = "";
        for (key, text) in &self.rows {
            let shown = if *key == before { "" } else { key };
            before = key;
            let width = self.look.columns().saturating_sub(indent);
            for (index, line) in textwrap::wrap(text, wrapping(width)).iter().enumerate() {
                let key = if index == 0 { shown } else { "" };
                let ink = if key == "not checked" { Ink::Severity(Severity::Warning) } else { Ink::Faint };
                page.push_str("  ");
                page.push_str(&self.look.paint(ink, key));
                page.push_str(&" ".repeat(indent - 2 - display_width(key)));
                page.push_str(line);
                page.push('\n');
            }
        }
    }
}

fn status(finding: &Finding) -> &'static str {
    match finding.status {
        Status::New => "new",
        Status::Baselined => "baselined",
        Status::Allowed => "allowed",
        Status::Existing => "existing",
    }
}

fn verdict(exit: u8) -> &'static str {
    match exit {
        0 => "PASS",
        1 => "FAIL",
        _ => "NOT CHECKED",
    }
}

fn verdict_ink(exit: u8) -> Ink {
    match exit {
        0 => Ink::Pass,
        1 => Ink::Severity(Severity::Error),
        _ => Ink::Severity(Severity::Warning),
    }
}

/// `3 errors, 2 warnings (12 silenced) in 214 files, 1.2 MB`
fn counts(report: &Report) -> String {
    let summary = report.summary();
    let mut parts = Vec::new();
    for (count, word) in [(summary.error, "error"), (summary.warning, "warning"), (summary.note, "note")] {
        if count > 0 {
            parts.push(counted(count, word));
        }
    }
    let mut text = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    let beside: Vec<String> = [(summary.silenced, "silenced"), (summary.existing, "existing")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(*count)))
        .collect();
    if !beside.is_empty() {
        let _ = write!(text, " ({})", beside.join(", "));
    }
    let checked = &report.checked;
    if checked.blobs > 0 && checked.files == 0 {
        // The history has no files.
        let _ = write!(text, " in {}, {}", counted(checked.blobs, "content"), size(checked.bytes));
    } else {
        let _ = write!(text, " in {}, {}", counted(checked.files, "file"), size(checked.bytes));
        if checked.blobs > 0 {
            let _ = write!(text, ", {}", counted(checked.blobs, "Git object"));
        }
    }
    let missing = report.not_checked.iter().filter(|n| n.coverage == Coverage::Missing).count();
    if missing > 0 {
        let _ = write!(text, "; {} not checked", grouped(missing as u64));
    }
    text
}

/// `advisory-db at 0123456789ab of 2026-01-31: 812 advisories held against 214 packages`
fn coverage(source: &AdvisorySource, report: &Report) -> String {
    let mut text = one_line(&source.source).into_owned();
    if let Some(commit) = &source.commit {
        let short: String = one_line(commit).chars().take(12).collect();
        let _ = write!(text, " at {short}");
    }
    if let Some(date) = &source.date {
        let _ = write!(text, " of {}", one_line(date));
    }
    let _ = write!(
        text,
        ", {} held against {}",
        counted(source.count, "advisory"),
        counted(report.checked.packages, "package")
    );
    if source.unreadable > 0 {
        let _ = write!(text, ", {} unreadable", grouped(source.unreadable));
    }
    text
}

/// What was asked for and not looked at, put together by kind and by what mends it.
fn missing(report: &Report) -> Vec<Vec<&NotChecked>> {
    let mut groups: Vec<Vec<&NotChecked>> = Vec::new();
    for item in report.not_checked.iter().filter(|n| n.coverage == Coverage::Missing) {
        match groups.iter_mut().find(|g| g[0].what == item.what && g[0].mend == item.mend) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

fn outside(report: &Report) -> impl Iterator<Item = &NotChecked> {
    report.not_checked.iter().filter(|n| n.coverage == Coverage::Outside)
}

/// `14 binary, 2 submodule`
fn outside_counts(report: &Report) -> Option<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    // What has no path stands for more than itself, and says how many.
    let (files, others): (Vec<_>, Vec<_>) = outside(report).partition(|item| item.path.is_some());
    for item in files {
        *counts.entry(item.what).or_default() += 1;
    }
    let mut parts: Vec<String> =
        counts.iter().map(|(what, count)| format!("{} {}", grouped(*count), kind(what))).collect();
    parts.extend(others.into_iter().map(|item| one_line(&item.reason).into_owned()));
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn kind(what: &str) -> String {
    match what {
        "packages" => "lock file with packages from elsewhere".to_owned(),
        "unpinned-packages" => "file with packages that cannot be looked up".to_owned(),
        "yanked" => "lock file of which yanked releases are not known".to_owned(),
        "lock-format" => "lock file of another form".to_owned(),
        _ => what.replace('-', " "),
    }
}

fn reason(item: &NotChecked, look: &Look) -> String {
    let reason = one_line(&item.reason);
    match &item.path {
        Some(path) => format!("{}: {reason}", look.path(Some(path))),
        None => reason.into_owned(),
    }
}

/// Whether several files are not checked for one reason, numbers in front of it aside: without advisory data
/// no lock file is.
fn says_one_thing(group: &[&NotChecked]) -> bool {
    let rest = group.first().map(|item| packages_and_rest(&item.reason).1);
    group.len() > 1
        && group.iter().all(|item| {
            item.what == "advisories"
                && item.path.is_some()
                && Some(packages_and_rest(&item.reason).1) == rest
        })
}

/// `Cargo.lock and 4 more lock files: 57 packages not held against advisory data`
fn together(group: &[&NotChecked], look: &Look) -> String {
    let Some(first) = group.first() else { return String::new() };
    let others = counted((group.len() - 1) as u64, "more lock file");
    let total: u64 = group.iter().filter_map(|item| packages_and_rest(&item.reason).0).sum();
    let (packages, rest) = packages_and_rest(&first.reason);
    let packages = packages.map(|_| counted(total, "package")).unwrap_or_default();
    format!("{} and {others}: {packages}{}", look.path(first.path.as_ref()), one_line(rest))
}

/// The number of packages that a reason begins with, and what follows it.
fn packages_and_rest(reason: &str) -> (Option<u64>, &str) {
    let counted = reason.split_once(" package").and_then(|(number, rest)| {
        Some((number.replace(',', "").parse().ok()?, rest.strip_prefix('s').unwrap_or(rest)))
    });
    counted.map_or((None, reason), |(number, rest)| (Some(number), rest))
}

fn noticed(notice: &Notice, look: &Look) -> String {
    let text = one_line(&notice.text);
    match &notice.path {
        Some(path) => format!("{}: {text}", look.path(Some(path))),
        None => text.into_owned(),
    }
}

fn silenced(finding: &Finding, look: &Look) -> String {
    let place = look.whole_place(&finding.place);
    let reason = reason_of(finding).map(|r| format!("  {r}")).unwrap_or_default();
    format!("{place}  {}{reason}", one_line(finding.rule.as_str()))
}

fn reason_of(finding: &Finding) -> Option<String> {
    let allow = finding.allow.as_ref()?;
    let reason = allow.reason.as_deref().map_or("no reason given".into(), one_line);
    Some(match &allow.until {
        Some(until) => format!("{reason} (until {})", one_line(until)),
        None => reason.into_owned(),
    })
}

/// What counts and is not shown: `5 notes, see them with --min-severity note`
fn hidden(report: &Report, look: &Look) -> Option<String> {
    let hidden: Vec<Severity> = report
        .findings
        .iter()
        .filter(|f| f.status == Status::New && f.severity < look.min_severity)
        .map(|f| f.severity)
        .collect();
    let least = hidden.iter().min()?;
    let parts: Vec<String> = [Severity::Warning, Severity::Note]
        .into_iter()
        .map(|s| (hidden.iter().filter(|h| **h == s).count() as u64, s))
        .filter(|(count, _)| *count > 0)
        .map(|(count, s)| counted(count, s.word()))
        .collect();
    Some(format!("{} (--min-severity {least} shows them)", parts.join(", ")))
}

/// The finding one looks at next: the first of the worst.
fn worst<'r>(report: &'r Report, look: &Look) -> Option<&'r Finding> {
    visible(report, look).reduce(|best, f| if f.severity > best.severity { f } else { best })
}

/// How one says that a finding is fine: beside it, or in the configuration where no comment can stand.
fn allowing(finding: &Finding, id: &str) -> String {
    if id == "advisories/unchecked" {
        // What is not checked stays so, whoever allows the finding.
        return "in prodcheck.toml: [advisories] with unchecked = \"note\"".into();
    }
    let path = finding.place.path.as_ref();
    let comments = path.is_some_and(|p| p.name() != b"Cargo.lock" && p.extension() != b"json");
    if comments && finding.place.span.is_some() {
        format!("in a comment there: prodcheck:allow({id}) reason")
    } else {
        format!("in prodcheck.toml: [[allow]] with rule = \"{id}\", path and reason")
    }
}

/// Decimal units, as disks have them: `1.2 MB`
fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (bytes, expect) in
            [(0, "0 B"), (999, "999 B"), (1_250, "1.2 kB"), (1_234_567, "1.2 MB"), (2_000_000_000, "2.0 GB")]
        {
            assert_eq!(size(bytes), expect);
        }
    }
}
