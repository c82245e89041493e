use crate::detect::{Emit, Needs, Prepared};
use crate::model::{Language, Region, RepoPath, Target};
use crate::rules::rule::Example;
use crate::rules::{Catalog, Rule};
use crate::source::{FileKind, FileView, is_program, language_of, target_by_path};

/// Runs a rule over an example as the scan does, and gives the ranges it reports.
fn ranges(rule: &Rule, path: &RepoPath, text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let prepared = Prepared::new(rule, true).expect("the detector exists");
    let language = language_of(path, text);
    let applies = &rule.applies;
    if !applies.languages.is_empty() && !applies.languages.contains(&language) {
        return Vec::new();
    }
    let target = match target(path, language) {
        Target::Source if is_program(language, text) => Target::Bin,
        target => target,
    };
    if !applies.targets.is_empty() && !applies.targets.contains(&target) {
        return Vec::new();
    }
    let view = FileView::new(path, text, FileKind { language, target });
    let mut emit = Emit::default();
    if prepared.needs == Needs::File {
        prepared.detector.file(&prepared, &view, &mut emit);
    }
    let lower = text.to_ascii_lowercase();
    for keyword in rule.detect.keywords() {
        for at in memchr::memmem::find_iter(&lower, &keyword.to_ascii_lowercase()) {
            prepared.detector.hit(&prepared, &view, at..at + keyword.len(), &mut emit);
        }
    }
    let mut found: Vec<_> = emit
        .raws
        .into_iter()
        .filter_map(|raw| raw.range)
        .filter(|r| applies.regions.is_empty() || applies.regions.contains(&view.region_at(r.start)))
        .filter(|r| applies.targets.is_empty() || applies.targets.contains(&view.target_at(r.start)))
        .collect();
    found.sort_by_key(|r| (r.start, r.end));
    found.dedup();
    found
}

/// What Cargo says of a package without a manifest that names anything.
fn target(path: &RepoPath, language: Language) -> Target {
    match path.as_bytes() {
        b"src/lib.rs" => Target::Lib,
        b"src/main.rs" => Target::Bin,
        b"build.rs" => Target::BuildScript,
        _ => target_by_path(path, language),
    }
}

fn check(rule: &Rule, example: &Example, must_match: bool) {
    let path = RepoPath::from(if example.path.is_empty() { "src/lib.rs" } else { &*example.path });
    let text = example.text.replace(['«', '»'], "");
    let mut expect = Vec::new();
    let mut removed = 0;
    for (at, mark) in example.text.char_indices().filter(|(_, c)| matches!(c, '«' | '»')) {
        match mark {
            '«' => expect.push(at - removed..0),
            _ => {
                if let Some(last) = expect.last_mut() {
                    last.end = at - removed;
                }
            }
        }
        removed += mark.len_utf8();
    }
    assert_eq!(must_match, !expect.is_empty(), "{}: {text}", rule.id);
    assert_eq!(ranges(rule, &path, text.as_bytes()), expect, "{}: {path}: {text}", rule.id);
}

#[test]
fn every_example_of_the_family_holds() {
    let catalog = Catalog::built_in();
    let mut rules = 0;
    for rule in catalog.rules().filter(|r| r.family() == "debug") {
        rules += 1;
        assert!(rule.matches.len() >= 2 && rule.passes.len() >= 2, "{}", rule.id);
        rule.matches.iter().for_each(|e| check(rule, e, true));
        rule.passes.iter().for_each(|e| check(rule, e, false));
    }
    assert!(rules >= 24);
}

