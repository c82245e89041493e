//! Every rule over one file of a deployment, alone and as a repository: the first byte says what the file is called.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{Profile, RepoPath};
use prodcheck::repo::RepoView;
use prodcheck::rules::{Catalog, Selection};
use prodcheck::scan::{Asked, InMemory, Job, Plan, check_repository, scan};

const NAMES: &[&str] = &[
    "Dockerfile", "compose.prod.yaml", "deploy/prod/app.yaml", ".github/workflows/deploy.yml", ".gitlab-ci.yml",
    "azure-pipelines.yml", "main.tf", "main.bicep", "appsettings.json", "ecs/task-definition.json", "Procfile", ".replit",
    "web.service", "nginx.conf", "alerts.yaml", "filebeat.yml", "fluent-bit.conf", "firestore.rules",
    "firestore.indexes.json", "database.rules.json", "redis.conf", "start.sh", "package.json", "gunicorn.conf.py",
    "Makefile", ".dockerignore", "kustomization.yaml",
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);
static PLAN: LazyLock<Plan<'static>> = LazyLock::new(|| {
    let all = Selection { profile: Profile::Audit, only: vec!["deploy".into()], skip: Vec::new() };
    let selected = all.resolve(&CATALOG).expect("the family is there");
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
            assert!(span.start <= span.end && span.end as usize <= text.len());
        }
    }
    let repo = RepoView { is_whole: true, kept: seen.kept, ..RepoView::default() };
    let (drafts, not_checked) = check_repository(&PLAN, &repo);
    assert!(not_checked.iter().all(|n| !n.what.ends_with("crashed")), "{not_checked:?}");
    for draft in &drafts {
        if let Some(span) = draft.finding.place.span {
            assert!(span.start <= span.end && span.end as usize <= text.len());
        }
    }
});
