//! The secrets family: every token format by generated samples, every other rule by its examples.

// What is found, and the severity in place of the rule's own: two questions.
#![allow(clippy::option_option)]

use std::ops::Range;

use crate::keys::{der, pem};
use prodcheck::detect::{Emit, Needs, Prepared, Raw};
use prodcheck::model::{Proof, RepoPath, Severity, Target};
use prodcheck::rules::shape::{Part, Seed};
use prodcheck::rules::{Catalog, Detect, Rule, Token};
use prodcheck::source::{FileKind, FileView, language_of};

/// The day of these tests.
pub const TODAY: &str = "2026-01-01";

/// What a file at this path is, as far as these tests need it.
fn kind(path: &str) -> FileKind {
    let language = language_of(&RepoPath::from(path), b"");
    let target = if path.starts_with("tests/") { Target::Test } else { Target::Source };
    FileKind { language, target }
}

/// Runs a rule over a text as the scan does: at each place where one of its keywords stands, whatever the case,
/// or once for rules that see whole files.
pub fn run(rule: &Rule, path: &str, text: &[u8]) -> Vec<Raw> {
    let prepared = Prepared::new(rule, true).expect("the rule's detector exists").on(TODAY);
    let repo_path = RepoPath::from(path);
    let view = FileView::new(&repo_path, text, kind(path));
    let lower = text.to_ascii_lowercase();
    let mut emit = Emit::default();
    if prepared.detector.needs() == Needs::File {
        prepared.detector.file(&prepared, &view, &mut emit);
    }
    for keyword in rule.detect.keywords() {
        let keyword = keyword.to_ascii_lowercase();
        let mut from = 0;
        while let Some(at) = memmem(&lower[from..], keyword.as_bytes()) {
            let hit = from + at..from + at + keyword.len();
            prepared.detector.hit(&prepared, &view, hit.clone(), &mut emit);
            from = hit.start + 1;
        }
    }
    let mut raws = emit.raws;
    raws.sort_by_key(|raw| raw.range.clone().map(|range| (range.start, range.end)));
    raws.dedup_by_key(|raw| raw.range.clone());
    raws
}

fn memmem(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

pub fn rules() -> Vec<Rule> {
    Catalog::built_in().rules().filter(|rule| rule.family() == "secrets").cloned().collect()
}

fn tokens(rules: &[Rule]) -> impl Iterator<Item = (&Rule, &Token)> {
    rules.iter().filter_map(|rule| match &rule.detect {
        Detect::Token(token) => Some((rule, token)),
        _ => None,
    })
}

/// Files that a token may stand in. `@` is the token, `#` the rule's context word, `$` the name it is given to.
const HOSTS: &[(&str, &str)] = &[
    ("src/main.rs", "// #\nlet $ = \"@\";\n"),
    (".env", "# #\n$=@\n"),
    ("config/app.yaml", "# #\nservice:\n  $: @\n"),
    ("config/app.json", "{\"#\": {\"$\": \"@\"}}"),
    ("run.sh", "export $='@' # #\r\n"),
    // Not for tokens that are known by their names.
    ("src/main.rs", "// #\nlet body = \"key: @\\nnext\";\n"),
    ("run.sh", "curl -H 'Authorization: Bearer @' # #\r\n"),
    ("run.sh", "curl 'https://host/?#&key=%22@%22'"),
];
const HOSTS_WITH_NAMES: usize = 5;

fn hosts(token: &Token) -> &'static [(&'static str, &'static str)] {
    if token.names.is_empty() { HOSTS } else { &HOSTS[..HOSTS_WITH_NAMES] }
}

fn in_host(host: &str, token: &Token, sample: &str) -> (String, Range<usize>) {
    let text = host.replace('#', token.context.first().map_or("x", |word| word));
    let text = text.replace('$', &token.sample_name());
    let at = text.find('@').expect("a place for the token");
    (text.replace('@', sample), at..at + sample.len())
}