#[test]
fn only_code_counts_and_marks_silence() {
    let catalog = Catalog::built_in();
    let check = |id: &str, path: &str, text: &str, expect: usize| {
        let rule = catalog.get(id).expect("the rule exists");
        assert_eq!(ranges(rule, &path.into(), text.as_bytes()).len(), expect, "{id}: {text}");
    };
    check("debug/dbg-macro", "src/lib.rs", "fn f() { dbg!(dbg!(1)); }", 2);
    check("debug/dbg-macro", "src/lib.rs", "#[allow(clippy::dbg_macros)] fn f() { dbg!(1); }", 1);
    check("debug/dbg-macro", "src/lib.rs", "#[allow(clippy::dbg_macro)] fn f() {} fn g() { dbg!(1); }", 1);
    check("debug/dbg-macro", "src/lib.rs", "#[allow(clippy::restriction)] fn f() { dbg!(1); }", 0);
    check("debug/dbg-macro", "src/lib.rs", "#[deny(clippy::dbg_macro)] fn f() { dbg!(1); }", 1);
    check("debug/debugger-call", "a.py", "breakpoint() # noqa\n", 0);
    check("debug/debugger-call", "a.py", "breakpoint() # noqa: E501\n", 1);
    check("debug/debugger-call", "a.py", "breakpoint() # noqa: E501,T10\n", 0);
    check("debug/debugger-call", "a.py", "breakpoint() # noqa because I say so\n", 0);
    check("debug/debugger-statement", "a.js", "debugger; // eslint-disable-line no-console\n", 1);
    check("debug/debugger-statement", "a.js", "/* eslint-disable */\n/* eslint-enable */\ndebugger;\n", 1);
    check("debug/debugger-statement", "a.js", "`${() => { debugger; }}`; `debugger;`\n", 1);
    check("debug/debug-mode-on", "a.py", "x(app.run(a=[1], debug=True))", 1);
    check("debug/debug-mode-on", "a.py", "app.run(x(debug=True))", 0);
    check("debug/debug-mode-on", "a.py", "app.run(debug=Truely)", 0);
    check("debug/debug-mode-on", "settings.py", "SQL_DEBUG = True\nDEBUG = True\n", 1);
}

#[test]
fn conflicts_need_all_three_in_order() {
    let catalog = Catalog::built_in();
    let rule = catalog.get("debug/conflict-marker").expect("the rule exists");
    let check = |text: &str, expect: usize| {
        assert_eq!(ranges(rule, &"a.txt".into(), text.as_bytes()).len(), expect, "{text}");
    };
    check("<<<<<<< a\r\n=======\r\n>>>>>>> b\r\n", 1);
    check("<<<<<<< a\n>>>>>>> b\n=======\n", 0);
    check("<<<<<<< a\n========\n>>>>>>> b\n", 0);
    check(" <<<<<<< a\n=======\n>>>>>>> b\n", 0);
    check("<<<<<<< a\n<<<<<<< b\n=======\n>>>>>>> b\n", 1);
    check("<<<<<<< a\n=======\n>>>>>>> b\n<<<<<<< c\n=======\n>>>>>>> d\n", 2);
    check("<<<<<<< a", 0);
}

#[test]
fn regions_and_targets_are_those_of_the_place() {
    let path = RepoPath::from("src/lib.rs");
    let text = b"fn a() {} // c\n#[test] fn b() {}";
    let view = FileView::new(&path, text, FileKind { language: Language::Rust, target: Target::Lib });
    assert_eq!((view.target_at(0), view.target_at(text.len() - 1)), (Target::Lib, Target::Test));
    assert_eq!((view.region_at(0), view.region_at(12)), (Region::Code, Region::Comment));
}

/// What a rule makes of a text when all that it finds is mended.
fn mended(id: &str, path: &str, text: &str) -> String {
    let catalog = Catalog::built_in();
    let rule = catalog.get(id).expect("the rule exists");
    let prepared = Prepared::new(rule, true).expect("the detector exists");
    let path = RepoPath::from(path);
    let language = language_of(&path, text.as_bytes());
    let view = FileView::new(&path, text.as_bytes(), FileKind { language, target: Target::Lib });
    let mut emit = Emit::default();
    for keyword in rule.detect.keywords() {
        for (at, _) in text.match_indices(keyword) {
            prepared.detector.hit(&prepared, &view, at..at + keyword.len(), &mut emit);
        }
    }
    let mut edits: Vec<_> =
        emit.raws.into_iter().filter_map(|raw| raw.change).flat_map(|change| change.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.range, &edit.replacement);
    }
    text
}

