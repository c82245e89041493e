//! What the repository's own linters are told silences what they would say: it is banned there, or allowed.

use serde_json::Value;

use crate::support::Repo;

const PACKAGE: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// `path:line` of the debug findings that count, and `path:line reason` of those that are silenced.
fn found(repo: &Repo, args: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut all = vec!["--format", "json", "--rule", "debug", "--skip", "debug/untracked-todo"];
    all.extend(args);
    let run = repo.run(&all);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stderr));
    let (mut counts, mut silenced) = (Vec::new(), Vec::new());
    for finding in report["findings"].as_array().expect("findings") {
        let place = format!("{}:{}", finding["path"].as_str().expect("a path"), finding["span"]["line"]);
        match finding["status"].as_str() {
            Some("new") => counts.push(place),
            _ => silenced.push(format!("{place} {}", finding["allow"]["reason"].as_str().expect("a reason"))),
        }
    }
    (counts, silenced)
}

/// Which findings count in a repository of these files.
fn counting(files: &[(&str, &str)]) -> Vec<String> {
    let repo = Repo::git();
    for (path, text) in files {
        repo.write(path, text);
    }
    found(&repo, &[]).0
}

const NONE: [&str; 0] = [];

#[test]
fn lints_of_a_package() {
    let code = "pub fn f(x: u8) -> u8 {\n    dbg!(x)\n}\npub fn g() {\n    todo!()\n}\npub fn h() {\n    println!();\n    eprintln!();\n}\n";
    let with = |lints: &str| counting(&[("Cargo.toml", &format!("{PACKAGE}{lints}")), ("src/lib.rs", code)]);
    let all = ["src/lib.rs:2", "src/lib.rs:5", "src/lib.rs:8", "src/lib.rs:9"];
    assert_eq!(with(""), all);
    assert_eq!(with("[lints.clippy]\ndbg_macro = \"allow\"\n"), all[1..]);
    assert_eq!(with("[lints.clippy]\ndbg-macro = \"deny\"\ntodo = { level = \"forbid\" }\n"), all[2..]);
    assert_eq!(with("[lints.clippy]\nprint_stdout = \"deny\"\n"), [all[0], all[1], all[3]]);
    assert_eq!(with("[lints.clippy]\nprint_stderr = \"deny\"\n"), all[..3]);
    // A warning is neither.
    assert_eq!(with("[lints.clippy]\ndbg_macro = \"warn\"\n"), all);
    assert_eq!(
        with("[lints.clippy]\nrestriction = { level = \"deny\", priority = -1 }\ntodo = \"warn\"\n"),
        ["src/lib.rs:5"]
    );
    // Of a virtual workspace nothing is taken that is not asked for.
    assert_eq!(with("[workspace]\n[workspace.lints.clippy]\ndbg_macro = \"allow\"\n"), all);
}

