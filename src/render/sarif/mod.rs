//! SARIF 2.1.0 as GitHub's code scanning, GitLab and editors read it.
//!
//! - Rule ids keep their `/`: to SARIF they are hierarchical ids, and they are what people pass to
//!   `--rule`.
//! - Paths are relative to the root and percent-encoded. GitHub wants a file for each result: what
//!   concerns the repository as a whole stands at the first line of the file in which one would mend it.
//! - Code scanning shows 5,000 results and cuts the rest in no particular order, so we cut by severity.
//! - Allowed and baselined findings are there, marked by `suppressions` and `baselineState`.

mod log;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use self::log::{
    Artifact, Configuration, Descriptor, DescriptorProperties, Driver, Fingerprints, Help, Invocation,
    Location, Log, Message, Named, Notification, Outcome, OutcomeProperties, Physical, Region, Run,
    Suppression, Text, Tool, UriBase,
};
use super::Look;
use super::json::write_document;
use crate::model::{
    Confidence, Coverage, Evidence, Finding, Proof, RepoPath, Report, Severity, Span, Status, shown,
};
use crate::rules::Catalog;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The base of all paths. Known by this name to code scanning.
const ROOT: &str = "%SRCROOT%";
/// Code scanning shows no more results of a run.
const RESULTS: usize = 5_000;
/// Of what was not checked no more is named one by one.
const NAMED: usize = 1_000;
/// Code scanning shows no more characters of a description.
const DESCRIPTION: usize = 1_024;

pub(super) fn write(
    report: &Report,
    catalog: &Catalog,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let findings = worst(&report.findings);
    let ids: Vec<&str> =
        findings.iter().map(|f| f.rule.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    let baselined = findings.iter().any(|f| is_known(f.status));
    let index = |id: &str| ids.binary_search(&id).unwrap_or_default();
    let rules = ids.iter().map(|id| descriptor(id, catalog, &findings)).collect();
    let results = findings.iter().map(|f| outcome(f, index(f.rule.as_str()), baselined)).collect();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules,
                },
            },
            invocations: [Invocation {
                execution_successful: report.not_checked.iter().all(|n| n.coverage != Coverage::Missing),
                exit_code: report.exit(look.fail_on),
                tool_execution_notifications: notifications(report, findings.len()),
            }],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                UriBase { description: message("The root of the repository.") },
            )]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    write_document(&log, look, out)
}

/// The findings that are written, in the report's order: if there are too many, those that count and
/// weigh most.
fn worst(findings: &[Finding]) -> Vec<&Finding> {
    let mut chosen: Vec<usize> = (0..findings.len()).collect();
    if chosen.len() > RESULTS {
        chosen.sort_by_key(|&at| {
            let finding = &findings[at];
            (finding.status != Status::New, std::cmp::Reverse(finding.severity), at)
        });
        chosen.truncate(RESULTS);
        chosen.sort_unstable();
    }
    chosen.into_iter().map(|at| &findings[at]).collect()
}

fn descriptor<'r>(id: &'r str, catalog: &'r Catalog, findings: &[&'r Finding]) -> Descriptor<'r> {
    let rule = catalog.get(id);
    // A rule that the catalogue does not know is described by its first finding.
    let finding = findings.iter().find(|f| f.rule.as_str() == id);
    let severity = rule.map(|r| r.severity).or(finding.map(|f| f.severity)).unwrap_or(Severity::Warning);
    let confidence =
        rule.map(|r| r.confidence).or(finding.map(|f| f.confidence)).unwrap_or(Confidence::Medium);
    let title = rule.map(|r| &*r.title).or(finding.map(|f| &*f.message)).unwrap_or(id);
    let raw_why = rule.map_or("", |r| &*r.why);
    let fix = rule.map(|r| &*r.fix).or(finding.map(|f| &*f.fix)).unwrap_or_default();
    let family = id.split('/').next().unwrap_or(id);
    let secure = matches!(family, "secrets" | "advisories" | "deploy");
    let mut tags = vec![shown(family)];
    if secure {
        tags.insert(0, Cow::Borrowed("security"));
    }
    // Addresses of ASCII alone: what a user's rule holds must be an address and nothing else.
    let is_address =
        |r: &&str| r.starts_with("https://") && r.bytes().all(|b| b.is_ascii_graphic() && b != b'>');
    let refs: Vec<&str> =
        rule.map_or(vec![], |r| r.refs.iter().map(AsRef::as_ref).filter(is_address).collect());
    let sources: Vec<String> = refs.iter().map(|r| format!("\n\nSee <{r}>.")).collect();
    let (why, fix) = (shown(raw_why), shown(fix));
    Descriptor {
        id: shown(id),
        name: camel_case(id),
        short_description: described(title),
        full_description: described(if raw_why.is_empty() { title } else { raw_why }),
        default_configuration: Configuration { level: severity.word() },
        help: Help {
            text: format!("{why}\n\nWhat to do: {fix}").trim().to_owned(),
            markdown: format!(
                "{}\n\n**What to do:** {}{}",
                plain_markdown(&why),
                plain_markdown(&fix),
                sources.concat()
            )
            .trim()
            .to_owned(),
        },
        help_uri: refs.first().copied(),
        properties: DescriptorProperties {
            tags,
            precision: confidence.word(),
            // Code scanning: above 7.0 high, above 4.0 medium, below low.
            security_severity: secure.then_some(match severity {
                Severity::Error => "8.0",
                Severity::Warning => "5.5",
                Severity::Note => "2.0",
            }),
        },
    }
}