#[test]
fn every_sample_of_every_token_is_found_where_it_stands() {
    let rules = rules();
    for (rule, token) in tokens(&rules) {
        let mut seed = Seed(rule.id.len() as u64);
        for shape in token.shapes.iter() {
            let mut dummies = 0;
            for round in 0..50 * hosts(token).len() {
                let sample = shape.sample(token.checksum, &mut seed);
                let (path, host) = hosts(token)[round % hosts(token).len()];
                // A token that may hold percent signs goes on where a percent code follows.
                let has_percent = |part: &Part| matches!(part, Part::Class { set, .. } if set.has(b'%'));
                if host.contains('%') && shape.parts.iter().any(has_percent) {
                    continue;
                }
                let (text, expect) = in_host(host, token, &sample);
                let mut found = run(rule, path, text.as_bytes());
                // One form may stand within another; of such the scan reports the longest.
                let longest = found.iter().filter_map(|raw| raw.range.clone()).map(|range| range.len()).max();
                found.retain(|raw| raw.range.as_ref().map(Range::len) == longest);
                assert_eq!(found.len(), 1, "{}: {text}", rule.id);
                assert_eq!(found[0].range.as_ref(), Some(&expect), "{}: {text}", rule.id);
                assert_eq!(found[0].secrets.len(), 1);
                assert_eq!(found[0].secrets[0].range, expect);
                assert!(found[0].secrets[0].prefix <= 12 && found[0].secrets[0].prefix < sample.len() / 2);
                assert!(!found[0].message.contains(&sample[sample.len() / 2..]));
                dummies += usize::from(found[0].properties.contains_key("dummy"));
            }
            // By chance a long random text holds a word, or four times the same character.
            assert!(token.public || dummies <= 4, "{}: {dummies} samples look made up", rule.id);
            assert!(!token.public || dummies == 50 * hosts(token).len(), "{}", rule.id);
        }
    }
}

#[test]
fn no_near_miss_of_a_token_is_found() {
    let rules = rules();
    for (rule, token) in tokens(&rules) {
        let mut seed = Seed(rule.id.len() as u64 + 1000);
        for shape in token.shapes.iter() {
            for round in 0..50 {
                for miss in shape.near_misses(token.checksum, &mut seed) {
                    let (path, host) = HOSTS[round % HOSTS_WITH_NAMES];
                    let (text, _) = in_host(host, token, &miss.text);
                    let found = run(rule, path, text.as_bytes());
                    // A whole value has no longer word around it.
                    if !token.names.is_empty() && shape.is_whole(miss.text.as_bytes()) {
                        continue;
                    }
                    if miss.has_form {
                        let proof = found.iter().filter_map(|raw| raw.proof).max();
                        assert!(proof <= Some(Proof::Shape), "{}: {}: {text}", rule.id, miss.what);
                        continue;
                    }
                    // What is no token of one form may be, or hold, one of another form.
                    for raw in found {
                        let reported = raw.range.map_or(&text[..], |range| &text[range]).as_bytes();
                        let mut others = token.shapes.iter().filter(|other| *other != shape);
                        let is_another = others.any(|other| other.is_whole(reported));
                        assert!(is_another, "{}: {}: {text}", rule.id, miss.what);
                    }
                }
            }
        }
    }
}

#[test]
fn a_failed_checksum_proves_a_dummy_where_the_vendor_documents_it() {
    let rules = rules();
    let mut with_checksum = 0;
    for (rule, token) in tokens(&rules) {
        let Some(checksum) = token.checksum else { continue };
        with_checksum += 1;
        let mut seed = Seed(5);
        for shape in token.shapes.iter() {
            let broken = shape.with_broken_checksum(checksum, &mut seed).expect("can be broken");
            let (text, _) = in_host(HOSTS[0].1, token, &broken);
            let found = run(rule, HOSTS[0].0, text.as_bytes());
            assert_eq!(found.len(), 1, "{}", rule.id);
            let is_dummy = found[0].properties.contains_key("dummy");
            assert_eq!(is_dummy, token.checksum_rejects, "{}", rule.id);
            assert_eq!(found[0].severity == Some(Severity::Note), token.checksum_rejects, "{}", rule.id);
            assert!(!found[0].secrets.is_empty(), "a dummy is masked too");
        }
    }
    assert!(with_checksum >= 8);
}

#[test]
fn a_token_without_a_checksum_is_less_bad_in_tests() {
    let rules = rules();
    let rule = rules.iter().find(|rule| rule.id == "secrets/digitalocean-pat").expect("the rule");
    let Detect::Token(token) = &rule.detect else { panic!("a token") };
    let sample = token.shapes[0].sample(None, &mut Seed(1));
    let text = format!("let key = \"{sample}\";");
    for (path, expect) in [
        ("src/main.rs", None),
        ("tests/a.rs", Some(Severity::Warning)),
        ("lib/fixtures/a.json", Some(Severity::Warning)),
        ("pkg/client_test.go", Some(Severity::Warning)),
    ] {
        let found = run(rule, path, text.as_bytes());
        assert_eq!(found.iter().map(|raw| raw.severity).collect::<Vec<_>>(), [expect], "{path}");
    }
}

