use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::Look;
use super::neutral::json_without_commands;
use crate::model::{Finding, Proof, Related, RepoPath, Report, Span, Status, shown};
use crate::rules::Catalog;

/// The version of the form. Fields may come; none goes or changes its meaning under the same number.
const VERSION: u32 = 1;

// The order of fields is part of the form, since people read it, too.

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    tool: Tool,
    checked: Checked,
    not_checked: Vec<NotChecked<'r>>,
    notices: Vec<Notice<'r>>,
    advisories: Option<Advisories<'r>>,
    exit: u8,
    findings: Vec<Item<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Checked {
    files: u64,
    bytes: u64,
    packages: u64,
    blobs: u64,
}

#[derive(Serialize)]
struct NotChecked<'r> {
    what: &'static str,
    path: Option<String>,
    reason: Cow<'r, str>,
}

#[derive(Serialize)]
struct Notice<'r> {
    path: Option<String>,
    text: Cow<'r, str>,
}

#[derive(Serialize)]
struct Advisories<'r> {
    source: Cow<'r, str>,
    commit: Option<Cow<'r, str>>,
    date: Option<Cow<'r, str>>,
    count: u64,
}

#[derive(Serialize)]
struct Item<'r> {
    rule: Cow<'r, str>,
    family: Cow<'r, str>,
    severity: &'static str,
    confidence: &'static str,
    proof: Option<&'static str>,
    message: Cow<'r, str>,
    why: Cow<'r, str>,
    fix: Cow<'r, str>,
    path: Option<String>,
    span: Option<Span>,
    origin: Cow<'r, str>,
    via: &'r [&'static str],
    evidence: Option<Evidence<'r>>,
    related: Vec<Place<'r>>,
    fingerprint: Cow<'r, str>,
    status: Status,
    allow: Option<Allow<'r>>,
    properties: BTreeMap<Cow<'r, str>, Cow<'r, str>>,
}

#[derive(Serialize)]
struct Evidence<'r> {
    first_line: u32,
    text: Cow<'r, str>,
}

#[derive(Serialize)]
struct Place<'r> {
    path: String,
    span: Option<Span>,
    message: Cow<'r, str>,
}

#[derive(Serialize)]
struct Allow<'r> {
    reason: Option<Cow<'r, str>>,
    until: Option<Cow<'r, str>>,
}

#[derive(Serialize)]
struct Summary {
    error: u64,
    warning: u64,
    note: u64,
    silenced: u64,
    #[serde(skip_serializing_if = "is_none")]
    existing: u64,
}

/// Without a change there is nothing that was there before it.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &u64) -> bool {
    *count == 0
}

pub(super) fn write(
    report: &Report,
    catalog: &Catalog,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let summary = report.summary();
    let document = Document {
        version: VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        checked: Checked {
            files: report.checked.files,
            bytes: report.checked.bytes,
            packages: report.checked.packages + report.checked.pinned,
            blobs: report.checked.blobs,
        },
        not_checked: report
            .not_checked
            .iter()
            .map(|n| NotChecked { what: n.what, path: n.path.as_ref().map(path), reason: shown(&n.reason) })
            .collect(),
        notices: report
            .notices
            .iter()
            .map(|n| Notice { path: n.path.as_ref().map(path), text: shown(&n.text) })
            .collect(),
        advisories: report.advisories.as_ref().map(|a| Advisories {
            source: shown(&a.source),
            commit: a.commit.as_deref().map(shown),
            date: a.date.as_deref().map(shown),
            count: a.count,
        }),
        exit: report.exit(look.fail_on),
        findings: report.findings.iter().map(|f| item(f, catalog)).collect(),
        summary: Summary {
            error: summary.error,
            warning: summary.warning,
            note: summary.note,
            silenced: summary.silenced,
            existing: summary.existing,
        },
    };
    write_document(&document, look, out)
}

/// Two spaces deep, a line end at the end.
pub(super) fn write_document(
    document: &impl Serialize,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if look.ci_commands {
        let json = serde_json::to_string_pretty(document)?;
        out.write_all(json_without_commands(&json).as_bytes())?;
    } else {
        let mut buffered = io::BufWriter::new(&mut *out);
        serde_json::to_writer_pretty(&mut buffered, document)?;
        io::Write::flush(&mut buffered)?;
    }
    out.write_all(b"\n")
}

fn item<'r>(finding: &'r Finding, catalog: &'r Catalog) -> Item<'r> {
    let id = finding.rule.as_str();
    Item {
        rule: shown(id),
        family: shown(finding.rule.family()),
        severity: finding.severity.word(),
        confidence: finding.confidence.word(),
        proof: finding.proof.map(Proof::word),
        message: shown(&finding.message),
        why: catalog.get(id).map_or(Cow::Borrowed(""), |rule| shown(&rule.why)),
        fix: shown(&finding.fix),
        path: finding.place.path.as_ref().map(path),
        span: finding.place.span,
        origin: shown(finding.place.origin.word()),
        via: &finding.place.via,
        evidence: finding
            .evidence
            .as_ref()
            .map(|e| Evidence { first_line: e.first_line, text: shown(&e.text) }),
        related: finding.related.iter().map(place).collect(),
        fingerprint: shown(&finding.fingerprint.0),
        status: finding.status,
        allow: finding
            .allow
            .as_ref()
            .map(|a| Allow { reason: a.reason.as_deref().map(shown), until: a.until.as_deref().map(shown) }),
        properties: finding.properties.iter().map(|(k, v)| (shown(k), shown(v))).collect(),
    }
}

fn place(related: &Related) -> Place<'_> {
    Place { path: path(&related.path), span: related.span, message: shown(&related.message) }
}

/// Relative to the root, in the displayable form: bytes that are no text stand there as `\x..`.
fn path(path: &RepoPath) -> String {
    path.to_string()
}
