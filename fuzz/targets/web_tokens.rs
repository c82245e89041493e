//! JSON Web Tokens and Keys: header and claims are what the fuzzer makes, and objects that may be keys.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prodcheck::detect::{Emit, Prepared};
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::rules::Catalog;
use prodcheck::rules::shape::codec::to_base64;
use prodcheck::source::{FileKind, FileView};

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

fuzz_target!(|data: (&str, &str, &[u8])| {
    let (header, claims, object) = data;
    let part = |json: String| String::from_utf8(to_base64(json.as_bytes())).expect("base64 is ASCII");
    let token = format!(
        "{}.{}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        part(format!("{{\"alg\":\"none\"{header}")),
        part(format!("{{\"exp\":0{claims}"))
    )
    .replace('+', "-")
    .replace('/', "_");
    for rule in CATALOG.rules().filter(|rule| rule.detect.keywords().contains(&"eyJ")) {
        look(&rule.id, "eyJ", token.as_bytes());
    }
    look("secrets/jwk-private", "kty", &[b"{\"kty\":\"RSA\",", object].concat());
    look("secrets/jwk-private", "kty", object);
});

fn look(rule: &str, keyword: &str, text: &[u8]) {
    let rule = CATALOG.get(rule).expect("a built-in rule");
    let prepared = Prepared::new(rule, true).expect("its detector").on("2026-01-01");
    let path = RepoPath::from("a.txt");
    let view = FileView::new(&path, text, FileKind { language: Language::Text, target: Target::Source });
    let mut emit = Emit::default();
    for at in 0..text.len().saturating_sub(keyword.len()) {
        if text[at..].starts_with(keyword.as_bytes()) {
            prepared.detector.hit(&prepared, &view, at..at + keyword.len(), &mut emit);
        }
    }
    for raw in emit.raws {
        let range = raw.range.expect("a place");
        assert!(range.start < range.end && range.end <= text.len());
    }
}