/// Whether a finding was known before this run's change.
fn is_known(status: Status) -> bool {
    matches!(status, Status::Baselined | Status::Existing)
}

fn outcome(finding: &Finding, rule_index: usize, baselined: bool) -> Outcome<'_> {
    let fingerprint = shown(&finding.fingerprint.0);
    let related = finding.related.iter().enumerate().map(|(id, also)| Location {
        id: Some(id),
        physical_location: Physical {
            artifact_location: artifact(&also.path),
            region: also.span.map(region),
            context_region: None,
        },
        message: Some(message(&also.message)),
    });
    let text = if finding.message.is_empty() { finding.rule.as_str() } else { &finding.message };
    let mut facts: BTreeMap<String, Text> = BTreeMap::new();
    for (name, value) in &finding.properties {
        // `tags` and our own names have a form of their own.
        let taken = matches!(&**name, "tags" | "confidence" | "proof" | "fix" | "origin");
        let name = shown(name);
        facts.insert(if taken { format!("fact-{name}") } else { name.into_owned() }, shown(value));
    }
    Outcome {
        rule_id: shown(finding.rule.as_str()),
        rule_index,
        level: finding.severity.word(),
        message: message(text),
        locations: [primary(finding)],
        related_locations: related.collect(),
        partial_fingerprints: Fingerprints { own: fingerprint.clone(), line_hash: fingerprint },
        suppressions: (finding.status == Status::Allowed).then(|| {
            let allow = finding.allow.as_ref();
            // Only an entry of the configuration can carry a date.
            let external = allow.is_some_and(|a| a.until.is_some());
            [Suppression {
                kind: if external { "external" } else { "inSource" },
                justification: allow.and_then(|a| a.reason.as_deref()).map(shown),
            }]
        }),
        baseline_state: baselined.then_some(if is_known(finding.status) { "unchanged" } else { "new" }),
        properties: OutcomeProperties {
            confidence: finding.confidence.word(),
            proof: finding.proof.map(Proof::word),
            fix: shown(&finding.fix),
            origin: shown(finding.place.origin.word()),
            facts,
        },
    }
}

fn primary(finding: &Finding) -> Location<'_> {
    let stand_in;
    let path = if let Some(path) = &finding.place.path {
        path
    } else {
        stand_in = RepoPath::from(match finding.rule.family() {
            "gitignore" => ".gitignore",
            "advisories" => "Cargo.lock",
            _ => "Cargo.toml",
        });
        &stand_in
    };
    let start = Region {
        start_line: 1,
        start_column: Some(1),
        end_line: Some(1),
        end_column: Some(1),
        snippet: None,
    };
    let mut at = finding.place.span.map_or(start, region);
    let mut around = None;
    if let Some(evidence) = &finding.evidence {
        let marked = evidence.labels.first().and_then(|l| evidence.text.get(l.range.clone()));
        at.snippet = marked.filter(|_| finding.place.span.is_some()).map(message);
        around = context(evidence, finding.place.span);
    }
    Location {
        id: None,
        physical_location: Physical {
            artifact_location: artifact(path),
            region: Some(at),
            context_region: around,
        },
        message: None,
    }
}

