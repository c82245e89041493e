//! Reports made by hand, in every format. `UPDATE_SNAPSHOTS=1` rewrites `snapshots/render-*.txt`.

#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::collections::BTreeMap;
use std::path::Path;

use prodcheck::model::{
    AdvisorySource, Allow, Checked, Confidence, Coverage, Evidence, FailOn, Finding, Fingerprint, Label,
    LineIndex, NotChecked, Notice, Origin, Place, Proof, Related, RepoPath, Report, RuleId, Severity, Span,
    Status,
};
use prodcheck::render::{Format, Look, render};
use prodcheck::rules::Catalog;

fn text_of(format: Format, report: &Report, look: &Look) -> String {
    let mut out = Vec::new();
    render(format, report, &Catalog::built_in(), look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A finding in a text whose place is marked by `«…»`; `above` lines stand before it.
fn finding(rule: &'static str, severity: Severity, path: &str, above: u32, marked: &str) -> Finding {
    let start = marked.find('«').unwrap();
    let end = marked.find('»').unwrap() - '«'.len_utf8();
    let text = marked.replace(['«', '»'], "");
    let mut span = LineIndex::new(text.as_bytes()).span(text.as_bytes(), start..end);
    span.line += above;
    span.end_line += above;
    Finding {
        rule: RuleId::of(rule),
        severity,
        confidence: Confidence::High,
        proof: None,
        message: "dbg! left in code that ships".into(),
        fix: "Delete the call and keep its argument, or log the value with the application's logger.".into(),
        change: None,
        place: Place { path: Some(path.into()), span: Some(span), origin: Origin::Tree, via: vec![] },
        evidence: Some(Evidence {
            first_line: above + 1,
            text,
            labels: vec![Label { range: start..end, text: String::new() }],
        }),
        related: vec![],
        fingerprint: Fingerprint(format!("{above:016x}-000")),
        status: Status::New,
        allow: None,
        properties: BTreeMap::new(),
    }
}

fn said(mut finding: Finding, message: &str, fix: &str, label: &str) -> Finding {
    finding.message = message.into();
    finding.fix = fix.into();
    if let Some(evidence) = &mut finding.evidence {
        evidence.labels[0].text = label.into();
    }
    finding
}

fn of_file(mut finding: Finding, path: Option<&str>) -> Finding {
    finding.place.path = path.map(Into::into);
    finding.place.span = None;
    finding.evidence = None;
    finding
}

/// One of each kind of thing a report may hold.
fn full() -> Report {
    let dbg = |line, text| finding("debug/dbg-macro", Severity::Warning, "src/billing/charge.rs", line, text);
    let mut token = said(
        finding(
            "secrets/vendor-token",
            Severity::Error,
            "deploy/production.yaml",
            41,
            "        value: \"«tok_…[40 chars]…x9»\" # rotate in spring",
        ),
        "A vendor's access token stands in the file",
        "Revoke it in the vendor's console, then read it from the secret store of the platform that runs the service.",
        "its checksum holds",
    );
    token.proof = Some(Proof::Checksum);
    token.related = vec![
        Related {
            path: "src/config.rs".into(),
            span: Some(Span { start: 10, end: 12, line: 7, column: 19, end_line: 7, end_column: 21 }),
            message: "the same token".into(),
            evidence: None,
        },
        Related { path: ".gitignore".into(), span: None, message: "does not name it".into(), evidence: None },
    ];
    let mut advisory = said(
        finding(
            "advisories/vulnerability",
            Severity::Error,
            "Cargo.lock",
            1803,
            "«name = \"time\"\nversion = \"0.1.43\"»",
        ),
        "time 0.1.43 may read memory of another thread when the environment changes while it asks for the local offset (RUSTSEC-2020-0071)",
        "Require time >= 0.2.23.",
        "",
    );
    advisory.properties.insert("advisory".into(), "RUSTSEC-2020-0071".into());
    let mut allowed = dbg(300, "    «dbg!(»seed);");
    allowed.status = Status::Allowed;
    allowed.allow = Some(Allow { reason: Some("a tool for us".into()), until: Some("2031-01-31".into()) });
    let mut baselined = dbg(400, "    «dbg!(»leaf);");
    baselined.status = Status::Baselined;
    let mut findings = vec![
        said(
            of_file(finding("gitignore/env-file", Severity::Warning, "", 0, "«»"), None),
            ".env files are not ignored",
            "Add a line `.env` to .gitignore.",
            "",
        ),
        advisory,
        said(
            of_file(
                finding("deps/lockfile-missing", Severity::Warning, "", 0, "«»"),
                Some("tools/x/Cargo.toml"),
            ),
            "A binary without a Cargo.lock",
            "Run cargo generate-lockfile and commit the file.",
            "",
        ),
        token,
        said(dbg(20, "    «println!(»\"x\");"), "println! in a library", "Log it.", ""),
    ];
    findings[4].severity = Severity::Note;
    findings.extend([
        dbg(11, "    let total = «dbg!(»items.iter().map(price).sum::<u64>());"),
        dbg(12, "    «dbg!(»total, tax);"),
        dbg(87, "\tif «dbg!(»paid) {"),
        dbg(
            140,
            "    report(&customer.name, &customer.address, &customer.orders, «dbg!(»&invoice.lines), Currency::Euro, Rounding::Half)",
        ),
    ]);
    findings.extend([150, 160, 170, 171].map(|line| dbg(line, "    «dbg!(»step);")));
    findings.extend([allowed, baselined]);
    Report {
        checked: Checked { files: 1214, bytes: 12_345_678, packages: 214, pinned: 0, blobs: 0 },
        not_checked: vec![
            not_checked("deploy/keys.env", "unreadable", "permission denied", None, Coverage::Missing),
            not_checked("logo.png", "binary", "a binary file", None, Coverage::Outside),
            not_checked("vendor/lib", "submodule", "a submodule", None, Coverage::Outside),
            not_checked("web.woff", "binary", "a binary file", None, Coverage::Outside),
        ],
        notices: vec![Notice {
            path: Some("deny.toml".into()),
            text: "two ignores of it were honoured".into(),
        }],
        advisories: Some(AdvisorySource {
            source: "/home/me/advisory-db".into(),
            commit: Some("0123456789abcdef0123456789abcdef01234567".into()),
            date: Some("2026-08-01".into()),
            count: 812,
            unreadable: 1,
        }),
        findings,
    }
}

fn not_checked(
    path: &str,
    what: &'static str,
    reason: &str,
    mend: Option<&str>,
    coverage: Coverage,
) -> NotChecked {
    let path = (!path.is_empty()).then(|| path.into());
    NotChecked { path, what, reason: reason.into(), mend: mend.map(Into::into), coverage }
}

#[track_caller]
fn check(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/snapshots/render-{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, found).unwrap();
    }
    let expect = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(found, expect, "{} differs; UPDATE_SNAPSHOTS=1 rewrites it", file.display());
}

#[test]
fn reports_look_like_this() {
    let report = full();
    check("graphical", &text_of(Format::Graphical, &report, &Look::default()));
    check("concise", &text_of(Format::Concise, &report, &Look::default()));
    let narrow = Look { width: 60, unicode: false, ..Look::default() };
    check("ascii-60", &text_of(Format::Graphical, &report, &narrow));
    let verbose = Look { verbose: 1, min_severity: Severity::Error, ..Look::default() };
    check("verbose", &text_of(Format::Graphical, &report, &verbose));
    let color = Look { color: true, hyperlinks: true, min_severity: Severity::Error, ..Look::default() };
    check("color", &text_of(Format::Graphical, &report, &color).replace('\x1b', "^["));
    check(
        "json",
        &text_of(Format::Json, &report, &Look::default()).replace(env!("CARGO_PKG_VERSION"), "VERSION"),
    );
    check(
        "sarif",
        &text_of(Format::Sarif, &report, &Look::default()).replace(env!("CARGO_PKG_VERSION"), "VERSION"),
    );
}

#[test]
fn a_narrow_terminal_gets_the_concise_form() {
    let look = Look { width: 59, ..Look::default() };
    assert_eq!(text_of(Format::Graphical, &full(), &look), text_of(Format::Concise, &full(), &look));
}

#[test]
fn verdicts() {
    let mut report =
        Report { checked: Checked { files: 1, bytes: 12, ..Checked::default() }, ..Report::default() };
    let check = |report: &Report, expect: &str| {
        assert_eq!(text_of(Format::Graphical, report, &Look::default()), expect);
    };
    check(&report, "PASS  no findings in 1 file, 12 B\n");
    let mend = Some("cargo prodcheck advisories update");
    report.not_checked.push(not_checked("", "advisories", "no advisory data", mend, Coverage::Missing));
    check(
        &report,
        "NOT CHECKED  no findings in 1 file, 12 B; 1 not checked\n\n  \
         not checked  no advisory data; run: cargo prodcheck advisories update\n",
    );
    let quiet = Look { quiet: true, ..Look::default() };
    assert_eq!(
        text_of(Format::Concise, &report, &quiet),
        "not checked: no advisory data; run: cargo prodcheck advisories update\n"
    );
    report.findings.push(finding("debug/dbg-macro", Severity::Warning, "a.rs", 0, "«dbg!(»x)"));
    assert!(text_of(Format::Concise, &report, &Look::default()).contains("\nNOT CHECKED: 1 warning in"));
    let strict = Look { fail_on: FailOn::Warning, ..Look::default() };
    assert!(text_of(Format::Concise, &report, &strict).contains("\nFAIL: 1 warning in"));
}

#[test]
fn lock_files_without_advisory_data_take_one_line() {
    let mend = Some("cargo prodcheck --update-advisories");
    let open = |path: &str, packages: &str| {
        let reason = format!("{packages} not held against advisory data: there is none");
        not_checked(path, "advisories", &reason, mend, Coverage::Missing)
    };
    let report = Report {
        not_checked: vec![
            open("Cargo.lock", "1 package"),
            open("a/Cargo.lock", "1,900 packages"),
            open("b/Cargo.lock", "99 packages"),
        ],
        ..Report::default()
    };
    let told = "Cargo.lock and 2 more lock files: 2,000 packages not held against advisory data: there \
                is none; run: cargo prodcheck --update-advisories";
    for format in [Format::Graphical, Format::Concise] {
        let text = text_of(format, &report, &Look::default());
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(told), "{text}");
        assert!(!text.contains("a/Cargo.lock"), "{text}");
    }
    let all = Look { verbose: 1, ..Look::default() };
    assert!(text_of(Format::Concise, &report, &all).contains("b/Cargo.lock: 99 packages"));
}