#[test]
fn token_rules_are_well_formed() {
    let rules = rules();
    for (rule, token) in tokens(&rules) {
        for shape in token.shapes.iter() {
            // Two bytes stand in every file: only Entra's secrets have nothing longer.
            let short = shape.anchor_text().len() < 3;
            let named = !token.names.is_empty();
            assert!(named || !short || rule.id == "secrets/azure-entra-client-secret", "{}", rule.id);
            assert!(named || matches!(shape.parts[shape.anchor], Part::Literal(_)));
        }
        assert_eq!(token.source == "unverified", token.checked.is_empty(), "{}: source and date", rule.id);
        assert!(rule.title.len() < 70 && !rule.why.is_empty() && !rule.fix.is_empty(), "{}", rule.id);
    }
}

#[test]
fn the_examples_of_all_rules_hold() {
    for rule in &rules() {
        if matches!(rule.detect, Detect::Token(_)) {
            continue;
        }
        assert!(rule.matches.len() >= 2 && rule.passes.len() >= 2, "{}", rule.id);
        for example in rule.matches.iter() {
            let mark = |mark: char| example.text.find(mark);
            let label = mark('«').zip(mark('»')).map(|(start, end)| start..end - '«'.len_utf8());
            let text = example.text.replace(['«', '»'], "");
            let found = run(rule, &example.path, text.as_bytes());
            assert_eq!(found.len(), 1, "{}: {text}", rule.id);
            // A finding about a whole file has no label.
            if label.is_some() {
                assert_eq!(found[0].range, label, "{}: {text}", rule.id);
            }
            assert!(found.iter().all(|raw| !raw.properties.contains_key("dummy")), "{}: {text}", rule.id);
            assert!(found.iter().all(|raw| !raw.secrets.is_empty()), "{}: {text}", rule.id);
        }
        for example in rule.passes.iter() {
            // What the rule does not look at is held by `rules check`, which runs the whole scan.
            if rule.applies.not_paths.iter().any(|path| example.path.ends_with(&**path)) {
                continue;
            }
            assert!(
                run(rule, &example.path, example.text.as_bytes()).is_empty(),
                "{}: {}",
                rule.id,
                example.text
            );
        }
    }
}

/// The severities of what a rule finds in a text at a path, in which `PASS` stands for a password. A severity that
/// is the rule's own is `None`.
#[track_caller]
fn check_severity(rule: &str, path: &str, text: &str, expect: Option<Option<Severity>>) {
    let rules = rules();
    let rule = rules.iter().find(|known| *known.id == format!("secrets/{rule}")).expect("the rule");
    let text = text.replace("PASS", "kq8-T2xw");
    let found: Vec<_> = run(rule, path, text.as_bytes()).iter().map(|raw| raw.severity).collect();
    assert_eq!(found, expect.into_iter().collect::<Vec<_>>(), "{path}: {text}");
}

const WARNING: Option<Option<Severity>> = Some(Some(Severity::Warning));
const NOTE: Option<Option<Severity>> = Some(Some(Severity::Note));

#[test]
fn passwords_in_urls_are_judged_by_their_host() {
    for (text, expect) in [
        ("mysql://app:PASS@db.acme-shop.io/x", Some(None)),
        ("mysql://user:PASS@db.acme-shop.io/x", Some(None)),
        ("mysql://app:a%40PASS@db.acme-shop.io/x", Some(None)),
        ("mysql://app:PASS@10.0.0.8/x", WARNING),
        ("redis://:PASS@cache:6379", WARNING),
        ("mysql://app:PASS@localhost/x", WARNING),
        ("mysql://app:PASS@db.example.com/x", WARNING),
        ("mysql://app:PASS@${DB_HOST}/x", WARNING),
        ("mysql://app:PASS@host/x", WARNING),
        // The user's name again is what everybody tries: another rule says so.
        ("mysql://app:app@db.acme-shop.io/x", None),
        ("mysql://app:${PASSWORD}@db.acme-shop.io/x", None),
        ("mysql://app:<password>@db.acme-shop.io/x", None),
        ("mysql://app:%s@db.acme-shop.io/x", None),
        ("mysql://app:***@db.acme-shop.io/x", None),
        ("mysql://app@db.acme-shop.io/x", None),
        ("https://acme-shop.io/a:b@c", None),
        ("https://acme-shop.io:8080", None),
        ("git@acme-shop.io:a/b", None),
    ] {
        check_severity("credential-in-url", "src/a.yaml", text, expect);
    }
    for path in ["README.md", "tests/a.yaml", "docs/a.yaml"] {
        check_severity("credential-in-url", path, "mysql://app:PASS@db.acme-shop.io/x", WARNING);
    }
}