/// The window: whole lines around the region.
fn context(evidence: &Evidence, span: Option<Span>) -> Option<Region<'_>> {
    let last = evidence.first_line.saturating_add(evidence.text.matches('\n').count() as u32);
    let starts_in_it = span.is_none_or(|s| s.line >= evidence.first_line);
    (evidence.first_line > 0 && starts_in_it).then(|| Region {
        start_line: evidence.first_line,
        start_column: None,
        end_line: Some(span.map_or(last, |s| last.max(s.end_line))),
        end_column: None,
        snippet: Some(message(&evidence.text)),
    })
}

fn region(span: Span) -> Region<'static> {
    let line = span.line.max(1);
    Region {
        start_line: line,
        start_column: Some(span.column.max(1)),
        end_line: Some(span.end_line.max(line)),
        end_column: Some(span.end_column.max(1)),
        snippet: None,
    }
}

fn notifications(report: &Report, written: usize) -> Vec<Notification<'_>> {
    let mut all = Vec::new();
    if written < report.findings.len() {
        all.push(said(
            "warning",
            format!("{written} of {} findings are written here, the worst ones.", report.findings.len()),
        ));
    }
    let missing = || report.not_checked.iter().filter(|n| n.coverage == Coverage::Missing);
    for item in missing().take(NAMED) {
        let mend = item.mend.as_ref().map(|m| format!(" (run: {})", shown(m))).unwrap_or_default();
        all.push(Notification {
            descriptor: Some(Named { id: item.what }),
            level: "warning",
            message: Message { text: format!("Not checked: {}{mend}", shown(&item.reason)).into() },
            locations: item.path.iter().map(whole_file).collect(),
        });
    }
    if missing().count() > NAMED {
        all.push(said("warning", format!("{} more were not checked.", missing().count() - NAMED)));
    }
    let mut outside: BTreeMap<&'static str, usize> = BTreeMap::new();
    for item in report.not_checked.iter().filter(|n| n.coverage == Coverage::Outside) {
        if item.path.is_none() {
            // It stands for more than itself, and says how many.
            let mut note = said("note", format!("Passed over: {}.", shown(&item.reason)));
            note.descriptor = Some(Named { id: item.what });
            all.push(note);
            continue;
        }
        *outside.entry(item.what).or_default() += 1;
    }
    for (what, count) in outside {
        let mut note = said("note", format!("Passed over: {count} ({}).", what.replace('-', " ")));
        note.descriptor = Some(Named { id: what });
        all.push(note);
    }
    for notice in report.notices.iter().take(NAMED) {
        let mut note = said("note", shown(&notice.text).into_owned());
        note.locations = notice.path.iter().map(whole_file).collect();
        all.push(note);
    }
    all
}

fn said(level: &'static str, text: String) -> Notification<'static> {
    Notification { descriptor: None, level, message: Message { text: text.into() }, locations: vec![] }
}

fn whole_file(path: &RepoPath) -> Location<'static> {
    Location {
        id: None,
        physical_location: Physical { artifact_location: artifact(path), region: None, context_region: None },
        message: None,
    }
}

fn message(text: &str) -> Message<'_> {
    Message { text: shown(text) }
}

/// Within the length that is shown.
fn described(text: &str) -> Message<'_> {
    let text = shown(text);
    match text.char_indices().nth(DESCRIPTION - 1) {
        Some((end, c)) if end + c.len_utf8() < text.len() => {
            Message { text: format!("{}…", &text[..end]).into() }
        }
        _ => Message { text },
    }
}

/// A user's rule may hold markup; it is shown as written. Code spans stay, since our own words use them.
fn plain_markdown(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('[', "\\[").replace('!', "\\!")
}

/// `secrets/github-classic-pat` becomes `SecretsGithubClassicPat`: a name without spaces for those who
/// show names.
fn camel_case(id: &str) -> String {
    id.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .take(255)
        .collect()
}

/// A relative reference (RFC 3986): all but unreserved characters and `/` is percent-encoded, so that no
/// name looks like a scheme, a query or a fragment.
fn artifact(path: &RepoPath) -> Artifact {
    let mut uri = String::with_capacity(path.as_bytes().len());
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            for digit in [byte >> 4, byte & 15] {
                uri.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    Artifact { uri: if uri.is_empty() { ".".to_owned() } else { uri }, uri_base_id: ROOT }
}