#[test]
fn notices_are_in_every_format_but_for_the_quiet() {
    let hostile = "odd\u{1b}[31m\n::error::x";
    let report = Report {
        notices: vec![Notice { path: Some("deny.toml".into()), text: hostile.into() }],
        ..Report::default()
    };
    for format in Format::ALL {
        let text = text_of(*format, &report, &Look::default());
        assert!(text.contains("deny.toml") && text.contains("odd") && !text.contains('\u{1b}'), "{text}");
    }
    let concise = text_of(Format::Concise, &report, &Look::default());
    assert_eq!(concise.lines().filter(|line| line.starts_with("notice: deny.toml: odd")).count(), 1);
    assert!(!concise.contains("\n::"), "{concise}");
    let quiet = Look { quiet: true, ..Look::default() };
    assert_eq!(text_of(Format::Concise, &report, &quiet), "");
}

#[test]
fn what_stands_for_many_says_how_many() {
    let reason = "7 tracked files are not in the work tree";
    let report = Report {
        not_checked: vec![not_checked("", "absent", reason, None, Coverage::Outside)],
        ..Report::default()
    };
    for format in Format::ALL {
        assert!(text_of(*format, &report, &Look::default()).contains(reason), "{format}");
    }
}

#[test]
fn human_paths_are_seen_from_the_current_directory_and_machine_paths_from_the_root() {
    let report = full();
    let below = || Look { to_cwd: Box::new(|path| format!("../{path}")), ..Look::default() };
    for format in [Format::Graphical, Format::Concise] {
        let text = text_of(format, &report, &below());
        assert!(text.contains("../deploy/production.yaml:42:17"), "{text}");
    }
    for format in [Format::Json, Format::Sarif] {
        assert!(!text_of(format, &report, &below()).contains("../deploy"));
    }
}

