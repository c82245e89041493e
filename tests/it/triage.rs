//! Which findings count, and what is said about the allows.

use std::collections::{BTreeMap, BTreeSet};

use prodcheck::model::{
    Confidence, Finding, Fingerprint, Glob, LineIndex, Origin, Place, Profile, RepoPath, RuleId, Severity,
    Span, Status,
};
use prodcheck::rules::Catalog;
use prodcheck::triage::{AllowEntry, MARK, Mark, Policy, parse_mark, triage};

const DBG: &str = "debug/dbg-macro";

fn span(line: u32) -> Span {
    Span { start: line * 100, end: line * 100 + 5, line, column: 1, end_line: line, end_column: 6 }
}

fn finding(path: Option<&str>, line: u32) -> Finding {
    Finding {
        rule: RuleId::of(DBG),
        severity: Severity::Warning,
        confidence: Confidence::High,
        proof: None,
        message: "found".into(),
        fix: String::new(),
        change: None,
        place: Place {
            path: path.map(RepoPath::from),
            span: path.map(|_| span(line)),
            origin: Origin::Tree,
            via: Vec::new(),
        },
        evidence: None,
        related: Vec::new(),
        fingerprint: Fingerprint::default(),
        status: Status::New,
        allow: None,
        properties: BTreeMap::new(),
    }
}

/// The marks of a text in which `//` starts comments, as the scan would gather them.
fn marks(path: &str, text: &str) -> Vec<Mark> {
    let bytes = text.as_bytes();
    let index = LineIndex::new(bytes);
    text.match_indices(MARK)
        .map(|(at, _)| {
            let line = index.line_at(at);
            let written = parse_mark(bytes, at, index.line(bytes, line).end);
            let is_code = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with("//");
            let below = text.lines().skip(line).position(|l| is_code(&l)).unwrap_or(0);
            Mark {
                path: RepoPath::from(path),
                origin: Origin::Tree,
                span: index.span(bytes, written.whole.clone()),
                covers_to: (line + below) as u32 + 1,
                is_misspelt: false,
                ids: written.ids.iter().map(|r| text[r.clone()].to_owned()).collect(),
                reason: written.reason.map(|r| text[r].to_owned()),
                evidence: None,
            }
        })
        .collect()
}

fn entry(rule: &str, path: Option<&str>, until: Option<&str>) -> AllowEntry {
    AllowEntry {
        rule: rule.into(),
        advisory: None,
        path: path.map(|p| Glob::parse(p).expect("a pattern")),
        reason: "agreed".into(),
        until: until.map(Into::into),
        place: Place {
            path: Some("prodcheck.toml".into()),
            span: Some(span(2)),
            origin: Origin::Tree,
            via: Vec::new(),
        },
        evidence: None,
    }
}

/// A world to change in one point.
struct World {
    findings: Vec<Finding>,
    marks: Vec<Mark>,
    allows: Vec<AllowEntry>,
    severity: BTreeMap<String, Option<Severity>>,
    selected: BTreeSet<String>,
    ignores: bool,
    whole: bool,
    unread: Vec<RepoPath>,
}

impl World {
    fn new() -> Self {
        let selected = Catalog::built_in().rules().map(|r| r.id.to_string()).collect();
        Self {
            findings: vec![finding(Some("src/a.rs"), 2)],
            marks: Vec::new(),
            allows: Vec::new(),
            severity: BTreeMap::new(),
            selected,
            ignores: true,
            whole: true,
            unread: Vec::new(),
        }
    }

    fn with_text(text: &str) -> Self {
        Self { marks: marks("src/a.rs", text), ..Self::new() }
    }

    fn with_allow(entry: AllowEntry) -> Self {
        Self { allows: vec![entry], ..Self::new() }
    }

    fn run(self) -> Vec<Finding> {
        let policy = Policy {
            today: "2026-06-15",
            selected: &self.selected,
            profile: Profile::Standard,
            severity: &self.severity,
            allows: &self.allows,
            marks: &self.marks,
            ignores: self.ignores,
            whole: self.whole,
            unread: &self.unread,
        };
        triage(self.findings, &policy, &Catalog::built_in())
    }

    /// Each finding in a word or two, sorted.
    fn check(self, expect: &[&str]) {
        let mut got: Vec<String> = self
            .run()
            .iter()
            .map(|f| {
                let status = if f.status == Status::Allowed { "allowed " } else { "" };
                format!("{status}{}", f.rule.name())
            })
            .collect();
        got.sort();
        let mut expect = expect.to_vec();
        expect.sort_unstable();
        assert_eq!(got, expect);
    }
}

#[test]
fn the_report_is_in_order() {
    let mut world = World::with_text("// prodcheck:allow(nonsense) why");
    world.findings = vec![finding(Some("src/b.rs"), 1), finding(Some("a.rs"), 9), finding(None, 0)];
    let paths: Vec<_> = world.run().iter().map(|f| f.place.path.as_ref().map(ToString::to_string)).collect();
    assert_eq!(paths, [None, Some("a.rs".into()), Some("src/a.rs".into()), Some("src/b.rs".into())]);
}

