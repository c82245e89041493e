//! All rules over one file: every detector, decoder and structure parser of the program.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{Profile, RepoPath};
use prodcheck::rules::{Catalog, Selection};
use prodcheck::scan::{Asked, InMemory, Job, Plan, scan};

const NAMES: &[&str] = &[
    "src/lib.rs", "app.py", "index.ts", "run.sh", ".env", "config.yaml", "settings.toml", "data.json",
    "key.pem", "requirements.txt", "Cargo.toml", "Cargo.lock", "README.md", "app.properties", "main.go",
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);
static PLAN: LazyLock<Plan<'static>> = LazyLock::new(|| {
    let all = Selection { profile: Profile::Audit, only: Vec::new(), skip: Vec::new() };
    let selected = all.resolve(&CATALOG).expect("an empty selection names nothing unknown");
    Plan::new(&CATALOG, &selected, "2026-01-01").expect("the built-in rules can be prepared")
});

fuzz_target!(|data: &[u8]| {
    let Some((which, text)) = data.split_first() else { return };
    let path = RepoPath::from(NAMES[usize::from(*which) % NAMES.len()]);
    let contents = InMemory { files: BTreeMap::from([(path.clone(), text.to_vec())]) };
    let files = [Asked { path: &path, target: None }];
    let job = Job { files: &files, contents: &contents, max_file_size: 1 << 20, threads: 1 };
    let seen = scan(&PLAN, &job);
    // Rules that crash are caught and named: here that is a failure.
    assert!(seen.not_checked.iter().all(|n| !n.what.ends_with("crashed")), "{:?}", seen.not_checked);
    for draft in &seen.drafts {
        if let Some(span) = draft.finding.place.span {
            assert!(span.start <= span.end && span.end as usize <= text.len().max(2 * text.len()));
        }
    }
});