#[test]
fn many_messages_of_one_rule_take_a_line_each() {
    let findings = (0..9)
        .map(|n| {
            said(
                finding("debug/dbg-macro", Severity::Error, "a.rs", n * 3, "«x»"),
                &format!("number {n}"),
                "",
                "",
            )
        })
        .collect();
    let text = text_of(Format::Graphical, &Report { findings, ..Report::default() }, &Look::default());
    assert_eq!(text.matches("╭─[a.rs:").count(), 5);
    assert_eq!(text.matches("a.rs:").count(), 9);
    assert!(text.contains("a.rs:16:1: error[debug/dbg-macro] number 5\na.rs:19:1: error"), "{text}");
}

#[test]
fn json_has_the_form_of_its_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/report.schema.json");
    validates(&schema, &text_of(Format::Json, &full(), &Look::default()));
    validates(&schema, &text_of(Format::Json, &Report::default(), &Look::default()));
    validates(&schema, &text_of(Format::Json, &hostile("x\u{1b}\n", 3), &Look::default()));
}

/// The schema is the one OASIS publishes, in the edition that Microsoft's SARIF Multitool (MIT licence)
/// carries.
#[test]
fn sarif_has_the_form_of_its_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sarif-schema-2.1.0.json");
    validates(&schema, &text_of(Format::Sarif, &full(), &Look::default()));
    validates(&schema, &text_of(Format::Sarif, &Report::default(), &Look::default()));
    validates(&schema, &text_of(Format::Sarif, &hostile("x\u{1b}\n", 3), &Look::default()));
}