#[test]
fn lints_of_a_workspace() {
    let repo = Repo::git();
    repo.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"one\", \"two\"]\n[workspace.lints.clippy]\ndbg_macro = \"deny\"\n",
    )
    .write("one/Cargo.toml", format!("{PACKAGE}[lints]\nworkspace = true\n"))
    .write("one/src/lib.rs", "pub fn f(x: u8) -> u8 {\n    dbg!(x)\n}\n")
    .write("two/Cargo.toml", PACKAGE.replace("\"a\"", "\"b\""))
    .write("two/src/lib.rs", "pub fn f(x: u8) -> u8 {\n    dbg!(x)\n}\n");
    let (counts, silenced) = found(&repo, &[]);
    assert_eq!(counts, ["two/src/lib.rs:2"]);
    assert_eq!(silenced, ["one/src/lib.rs:2 Cargo.toml has `clippy::dbg_macro` refused by its linter"]);
    let run = repo.run(&["--rule", "debug"]);
    assert!(
        run.stdout.contains("Cargo.toml: what it tells a linter silences 1 finding of debug leftovers here"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    // What no allow silences, no linter silences.
    assert_eq!(found(&repo, &["--no-ignores"]).0.len(), 2);
    assert_eq!(found(&repo, &["--no-config"]).0.len(), 2);
}

/// A print and a debugger, in this order.
const PYTHON: &str = "def f(x):\n    print(x)\n    breakpoint()\n";
const PRINT: &str = "pkg/a.py:2";
const DEBUGGER: &str = "pkg/a.py:3";

#[test]
fn codes_of_ruff() {
    let with = |file: &str, text: &str| counting(&[(file, text), ("pkg/a.py", PYTHON)]);
    let both = [PRINT, DEBUGGER];
    assert_eq!(with("pyproject.toml", "[project]\nname = \"a\"\n"), both);
    assert_eq!(with("pyproject.toml", "[tool.ruff.lint]\nselect = [\"E\", \"T20\"]\n"), [DEBUGGER]);
    assert_eq!(with("pyproject.toml", "[tool.ruff.lint]\nextend-select = [\"T10\"]\n"), [PRINT]);
    assert_eq!(with("pyproject.toml", "[tool.ruff]\nselect = [\"ALL\"]\n"), NONE);
    assert_eq!(with("ruff.toml", "lint.ignore = [\"T201\"]\n"), [DEBUGGER]);
    assert_eq!(with(".ruff.toml", "[lint]\nselect = [\"T\"]\nignore = [\"T201\"]\n"), NONE);
    assert_eq!(with("ruff.toml", "[lint]\nselect = [\"E\"]\nignore = [\"E501\"]\n"), both);
    let per_file = |pattern: &str| format!("[lint.per-file-ignores]\n\"{pattern}\" = [\"T201\"]\n");
    assert_eq!(with("ruff.toml", &per_file("pkg/*")), [DEBUGGER]);
    assert_eq!(with("ruff.toml", &per_file("{pkg,lib}/**/*.py")), [DEBUGGER]);
    assert_eq!(with("ruff.toml", &per_file("!lib/**")), [DEBUGGER]);
    assert_eq!(with("ruff.toml", &per_file("lib/*")), both);
    assert_eq!(with("pkg/ruff.toml", &per_file("a.py")), [DEBUGGER]);
    // Ruff does not look there, so nobody does.
    assert_eq!(with("ruff.toml", "extend-exclude = [\"pkg\"]\nlint.select = [\"T\"]\n"), both);
    assert_eq!(with("ruff.toml", "exclude = [\"[\"]\nlint.select = [\"T\"]\n"), both);
    // What does not parse says nothing.
    assert_eq!(with("ruff.toml", "[lint]\nselect = [\"T\"\n"), both);
}

#[test]
fn the_nearest_file_of_ruff_counts_with_what_it_extends() {
    let with = |near: &str| {
        counting(&[
            ("ruff.toml", "[lint]\nselect = [\"T\"]\n"),
            ("pkg/ruff.toml", near),
            ("pkg/a.py", PYTHON),
        ])
    };
    assert_eq!(with("line-length = 100\n"), [PRINT, DEBUGGER]);
    assert_eq!(with("extend = \"../ruff.toml\"\n"), NONE);
    assert_eq!(with("extend = \"../ruff.toml\"\nlint.select = [\"E\"]\n"), [PRINT, DEBUGGER]);
    assert_eq!(with("extend = \"ruff.toml\"\n"), [PRINT, DEBUGGER]);
}

#[test]
fn codes_of_flake8() {
    let with = |file: &str, text: &str| counting(&[(file, text), ("pkg/a.py", PYTHON)]);
    let both = [PRINT, DEBUGGER];
    assert_eq!(with(".flake8", "[flake8]\nmax-line-length = 100\n"), both);
    assert_eq!(with(".flake8", "[flake8]\nextend-ignore = E203, T201 # meant\n"), [DEBUGGER]);
    assert_eq!(with("setup.cfg", "[metadata]\nname = a\n[flake8]\nselect =\n    E\n    T2\n"), [DEBUGGER]);
    assert_eq!(
        with("tox.ini", "[flake8]\nper-file-ignores =\n    lib/*: T100\n    pkg/*.py: T201,\n        T100\n"),
        NONE
    );
    assert_eq!(with("tox.ini", "[flake8]\nper_file_ignores = lib/*: T201\n"), both);
    assert_eq!(with("tox.ini", "[testenv]\nignore = T201\n"), both);
    assert_eq!(with(".flake8", "[flake8]\nexclude = pkg\nselect = T\n"), both);
}

const SCRIPT: &str = "export function f(x) {\n  console.log(x);\n  debugger;\n}\n";

#[test]
fn checks_of_eslint() {
    let with = |file: &str, text: &str| counting(&[(file, text), ("src/a.js", SCRIPT)]);
    let (log, debugger) = ("src/a.js:2", "src/a.js:3");
    assert_eq!(with("package.json", "{\"name\": \"a\"}"), [log, debugger]);
    assert_eq!(with("package.json", "{\"eslintConfig\": {\"rules\": {\"no-console\": 0}}}"), [debugger]);
    assert_eq!(with(".eslintrc.json", "{\"rules\": {\"no-debugger\": [\"error\"]}} // banned"), [log]);
    assert_eq!(with(".eslintrc.yml", "rules:\n  no-console: off\n  no-debugger: 2\n"), NONE);
    assert_eq!(with(".eslintrc.json", "{\"rules\": {\"no-console\": \"warn\"}}"), [log, debugger]);
    assert_eq!(with(".eslintrc.json", "{\"extends\": [\"eslint:recommended\"]}"), [log]);
    let recommended = "{\"extends\": \"eslint:recommended\", \"rules\": {\"no-debugger\": \"warn\"}}";
    assert_eq!(with(".eslintrc.json", recommended), [log, debugger]);
    let part = |files: &str| {
        format!("{{\"overrides\": [{{\"files\": [\"{files}\"], \"rules\": {{\"no-console\": \"off\"}}}}]}}")
    };
    assert_eq!(with(".eslintrc.json", &part("src/**/*.{js,ts}")), [debugger]);
    assert_eq!(with(".eslintrc.json", &part("scripts/**")), [log, debugger]);
    let ignored = "{\"ignorePatterns\": [\"src/*\"], \"rules\": {\"no-debugger\": 2}}";
    assert_eq!(with(".eslintrc.json", ignored), [log, debugger]);
    // A configuration that is a program is not read.
    assert_eq!(with(".eslintrc.js", "module.exports = { rules: { 'no-console': 0 } }"), [log, debugger]);
}

#[test]
fn folders_of_eslint_add_up_to_the_root() {
    let with = |near: &str| {
        counting(&[
            (".eslintrc.json", "{\"rules\": {\"no-console\": \"off\", \"no-debugger\": \"error\"}}"),
            ("src/.eslintrc.json", near),
            ("src/a.js", SCRIPT),
        ])
    };
    assert_eq!(with("{}"), NONE);
    assert_eq!(with("{\"rules\": {\"no-console\": \"warn\"}}"), ["src/a.js:2"]);
    assert_eq!(with("{\"root\": true}"), ["src/a.js:2", "src/a.js:3"]);
}
