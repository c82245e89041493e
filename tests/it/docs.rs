//! The documents and the form of the source tree.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Files below a folder, but for what is built.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            if name != "target" && name != ".git" {
                files(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_room_says_what_it_is() {
    for entry in fs::read_dir(root().join("src")).expect("src is there").flatten() {
        if !entry.path().is_dir() {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let head = text(&format!("src/{name}/mod.rs"));
        let lines: Vec<&str> = head.lines().take(3).collect();
        for (line, start) in lines.iter().zip(["//! This room: ", "//! May touch: ", "//! Never: "]) {
            assert!(line.starts_with(start), "src/{name}/mod.rs: {line:?} should start with {start:?}");
        }
    }
}

#[test]
fn no_document_speaks_of_a_machine() {
    let mut found = Vec::new();
    files(root(), &mut found);
    // Put together here, so that this file does not hold them.
    let words: Vec<String> = ["/ho~me/", "/ro~ot/", "/Use~rs/", "/tm~p/", "/wor~k/", "C:\\Use~rs"]
        .iter()
        .map(|word| word.replace('~', ""))
        .collect();
    for path in found {
        let relative =
            path.strip_prefix(root()).expect("a file of the repository").to_string_lossy().into_owned();
        let document = path.extension().is_some_and(|e| e == "md")
            || relative.starts_with(".github")
            || relative.starts_with(".ci");
        let Ok(content) = fs::read_to_string(&path) else { continue };
        for word in words.iter().filter(|_| document) {
            assert!(!content.contains(word.as_str()), "{relative} holds {word}");
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let content = text(name);
        for link in content.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !link.contains("://") {
                assert!(root().join(file).exists(), "{name} links to {link}");
            }
        }
    }
}

#[test]
fn the_readme_speaks_of_every_exit_code_and_key() {
    let readme = text("README.md");
    for word in [
        "| 0 |",
        "| 1 |",
        "| 2 |",
        "| 3 |",
        "profile",
        "fail-on",
        "exclude",
        "max-file-size",
        "[severity]",
        "[[allow]]",
        "[rules]",
        "[advisories]",
        "max-age-days",
        "unchecked",
        "cargo test --locked",
        "cargo install --locked --path . && cargo prodcheck --update-advisories",
    ] {
        assert!(readme.contains(word), "README.md does not speak of {word}");
    }
}

/// The configuration that the README shows is one that is understood.
#[test]
fn the_readme_shows_a_configuration_that_holds() {
    use prodcheck::config::{ConfigText, ConfigTexts, read};
    let readme = text("README.md");
    let shown: Vec<&str> =
        readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!shown.is_empty());
    for toml in shown {
        let text = ConfigText { name: "README.md".into(), path: None, text: toml.to_owned() };
        let read = read(ConfigTexts { prodcheck: Some(text), manifest: None });
        assert!(read.is_ok(), "{toml}\n{}", read.err().map(|e| e.to_string()).unwrap_or_default());
    }
}

/// A rule file that CONTRIBUTING.md shows has the form of one.
#[test]
fn the_rule_shown_to_contributors_has_the_form() {
    let content = text("CONTRIBUTING.md");
    let toml = content.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let rules = prodcheck::rules::schema::read("debug/shown.toml", toml.expect("a rule is shown"));
    let rules = rules.unwrap_or_else(|e| panic!("{e}"));
    assert!(rules[0].matches.len() >= 2 && rules[0].passes.len() >= 2);
}

/// The long options that a text names.
fn options(text: &str) -> std::collections::BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| word.starts_with("--") && word.len() > 3)
        .map(|word| word.trim_end_matches('-').to_owned())
        .collect()
}

#[test]
fn the_readme_has_every_option_and_no_other() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-prodcheck"))
        .arg("--help")
        .output()
        .expect("the program starts");
    let help = options(&String::from_utf8_lossy(&help.stdout));
    let readme = text("README.md");
    let rows: String = readme.lines().filter(|line| line.starts_with("| `-")).collect();
    let told = options(&rows);
    let standard = ["--help".to_owned(), "--version".to_owned()];
    for option in help.iter().filter(|option| !standard.contains(option)) {
        assert!(told.contains(option), "README.md does not speak of {option}");
    }
    for option in &told {
        assert!(help.contains(option), "README.md speaks of {option}, which does not exist");
    }
}