#[track_caller]
fn validates(schema: &Path, text: &str) {
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = serde_json::from_str(text).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn sarif_keeps_the_worst_and_says_so() {
    let note = finding("debug/dbg-macro", Severity::Note, "a.rs", 0, "«x»");
    let mut findings = vec![note; 5_100];
    for at in [0, 2_000, 5_099] {
        findings[at].severity = Severity::Error;
    }
    let text = text_of(Format::Sarif, &Report { findings, ..Report::default() }, &Look::default());
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    assert_eq!(results.iter().filter(|r| r["level"] == "error").count(), 3);
    let told = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(told, "5000 of 5100 findings are written here, the worst ones.");
}

#[test]
fn sarif_uris_are_relative_and_encoded() {
    let path = RepoPath::new(b"c:/a b/\xff#?%.rs".to_vec());
    let mut odd = finding("debug/dbg-macro", Severity::Note, "", 0, "«x»");
    odd.place.path = Some(path);
    let text = text_of(Format::Sarif, &Report { findings: vec![odd], ..Report::default() }, &Look::default());
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], "c%3A/a%20b/%FF%23%3F%25.rs");
}

/// The same text in every field that can hold one.
fn hostile(text: &str, seed: usize) -> Report {
    let mut boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    boundaries.push(text.len());
    // Also labels that no scan would make: in the middle of characters and behind the end.
    let (a, b) = (seed % (text.len() + 3), (seed * 7) % (text.len() + 3));
    let (near, far) = (boundaries[seed % boundaries.len()], text.len());
    let at = |n: u32, range: std::ops::Range<usize>| Finding {
        rule: RuleId::new(format!("fam/{text}")),
        severity: Severity::ALL[(seed + n as usize) % 3],
        confidence: Confidence::Low,
        proof: Some(Proof::Random),
        message: text.into(),
        fix: text.into(),
        change: None,
        place: Place {
            path: Some(text.into()),
            span: Some(Span {
                start: n,
                end: n + 1,
                line: n,
                column: u32::MAX,
                end_line: n,
                end_column: u32::MAX,
            }),
            origin: if seed.is_multiple_of(2) { Origin::Commit(text.into()) } else { Origin::Index },
            via: vec![],
        },
        evidence: Some(Evidence {
            first_line: n,
            text: text.into(),
            labels: vec![Label { range, text: text.into() }],
        }),
        related: vec![Related { path: text.into(), span: None, message: text.into(), evidence: None }],
        fingerprint: Fingerprint(text.into()),
        status: Status::New,
        allow: Some(Allow { reason: Some(text.into()), until: Some(text.into()) }),
        properties: BTreeMap::from([(text.into(), text.into()), ("fix".into(), text.into())]),
    };
    let mut findings = vec![
        at(1, near..far),
        at(1, a.min(b)..a.max(b)),
        at(2, far..far),
        at(3, 0..far),
        at(u32::MAX - 9, 0..0),
        of_file(at(9, 0..0), None),
    ];
    for status in [Status::Allowed, Status::Baselined] {
        findings.push(Finding { status, ..at(4, 0..far) });
    }
    Report {
        checked: Checked::default(),
        not_checked: vec![
            not_checked(text, "unreadable", text, Some(text), Coverage::Missing),
            not_checked(text, "binary", text, Some(text), Coverage::Outside),
        ],
        notices: vec![Notice { path: Some(text.into()), text: text.into() }],
        advisories: Some(AdvisorySource {
            source: text.into(),
            commit: Some(text.into()),
            date: Some(text.into()),
            count: 1,
            unreadable: 1,
        }),
        findings,
    }
}

