use super::*;
use crate::model::Language;
use crate::repo::{Kept, ListedFile};
use crate::source::{FileKind, language_of, target_by_path};

/// The contract of files in memory, a line for each variable: `service NAME need kinds`.
fn check(files: &[(&str, &str)], expect: &[&str]) {
    let mut repo = RepoView { is_whole: true, ..RepoView::default() };
    for (path, text) in files {
        let path = RepoPath::from(*path);
        let language = language_of(&path, text.as_bytes());
        let kind = FileKind { language, target: target_by_path(&path, language) };
        repo.kept.insert(path.clone(), Kept { bytes: text.as_bytes().to_vec(), kind });
        repo.entries.push(ListedFile { path, tracked: true });
    }
    repo.entries.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(language_of(&RepoPath::from("a.py"), b""), Language::Python);
    let mut seen = Vec::new();
    for service in &repo.contract().services {
        for (name, variable) in &service.variables {
            let need = variable.need().map_or("-", Need::word);
            let kinds: Vec<_> = variable.places.iter().map(|place| place.kind.word()).collect();
            seen.push(format!("{}/{name} {need} {}", service.root, kinds.join("+")).trim_end().to_owned());
        }
    }
    assert_eq!(seen, expect);
}

#[test]
fn code_examples_and_manifests_meet() {
    check(
        &[
            (
                "app/main.py",
                "import os\nA = os.environ['A_KEY']\nB = os.getenv('BB', '1')\nP = os.environ['PORT']\n",
            ),
            ("tests/test_a.py", "import os\nos.environ['T']\n"),
            (".env.example", "A_KEY=\nC=x\n"),
            ("README.md", "Set `BB` and run.\n"),
            (
                "docker-compose.yml",
                "services:\n  web:\n    build: .\n    environment:\n      - A_KEY=${A_KEY}\n  db:\n    image: postgres\n    environment:\n      D: x\n",
            ),
        ],
        &["/A_KEY required example+compose", "/BB default text", "/C - example"],
    );
}

#[test]
fn services_are_kept_apart() {
    check(
        &[
            ("api/Dockerfile", "FROM python\nENV A=1\nENV Z=2\n"),
            ("api/main.py", "import os\nos.environ['A']\n"),
            ("web/Dockerfile", "FROM node\n"),
            ("web/main.js", "f(process.env.A)\n"),
            ("compose.yaml", "services:\n  api:\n    build: ./api\n    environment:\n      A: x\n"),
        ],
        &["api/A required dockerfile+compose", "web/A optional"],
    );
}

#[test]
fn other_places_provide_variables() {
    check(
        &[
            (
                "main.py",
                "import os\nos.environ['AA']\nos.environ['BB']\nos.environ['CC']\nos.environ['DD']\n",
            ),
            (
                "ecs/task.json",
                r#"{"containerDefinitions": [{"name": "web", "environment": [{"name": "AA", "value": "1"}]}]}"#,
            ),
            ("main.tf", "resource \"x\" \"y\" {\n  app_settings = {\n    BB = \"1\"\n  }\n}\n"),
            ("web.service", "[Service]\nEnvironment=CC=1 \"EE=2\"\n"),
            ("settings.json", r#"[{"name": "DD", "value": "1", "slotSetting": false}]"#),
        ],
        &[
            "/AA required ecs",
            "/BB required terraform",
            "/CC required systemd",
            "/DD required app service",
            "/EE - systemd",
        ],
    );
}

#[test]
fn what_stands_above_is_meant_for_who_reads_it() {
    check(
        &[
            (
                "compose.yaml",
                "services:\n  api:\n    build: {context: ., dockerfile: api/Dockerfile}\n    environment:\n      AA: x\n  web:\n    build: .\n    environment: {BB: x}\n",
            ),
            ("api/Dockerfile", "FROM python\n"),
            ("api/main.py", "import os\nos.environ['AA']\nos.environ.get('BB')\n"),
        ],
        &["api/AA required compose", "api/BB optional compose"],
    );
}

#[test]
fn what_is_merely_named_is_read_too() {
    check(
        &[
            ("app.js", "const all = schema.check(process.env);\nconst KEYS = { AA_URL: text.required() };\n"),
            ("Dockerfile", "FROM node\nCMD run --users ${BB_USERS}\n"),
            (".env.example", "AA_URL=\nBB_USERS=\nCC=\n"),
        ],
        &["/AA_URL required example", "/BB_USERS optional example", "/CC - example"],
    );
}
