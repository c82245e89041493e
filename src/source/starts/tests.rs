use super::*;
use crate::model::{RepoPath, Target};
use crate::source::{FileKind, FileView, language_of};

/// Each command as its words, joined by blanks; its bytes hold its first word.
#[track_caller]
fn check(path: &str, text: &str, expect: &[&str]) {
    let path = RepoPath::from(path);
    let kind = FileKind { language: language_of(&path, text.as_bytes()), target: Target::Other };
    let view = FileView::new(&path, text.as_bytes(), kind);
    let found = start_commands(&view);
    let shown: Vec<String> = found
        .iter()
        .map(|start| start.words.iter().map(|w| &*w.text).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(shown, expect, "{path}");
    for start in &found {
        assert!(text[start.span.clone()].contains(start.program()), "{:?}", &text[start.span.clone()]);
    }
}

#[test]
fn one_reader_for_all_places() {
    check(
        "Dockerfile",
        "FROM a AS b\nCMD x\nFROM b\nENTRYPOINT [\"python\", \"-m\"]\nCMD [\"flask\", \"run\"]\n",
        &["flask run"],
    );
    check(
        "Dockerfile",
        "FROM a\nCMD [\"sh\", \"-c\", \"exec gunicorn app:app --reload\"]\n",
        &["gunicorn app:app --reload"],
    );
    check("Dockerfile", "FROM a\nCMD flask db upgrade && flask run\n", &["flask db upgrade", "flask run"]);
    check(
        "compose.yaml",
        "services: { web: { command: poetry run uvicorn a:b --reload } }\n",
        &["uvicorn a:b --reload"],
    );
    check(
        "compose.yaml",
        "services:\n  web:\n    entrypoint: [npx]\n    command:\n      - nodemon\n      - app.js\n",
        &["nodemon app.js"],
    );
    check(
        "k8s/a.yaml",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - command: [python]\n      args: [app.py]\n",
        &["python app.py"],
    );
    check(
        "Procfile",
        "web: gunicorn -w 4 app:app\nrelease: ./migrate\n",
        &["gunicorn -w 4 app:app", "./migrate"],
    );
    check(
        ".replit",
        "run = \"flask run\"\n[deployment]\nrun = [\"sh\", \"-c\", \"gunicorn --reload a:b\"]\n",
        &["flask run", "gunicorn --reload a:b"],
    );
    check("package.json", "{\"scripts\": {\"start\": \"vite\", \"dev\": \"vite --host\"}}", &["vite"]);
    check("a.service", "[Service]\nExecStart=-/usr/bin/python3 -m uvicorn a:b\n", &["uvicorn a:b"]);
    check("start.sh", "#!/bin/sh\nset -e\nexec gunicorn app:app\n", &["set -e", "gunicorn app:app"]);
    check("notes.sh", "flask run\n", &[]);
}

#[test]
fn flags_have_values_in_every_form() {
    let path = RepoPath::from("Procfile");
    let text = b"web: gunicorn --workers=3 --threads 2 -w4 --timeout $T app:app\n";
    let view = FileView::new(
        &path,
        text,
        FileKind { language: crate::model::Language::Text, target: Target::Other },
    );
    let start = &start_commands(&view)[0];
    assert_eq!(start.number(&["-w", "--workers"]), Some(4));
    assert_eq!(start.number(&["--threads"]), Some(2));
    assert_eq!((start.number(&["--timeout"]), start.number(&["--bind"])), (None, None));
    assert_eq!(start.program(), "gunicorn");
}