#[test]
fn marks_silence_their_line_and_the_next() {
    let check = |text: &str, expect: &[&str]| World::with_text(text).check(expect);
    check("x\ny // prodcheck:allow(debug/dbg-macro) why", &["allowed dbg-macro"]);
    check("// prodcheck:allow(debug/dbg-macro) why\ny", &["allowed dbg-macro"]);
    check("// prodcheck:allow(debug) why\ny", &["allowed dbg-macro"]);
    check("// prodcheck:allow(debug/dbg*) why\ny", &["allowed dbg-macro"]);
    check("// prodcheck:allow( debug/dbg-macro , ) why\ny", &["allowed dbg-macro"]);
    // The finding stands in the comment itself.
    check("x\n// prodcheck:allow(debug/dbg-macro) why\nz", &["allowed dbg-macro"]);
    // Behind code, a mark covers that line alone.
    check("x // prodcheck:allow(debug/dbg-macro) why\ny", &["unused-allow", "dbg-macro"]);
    check("x\ny\n// prodcheck:allow(debug/dbg-macro) why", &["dbg-macro", "unused-allow"]);
    check("y", &["dbg-macro"]);
}

#[test]
fn comments_between_are_covered() {
    for line in 1..=4 {
        let mut world = World::with_text("// prodcheck:allow(debug) why\n// more\n// more\ny\nz");
        world.findings = vec![finding(Some("src/a.rs"), line)];
        world.check(&["allowed dbg-macro"]);
    }
}

#[test]
fn marks_hold_in_their_own_file_alone() {
    let mut world = World::with_text("// prodcheck:allow(debug/dbg-macro) why\ny");
    world.findings = vec![finding(Some("src/b.rs"), 2)];
    world.check(&["unused-allow", "dbg-macro"]);
}

#[test]
fn what_is_said_about_marks() {
    let check = |text: &str, expect: &[&str]| World::with_text(text).check(expect);
    check("x\ny // prodcheck:allow(debug/dbg-macro)", &["allowed dbg-macro", "allow-without-reason"]);
    check("x\ny // prodcheck:allow(debug/dbg-marco) why", &["dbg-macro", "unknown-allow"]);
    check("x\ny // prodcheck:allow(meta/unused-allow) why", &["dbg-macro", "unknown-allow"]);
    check("x\ny // prodcheck:allow why", &["dbg-macro", "unknown-allow"]);
    check("x\ny // prodcheck:allow() why", &["dbg-macro", "unknown-allow"]);
    check(
        "x\ny // prodcheck:allow(debug/dbg-macro, meta/x, debug/*) why",
        &["allowed dbg-macro", "unknown-allow"],
    );
    let said = World::with_text("x\ny // prodcheck:allow(debug/dbg-marco) why").run();
    let unknown = said.iter().find(|f| f.rule.name() == "unknown-allow").unwrap();
    assert!(unknown.message.contains("`debug/dbg-macro`"), "{}", unknown.message);
    assert!(!unknown.message.contains("marco"), "{}", unknown.message);
}

#[test]
fn allows_of_rules_that_did_not_run_are_not_unused() {
    let mut world = World::with_text("x // prodcheck:allow(debug/dbg-macro) why");
    world.allows = vec![entry(DBG, None, None)];
    world.findings.clear();
    world.selected.remove(DBG);
    world.check(&[]);
}

#[test]
fn nothing_is_said_by_rules_that_were_not_selected() {
    let mut world = World::with_text("x // prodcheck:allow(debug/dbg-macro, nonsense)");
    world.allows = vec![entry(DBG, None, Some("2020-01-01"))];
    world.selected.retain(|id| !id.starts_with("meta/"));
    world.check(&["dbg-macro"]);
}

#[test]
fn the_configuration_allows_by_rule_path_and_day() {
    let check = |allow: AllowEntry, expect: &[&str]| World::with_allow(allow).check(expect);
    check(entry(DBG, Some("src/a.rs"), None), &["allowed dbg-macro"]);
    check(entry("debug", Some("src/"), Some("2026-06-15")), &["allowed dbg-macro"]);
    check(entry("debug/*", None, None), &["allowed dbg-macro"]);
    check(entry(DBG, Some("lib/"), None), &["unused-allow", "dbg-macro"]);
    check(entry("meta/unused-allow", Some("**"), None), &["unused-allow", "dbg-macro"]);
    check(entry(DBG, Some("src/a.rs"), Some("2026-06-14")), &["expired-allow", "dbg-macro"]);
}