#[test]
fn a_mended_call_leaves_its_argument() {
    let check = |text: &str, expect: &str| {
        assert_eq!(mended("debug/dbg-macro", "src/lib.rs", text), expect, "{text}");
    };
    check("let y = dbg!(x + 1);\n", "let y = x + 1;\n");
    check("let y = dbg!(x + 1) * 2;\n", "let y = (x + 1) * 2;\n");
    check("let y = dbg!(f(a, b)).g();\n", "let y = f(a, b).g();\n");
    check("let y = dbg!(&x).g();\n", "let y = (&x).g();\n");
    check("let y = a == dbg!(b == c);\n", "let y = a == (b == c);\n");
    check("f(std::dbg!(a), ::std::dbg![b]);\n", "f(a, b);\n");
    check("let (a, b) = dbg!(a, b);\n", "let (a, b) = (a, b);\n");
    check("    dbg!(&x, y.z);\n    g();\n", "    g();\n");
    check("    dbg!(f(x));\n", "    f(x);\n");
    check("dbg!(dbg!(x) + 1) * 2", "(x + 1) * 2");
    // Left alone: what a macro puts in is not known, and a comma at the end would make a tuple.
    check("($x:expr) => { dbg!($x) };", "($x:expr) => { dbg!($x) };");
    check("let y = dbg!(x,);", "let y = dbg!(x,);");
    check("other::dbg!(x);", "other::dbg!(x);");
    check("// dbg!(x)\n}", "// dbg!(x)\n}");
}

#[test]
fn a_statement_goes_with_its_line_or_stays() {
    let python =
        |text: &str, expect: &str| assert_eq!(mended("debug/debugger-call", "a.py", text), expect, "{text}");
    python("def f():\n    breakpoint()\n    g()\n", "def f():\n    g()\n");
    python("def f():\n    breakpoint()\n\n# c\ng()\n", "def f():\n    pass\n\n# c\ng()\n");
    python("import pdb; pdb.set_trace()  # why\n", "");
    python("if x: breakpoint()\n", "if x: breakpoint()\n");
    python("breakpoint(); g()\n", "breakpoint(); g()\n");
    let js = |text: &str, expect: &str| {
        assert_eq!(mended("debug/debugger-statement", "a.js", text), expect, "{text}");
    };
    js("function f() {\r\n  debugger;\r\n}\r\n", "function f() {\r\n}\r\n");
    js("g()\ndebugger\nh()\n", "g()\nh()\n");
    js("if (x)\n  debugger;\nh();\n", "if (x)\n  debugger;\nh();\n");
    js("if (x) { debugger; }\n", "if (x) { debugger; }\n");
    let focus = |text: &str, expect: &str| {
        assert_eq!(mended("debug/focused-test", "a.test.js", text), expect, "{text}");
    };
    focus("it.only('a', f);\ntest.only.each([1])('b', f);\n", "it('a', f);\ntest.each([1])('b', f);\n");
    assert_eq!(mended("debug/debug-mode-on", "a.py", "app.run(debug=True)"), "app.run(debug=False)");
}

#[test]
fn settings_count_where_production_is_configured() {
    let catalog = Catalog::built_in();
    let check = |id: &str, path: &str, text: &str, expect: usize| {
        let rule = catalog.get(id).expect("the rule exists");
        assert_eq!(ranges(rule, &path.into(), text.as_bytes()).len(), expect, "{id}: {path}: {text}");
    };
    let debug = "debug/debug-mode-on";
    check(debug, "Dockerfile", "FROM a\nENV FLASK_DEBUG 1\n", 1);
    check(debug, "Dockerfile", "FROM a\nENV A=1 \\\n    FLASK_DEBUG=\"1\"\n", 1);
    check(debug, "Dockerfile", "FROM a\nENV FLASK_DEBUG=10\n", 0);
    check(debug, "Dockerfile", "FROM a\n# ENV FLASK_DEBUG=1\n", 0);
    check(debug, "Dockerfile.dev", "FROM a\nENV FLASK_DEBUG=1\n", 0);
    check(debug, "config/prod.json", "{\"NODE_ENV\": \"development\"}", 1);
    check(debug, "config/prod.json", "{\"OLD_NODE_ENV\": \"development\"}", 0);
    check(debug, "docker-compose.prod.yml", "x:\n  - FLASK_ENV=development\n", 1);
    check("debug/verbose-log-level", "prod.env", "RUST_LOG=trace\n", 1);
    check("debug/localhost-in-prod", "prod.env", "API=http://localhost:80/\nX=http://localhost.local/\n", 1);
    check(
        "debug/localhost-in-prod",
        "k8s/a.yaml",
        "apiVersion: v1\nkind: Pod\nurl: http://localhost:80\n",
        0,
    );
}