#[test]
fn what_everybody_knows_is_a_rule_of_its_own() {
    for (path, text, expect) in [
        ("deploy/values.yaml", "postgres://postgres:postgres@db.acme-shop.io/x", Some(None)),
        ("deploy/values.yaml", "mysql://shop:shop@10.0.0.8/x", Some(None)),
        ("compose.yaml", "postgres://postgres:postgres@db/x", NOTE),
        ("tests/a.yaml", "postgres://postgres:postgres@db.acme-shop.io/x", NOTE),
        ("README.md", "amqp://guest:guest@localhost", NOTE),
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=sa;Password=changeme\"", Some(None)),
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=sa;Password=PASS\"", None),
        ("src/a.yaml", "postgres://app:PASS@db/x", None),
        ("src/a.yaml", "postgres://user:password@db/x", None),
    ] {
        check_severity("weak-default-credential", path, text, expect);
    }
}

#[test]
fn connection_strings_are_judged_by_their_host() {
    for (path, text, expect) in [
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=app;Password=PASS\"", Some(None)),
        ("src/a.cs", "\"Server=(localdb)\\x;User Id=app;Password=PASS\"", WARNING),
        ("src/a.cs", "\"Server=sql01;User Id=app;Password=PASS\"", WARNING),
        ("README.md", "Server=sql.acme-shop.io;User Id=app;Password=PASS", WARNING),
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=app;Password={0}\"", None),
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=app;Password=\" + password", None),
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=app;Password=***;\"", None),
        ("src/a.cs", "\"Server=sql.acme-shop.io;User Id=app;Password=<password>;\"", None),
    ] {
        check_severity("mssql-conn", path, text, expect);
    }
}

#[test]
fn a_service_account_without_a_key_that_parses_is_a_dummy() {
    let rules = rules();
    let rule = rules.iter().find(|rule| rule.id == "secrets/gcp-service-account").expect("the rule");
    let file = |body: &[u8]| {
        let key = pem("PRIVATE KEY", "", body).replace('\n', "\\n");
        format!(
            "{{\"type\": \"service_account\", \"private_key\": \"{key}\", \"client_email\": \"a@b.iam.gserviceaccount.com\"}}"
        )
    };
    let key = der(0x30, &[der(2, &[0]), der(0x30, &[6, 1, 42]), der(4, &[9; 64])].concat());
    for (text, is_dummy) in [(file(&key), false), (file(&[8; 90]), true)] {
        let found = run(rule, "deploy/key.json", text.as_bytes());
        let dummies: Vec<bool> = found.iter().map(|raw| raw.properties.contains_key("dummy")).collect();
        assert_eq!(dummies, [is_dummy], "{text}");
        assert!(found[0].secrets[0].range.len() > 60);
    }
}

#[test]
fn no_text_makes_a_detector_stop() {
    let rules = rules();
    let mut seed = Seed(99);
    let keywords: Vec<String> =
        rules.iter().flat_map(|rule| rule.detect.keywords()).map(ToOwned::to_owned).collect();
    for _ in 0..60 {
        // Keywords among bytes of all kinds, so that detectors are asked at every edge.
        let mut text = Vec::new();
        while text.len() < 400 {
            if seed.below(3) == 0 {
                text.extend_from_slice(keywords[seed.below(keywords.len())].as_bytes());
            }
            let kinds: [&[u8]; 4] = [b"=:\"'\\\n -", b"abcXYZ019", b"@/.-_+%{}", &[0, 0x7f, 0x80, 0xff]];
            let of = kinds[seed.below(4)];
            text.extend((0..seed.below(8)).map(|_| of[seed.below(of.len())]));
        }
        for cut in [0, 1, 17] {
            for rule in &rules {
                for raw in run(rule, "src/a.sh", &text[cut..]) {
                    let range = raw.range.expect("a place");
                    assert!(range.end <= text.len() - cut && range.start < range.end, "{}", rule.id);
                }
            }
        }
    }
}