/// What the README shows is what the program says about `fixtures/readme`, down to the verdict.
#[test]
fn the_readme_shows_what_is_printed() {
    use crate::scenarios::{fixtures, load};
    let repo = load(&fixtures().join("readme"), &[]);
    let args = ["--format", "graphical", "--color", "never", "--advisory-db", "../advisory-db"];
    let run = repo.run(&args);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let verdict = run.stdout.find("\nFAIL").expect("a verdict") + 1;
    let end = verdict + run.stdout[verdict..].find('\n').expect("the end of its line") + 1;
    let block = format!("```text\n$ cargo prodcheck\n{}```\n", &run.stdout[..end]);
    assert!(text("README.md").contains(&block), "README.md should show:\n{block}");
}

/// SECURITY.md: names of files are searched for secrets, but in the raw list for programs.
#[test]
fn no_secret_in_the_name_of_a_file_is_shown() {
    use prodcheck::rules::shape::Seed;
    use prodcheck::rules::{Catalog, Detect};
    let catalog = Catalog::built_in();
    let rule = catalog.get("secrets/stripe-secret").expect("a rule");
    let Detect::Token(token) = &rule.detect else { panic!("a token") };
    let secret = token.shapes[0].sample(token.checksum, &mut Seed(3));
    let repo = crate::support::Repo::git();
    let name = format!("{secret}.txt");
    repo.write(&name, "nothing\n").commit();
    for args in [
        &["--list-files"][..],
        &["explain", "--file", &name],
        &["explain", &secret],
        &[&format!("gone/{name}")],
        &["--config", &format!("gone/{name}")],
        &["--output", &format!("json=gone/{name}")],
        &["rules", "check", &format!("gone/{name}")],
        &["rules", "list", &secret],
    ] {
        let run = repo.run(args);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!all.contains(&secret[12..]), "{args:?}");
        assert!(all.contains("chars]"), "{args:?} says something: {all}");
    }
    assert!(repo.run(&["--list-files", "-0"]).stdout.contains(&name));
}

/// README.md and the reports send people to `explain` with the ids of their own rules, too.
#[test]
fn rules_of_the_repository_are_explained() {
    let repo = crate::support::Repo::git();
    assert_eq!(repo.run(&["rules", "new", "debug/our-word"]).code, 0);
    repo.write("prodcheck.toml", "exclude = [\"big/\"]\nmax-file-size = 100\n[rules]\npaths = [\"rules\"]\n")
        .write("src/lib.rs", "fn f() {}\n")
        .write("src/long.rs", "\n".repeat(101))
        .write("big/lib.rs", "fn f() {}\n")
        .write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    for (args, expect) in [
        (&["explain", "debug/our-word"][..], "prodcheck:allow(debug/our-word)"),
        (&["explain", "debug/our-word"], "A finding may be lower: in tests and examples"),
        (&["rules", "list", "debug"], "debug/our-word"),
        (&["explain", "--file", "src/lib.rs"], "    debug/our-word\n"),
        (&["explain", "--file", "src/lib.rs"], "rules look at the repository as a whole\n"),
        (&["explain", "--file", "src/long.rs"], "left out  by max-file-size: it has 101 bytes"),
        (&["explain", "--file", "big/lib.rs"], "left out  by exclude"),
        (&["explain", "--file", "Cargo.toml"], "    deps/git-without-rev\n"),
    ] {
        let run = repo.run(args);
        let plain = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = run.stdout.contains(expect) || plain.contains(expect);
        assert!(run.code == 0 && found, "{args:?}\n{}{}", run.stdout, run.stderr);
    }
    repo.write("prodcheck.toml", "[rules]\npaths = [\"nowhere\"]\n");
    let audit = repo.run::<&str>(&[]);
    assert_eq!(audit.code, 2);
    for args in
        [&["explain", "debug/dbg-macro"][..], &["rules", "list"], &["explain", "--file", "src/lib.rs"]]
    {
        let run = repo.run(args);
        assert_eq!((run.code, &run.stderr), (2, &audit.stderr), "{args:?}");
    }
}
