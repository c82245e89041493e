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
    for service in contract(&repo).services {
        for (name, variable) in service.variables {
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
