//! What rendering costs, in microseconds for each finding; the budget is 10. Run by `cargo bench --bench
//! render`.
#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

use std::collections::BTreeMap;
use std::time::Instant;

use prodcheck::model::{
    Confidence, Evidence, Finding, Fingerprint, Label, Origin, Place, Report, RuleId, Severity, Span, Status,
};
use prodcheck::render::{Format, Look, render};
use prodcheck::rules::Catalog;

const FINDINGS: u32 = 10_000;
const ROUNDS: u32 = 5;
const BUDGET: f64 = 10.0;

/// `files` decides how many findings share a card.
fn report(files: u32, one_message: bool) -> Report {
    let findings = (0..FINDINGS)
        .map(|n| {
            let line = n / files + 1;
            let text =
                format!("    let value_{n} = dbg!(compute(input, {n}) + offset); // and a few words behind");
            let at = text.find("dbg!(").unwrap_or_default();
            let (start, column) = (line * 80 + at as u32, at as u32 + 1);
            Finding {
                rule: RuleId::of("debug/dbg-macro"),
                severity: Severity::Warning,
                confidence: Confidence::High,
                proof: None,
                message: if one_message { "dbg! left in code".into() } else { format!("dbg! number {n}") },
                fix: "Delete the call and keep its argument, or log the value with the application's logger."
                    .into(),
                change: None,
                place: Place {
                    path: Some(format!("src/module_{:05}.rs", n % files).as_str().into()),
                    span: Some(Span {
                        start,
                        end: start + 5,
                        line,
                        column,
                        end_line: line,
                        end_column: column + 5,
                    }),
                    origin: Origin::Tree,
                    via: vec![],
                },
                evidence: Some(Evidence {
                    first_line: line,
                    labels: vec![Label { range: at..at + 5, text: "prints to standard error".into() }],
                    text,
                }),
                related: vec![],
                fingerprint: Fingerprint(format!("{n:016x}-000")),
                status: Status::New,
                allow: None,
                properties: BTreeMap::new(),
            }
        })
        .collect();
    Report { findings, ..Report::default() }
}

fn main() {
    let catalog = Catalog::built_in();
    let look = Look { min_severity: Severity::Note, color: true, ..Look::default() };
    let cases = [
        ("one card each", report(FINDINGS, true)),
        ("5 to a card", report(FINDINGS / 5, true)),
        ("one file", report(1, true)),
        ("one file, messages differ", report(1, false)),
    ];
    for (name, report) in &cases {
        for &format in Format::ALL {
            let mut best = f64::MAX;
            let mut out = Vec::new();
            for _ in 0..ROUNDS {
                out.clear();
                let start = Instant::now();
                if render(format, report, &catalog, &look, &mut out).is_err() {
                    println!("{format}: not written");
                }
                best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(FINDINGS));
            }
            let verdict = if best <= BUDGET { "" } else { "  above the budget" };
            println!("{name:26} {format:10} {best:6.2} µs per finding, {:9} bytes{verdict}", out.len());
        }
    }
}