#[test]
fn findings_about_the_repository_need_an_allow_without_path() {
    for (path, expect) in
        [(None, ["allowed dbg-macro"].as_slice()), (Some("**"), &["dbg-macro", "unused-allow"])]
    {
        let mut world = World::with_allow(entry(DBG, path, None));
        world.findings = vec![finding(None, 0)];
        world.check(expect);
    }
}

#[test]
fn the_configuration_allows_findings_about_marks_too() {
    let mut world = World::with_text("x\ny // prodcheck:allow(debug/dbg-macro)");
    world.allows = vec![entry("meta/allow-without-reason", Some("src/"), None)];
    world.check(&["allowed dbg-macro", "allowed allow-without-reason"]);
}

#[test]
fn only_what_was_in_view_can_be_unused() {
    let unused = || World::with_allow(entry(DBG, Some("lib/"), None));
    let mut narrowed = unused();
    narrowed.whole = false;
    narrowed.check(&["dbg-macro"]);
    let mut unread = unused();
    unread.unread = vec!["lib/huge.rs".into()];
    unread.check(&["dbg-macro"]);
    let mut elsewhere = unused();
    elsewhere.unread = vec!["docs/huge.rs".into()];
    elsewhere.check(&["unused-allow", "dbg-macro"]);
}

#[test]
fn the_reason_that_was_given_is_reported() {
    let mut world =
        World::with_text("// prodcheck:allow(debug/dbg-macro)\ny // prodcheck:allow(debug): - it is so ");
    world.allows = vec![entry("debug", None, Some("2027-01-31"))];
    let found = world.run();
    let allowed = found.iter().find(|f| f.status == Status::Allowed).unwrap();
    assert_eq!(allowed.allow.as_ref().unwrap().reason.as_deref(), Some("it is so"));
    assert_eq!(allowed.allow.as_ref().unwrap().until, None);
    // All three covered the finding, so none is unused.
    assert!(!found.iter().any(|f| f.rule.name() == "unused-allow"));
}

#[test]
fn severities_are_set_and_rules_turned_off() {
    let mut world = World::new();
    world.severity.insert(DBG.into(), Some(Severity::Error));
    assert_eq!(world.run()[0].severity, Severity::Error);
    let mut world = World::new();
    world.severity.insert(DBG.into(), None);
    world.check(&[]);
    let mut world = World::with_text("x // prodcheck:allow(debug/dbg-macro) why");
    world.findings.clear();
    world.severity.insert("meta/unused-allow".into(), Some(Severity::Error));
    assert_eq!(world.run()[0].severity, Severity::Error);
}

#[test]
fn no_ignores_switches_every_allow_off() {
    let mut world = World::with_text("x\ny // prodcheck:allow(debug/dbg-macro, nonsense)");
    world.allows = vec![entry("debug", None, None), entry("debug", None, Some("2020-01-01"))];
    let mut silenced = finding(Some("src/b.rs"), 1);
    silenced.status = Status::Allowed;
    silenced.allow = Some(prodcheck::model::Allow { reason: Some("nosec".into()), until: None });
    world.findings.push(silenced);
    world.ignores = false;
    let found = world.run();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|f| f.status == Status::New && f.allow.is_none()));
}

#[test]
fn marks_of_other_tools_stay() {
    let mut world = World::new();
    world.findings[0].status = Status::Allowed;
    world.check(&["allowed dbg-macro"]);
}

#[test]
fn reasons_end_where_the_comment_does() {
    for (text, ids, reason) in [
        ("/* prodcheck:allow(a/b) it is so */", vec!["a/b"], Some("it is so")),
        ("<!-- prodcheck:allow(a/b): it is so -->", vec!["a/b"], Some("it is so")),
        ("# prodcheck:allow (a/b,c) -- it is so", vec!["a/b", "c"], Some("it is so")),
        ("# prodcheck:allow(a/b)", vec!["a/b"], None),
        ("/* prodcheck:allow(a/b) */", vec!["a/b"], None),
        ("# prodcheck:allow(a/b", vec![], None),
        ("# prodcheck:allow a/b", vec![], None),
        ("# prodcheck:allow", vec![], None),
    ] {
        let at = text.find(MARK).unwrap();
        let written = parse_mark(text.as_bytes(), at, text.len());
        let got: Vec<&str> = written.ids.iter().map(|r| &text[r.clone()]).collect();
        assert_eq!(got, ids, "{text}");
        assert_eq!(written.reason.map(|r| &text[r]), reason, "{text}");
        assert!(text[written.whole].starts_with(MARK), "{text}");
    }
}

#[test]
fn no_bytes_upset_the_parser_of_marks() {
    let mut text = b"prodcheck:allow(\xff,(),)\0) - */".to_vec();
    for cut in (0..=text.len()).rev() {
        text.truncate(cut);
        for at in 0..=cut {
            for end in at..=cut + 3 {
                let written = parse_mark(&text, at, end);
                assert!(written.whole.start <= written.whole.end && written.whole.end <= cut);
            }
        }
    }
}