#[test]
fn whatever_stands_in_a_report_steers_nothing() {
    let pieces = [
        "::error::x",
        "##[error]y",
        "##vso[task.setvariable variable=x]y",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "\u{1b}[2J",
        "\u{1b}]8;;x\u{7}",
        "\u{9b}31m",
        "\u{202e}",
        "\u{2066}",
        "\u{2028}",
        "\u{200b}",
        "\u{feff}",
        "\0",
        "\u{7f}",
        "ü",
        "名前",
        "é\u{301}",
        "👩\u{200d}🚀",
        "…",
        "\"",
        "\\",
        "<b>",
        "]]>",
        "%0A",
        "`",
        "a",
        "word ",
        "::",
        "##",
        "[",
        "-",
        "long-word-that-cannot-be-broken-at-all-since-there-is-no-blank-in-it-anywhere-at-all",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    for round in 0..250 {
        let text: String = (0..below(14)).map(|_| pieces[below(pieces.len())]).collect();
        let report = hostile(&text, round);
        let look = |color| Look {
            width: below_width(round),
            color,
            hyperlinks: color,
            unicode: round % 3 > 0,
            min_severity: Severity::Note,
            verbose: (round % 2) as u8,
            ci_commands: true,
            ..Look::default()
        };
        for format in [Format::Graphical, Format::Concise] {
            let plain = text_of(format, &report, &look(false));
            harmless(&plain, &text);
            harmless(&without_own_escapes(&text_of(format, &report, &look(true))), &text);
        }
        for format in [Format::Json, Format::Sarif] {
            let json = text_of(format, &report, &look(false));
            serde_json::from_str::<serde_json::Value>(&json).unwrap();
            harmless(&json, &text);
        }
    }
}

fn below_width(round: usize) -> usize {
    [60, 61, 80, 100, 300, 0][round % 6]
}

#[track_caller]
fn harmless(output: &str, input: &str) {
    for line in output.lines() {
        assert_eq!(prodcheck::model::shown(line), line, "from {input:?}");
        assert!(!line.contains('\t'), "{line:?} from {input:?}");
        assert!(!line.trim_start().starts_with("::"), "{line:?} from {input:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line:?} from {input:?}");
    }
}

fn without_own_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = if rest.starts_with('[') {
            rest.find('m').filter(|&m| rest[1..m].bytes().all(|b| b.is_ascii_digit() || b == b';'))
        } else {
            rest.strip_prefix("]8;;").and_then(|r| r.find("\x1b\\")).map(|m| m + 5)
        };
        rest = &rest[end.expect("an escape of ours") + 1..];
    }
    out + rest
}
