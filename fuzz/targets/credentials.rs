//! Connection strings, URLs, command lines, calls, and files that keep a sign-in: the first bytes choose a beginning
//! after which the parsers look closely, and the file's name.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{Profile, RepoPath};
use prodcheck::rules::{Catalog, Selection};
use prodcheck::scan::{Asked, InMemory, Job, Plan, scan};

const NAMES: &[&str] = &[
    "a.cs", "a.sh", "a.py", "README.md", ".netrc", ".pgpass", ".pypirc", ".npmrc", "terraform.tfstate",
    "settings.xml", "a.sql", "config/master.key",
];
const BEGINNINGS: &[&str] = &[
    "", "Server=h;Password=", "host=h user=u password=", "h:6379,password=", "AccountName=a;AccountKey=",
    "postgres://u:", "x://h/?user=u&password=", "u:p@tcp(", "curl -u ", "mysql -p", "run --password ",
    "[\"curl\", \"-u\", ", "CREATE USER a IDENTIFIED BY ", "HTTPBasicAuth(", "jdbc:oracle:thin:",
    "PlainLoginModule required password=", "x?sv=2022-11-02&se=2031-01-01&sig=", "X-Amz-Signature=", "Basic ",
    "{\"type\": \"service_account\", \"private_key\": ", "machine h login u password ", "h:1:d:u:", "$6$",
    "root:$6$", "<password>", "userPWD=",
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);
static PLAN: LazyLock<Plan<'static>> = LazyLock::new(|| {
    let all = Selection { profile: Profile::Audit, only: Vec::new(), skip: Vec::new() };
    let selected = all.resolve(&CATALOG).expect("an empty selection names nothing unknown");
    Plan::new(&CATALOG, &selected, "2026-01-01").expect("the built-in rules can be prepared")
});

fuzz_target!(|data: &[u8]| {
    let [name, beginning, rest @ ..] = data else { return };
    let path = RepoPath::from(NAMES[usize::from(*name) % NAMES.len()]);
    let mut text = BEGINNINGS[usize::from(*beginning) % BEGINNINGS.len()].as_bytes().to_vec();
    text.extend_from_slice(rest);
    let len = text.len();
    let contents = InMemory { files: BTreeMap::from([(path.clone(), text)]) };
    let files = [Asked { path: &path, target: None }];
    let job = Job { files: &files, contents: &contents, max_file_size: 1 << 20, threads: 1 };
    let seen = scan(&PLAN, &job);
    assert!(seen.not_checked.iter().all(|n| !n.what.ends_with("crashed")), "{:?}", seen.not_checked);
    for draft in &seen.drafts {
        if let Some(span) = draft.finding.place.span {
            assert!(span.start <= span.end && span.end as usize <= len.max(2 * len));
        }
    }
});
