//! The configuration: what is understood, and what is said about the rest.

use prodcheck::config::{ConfigError, ConfigText, ConfigTexts, Flags, Settings, Unchecked, read, resolve};
use prodcheck::model::{FailOn, Profile, RepoPath, Severity};
use prodcheck::rules::Catalog;

fn text(name: &str, text: &str) -> ConfigText {
    ConfigText { name: name.into(), path: Some(RepoPath::from(name)), text: text.into() }
}

fn settings_of(texts: ConfigTexts, flags: &Flags) -> Result<Settings, ConfigError> {
    let file = read(texts)?;
    resolve(flags, &file, &Catalog::built_in())
}

fn settings(toml: &str) -> Result<Settings, ConfigError> {
    settings_of(
        ConfigTexts { prodcheck: Some(text("prodcheck.toml", toml)), manifest: None },
        &Flags::default(),
    )
}

fn manifest(toml: &str) -> Result<Settings, ConfigError> {
    settings_of(ConfigTexts { prodcheck: None, manifest: Some(text("Cargo.toml", toml)) }, &Flags::default())
}

#[test]
fn without_configuration_the_defaults_hold() {
    for settings in [
        settings_of(ConfigTexts::default(), &Flags::default()).unwrap(),
        settings("").unwrap(),
        manifest("[package]\nname = \"cargo-prodcheck\"\n").unwrap(),
        manifest("[package.metadata.prodcheck]\n").unwrap(),
    ] {
        assert_eq!(settings.profile, Profile::Standard);
        assert_eq!(settings.fail_on, FailOn::Error);
        assert_eq!(settings.max_file_size, 16 << 20);
        assert_eq!(settings.advisories.unchecked, Unchecked::Error);
        assert!(settings.ignores && settings.selected.contains("debug/dbg-macro"));
        assert!(settings.exclude.is_empty() && settings.allows.is_empty() && settings.severity.is_empty());
    }
}

const WHOLE: &str = r#"
profile = "strict"
fail-on = "warning"
exclude = ["fixtures/", "*.snap"]
max-file-size = "4 MiB"

[severity]
"debug" = "note"
"debug/dbg-macro" = "error"
"meta/*" = "off"

[[allow]]
rule = "debug/dbg-macro"
path = "src/tools/**"
reason = "Tools print."
until = 2027-01-31

[rules]
paths = ["./checks/", "more/rule.toml"]

[advisories]
max-age-days = 14
unchecked = "note"
"#;

#[test]
fn every_key_is_read() {
    let file = read(ConfigTexts { prodcheck: Some(text("prodcheck.toml", WHOLE)), manifest: None }).unwrap();
    let paths: Vec<String> = file.own_rules.iter().map(|p| p.path.to_string()).collect();
    assert_eq!(paths, ["checks", "more/rule.toml"]);
    let settings = resolve(&Flags::default(), &file, &Catalog::built_in()).unwrap();
    assert_eq!((settings.profile, settings.fail_on), (Profile::Strict, FailOn::Warning));
    assert_eq!(settings.max_file_size, 4 << 20);
    assert!(settings.exclude[0].matches(&RepoPath::from("a/fixtures/b")));
    assert_eq!(settings.severity["debug/dbg-macro"], Some(Severity::Error));
    assert_eq!(settings.severity["meta/unused-allow"], None);
    assert!(!settings.selected.contains("meta/unused-allow"), "what is off does not run");
    let allow = &settings.allows[0];
    assert_eq!((allow.rule.as_str(), allow.until.as_deref()), ("debug/dbg-macro", Some("2027-01-31")));
    assert_eq!(&WHOLE[allow.span.clone()], "\"debug/dbg-macro\"");
    assert!(allow.path.as_ref().unwrap().matches(&RepoPath::from("src/tools/a.rs")));
    assert_eq!(settings.advisories.max_age_days, Some(14));
    assert_eq!(settings.advisories.unchecked, Unchecked::Note);
}

#[test]
fn manifests_may_hold_it() {
    for table in ["workspace", "package"] {
        let toml = format!(
            "[{table}.metadata.prodcheck]\nprofile = \"audit\"\n[{table}.metadata.prodcheck.severity]\ndebug = \"off\"\n"
        );
        let settings = manifest(&toml).unwrap();
        assert_eq!(settings.profile, Profile::Audit);
        assert_eq!(settings.severity["debug/dbg-macro"], None);
    }
    assert_eq!(
        manifest("package.metadata = { prodcheck = { profile = 'audit' } }").unwrap().profile,
        Profile::Audit
    );
}

#[test]
fn two_places_are_an_error_that_names_both() {
    let check = |prodcheck: Option<&str>, toml: &str, expect: [&str; 2]| {
        let texts = ConfigTexts {
            prodcheck: prodcheck.map(|p| text("prodcheck.toml", p)),
            manifest: Some(text("Cargo.toml", toml)),
        };
        let error = read(texts).unwrap_err();
        assert_eq!(error.path.as_deref(), Some("Cargo.toml"));
        for name in expect {
            assert!(error.message.contains(name), "{error}");
        }
    };
    let workspace = "[workspace.metadata.prodcheck]\n";
    let package = "[package.metadata.prodcheck]\n";
    check(Some(""), workspace, ["prodcheck.toml", "[workspace.metadata.prodcheck]"]);
    check(Some(""), package, ["prodcheck.toml", "[package.metadata.prodcheck]"]);
    check(
        None,
        &format!("{workspace}{package}"),
        ["[workspace.metadata.prodcheck]", "[package.metadata.prodcheck]"],
    );
}

#[test]
fn manifests_that_do_not_speak_of_it_are_left_alone() {
    assert!(manifest("this is not TOML").is_ok());
    assert!(manifest("[package.metadata.prodcheck").is_err());
    assert!(manifest("[package.metadata.other]\nprodcheck = 1").is_ok());
}

/// What is wrong (part of the message), what it points at, and part of the help.
fn check(toml: &str, message: &str, at: &str, help: &str) {
    let error = settings(toml).expect_err(toml);
    assert!(error.message.contains(message), "{toml}: {error}");
    let span = error.span.expect("the error has a place");
    assert_eq!(&toml[span.range()], at, "{toml}: {error}");
    assert!(error.help.clone().unwrap_or_default().contains(help), "{toml}: {:?}", error.help);
    assert_eq!(error.path.as_deref(), Some("prodcheck.toml"));
}

#[test]
fn unknown_keys() {
    check("profil = 1", "unknown key", "profil", "`profile`");
    check("fail_on = 1", "unknown key", "fail_on", "`fail-on`");
    check("zzzzzzzz = 1", "unknown key", "zzzzzzzz", "known here: profile, fail-on");
    check("[advisories]\nmax-age = 1", "unknown key", "max-age", "max-age-days");
    check("[[allow]]\nrules = 1", "unknown key", "rules", "`rule`");
    check("allow = [{ rule = \"debug\", because = 1 }]", "unknown key", "because", "reason");
    check("rules.path = 1", "unknown key", "path", "`paths`");
}

#[test]
fn keys_of_what_is_not_built_are_unknown() {
    for key in ["database", "advisory-db", "threads", "hooks"] {
        let error = settings(&format!("[{key}]\n")).unwrap_err();
        assert_eq!(error.message, "unknown key", "{key}");
    }
}

#[test]
fn ratchets_count_one_rule_each() {
    let read = settings("[ratchet]\n\"debug/untracked-todo\" = 41\n\"debug/dbg-macro\" = 0\n").unwrap();
    let ratchets: Vec<_> = read.ratchets.iter().map(|r| (&*r.rule, r.limit)).collect();
    assert_eq!(ratchets, [("debug/untracked-todo", 41), ("debug/dbg-macro", 0)]);
    // The profile alone would not run it.
    assert!(read.selected.contains("debug/untracked-todo"));
    assert!(!settings("").unwrap().selected.contains("debug/untracked-todo"));

    let number = "expected a number of findings, 0 or more";
    check("[ratchet]\n\"debug/dbg-macro\" = -1", number, "-1", "");
    check("[ratchet]\n\"debug/dbg-macro\" = 1.5", number, "1.5", "");
    check("[ratchet]\n\"debug/dbg-macro\" = \"1\"", number, "\"1\"", "");
    check("ratchet = 1", "expected a table", "1", "");
    let misspelt = "[ratchet]\n\"debug/dbg-marco\" = 1";
    check(misspelt, "this names no rule", "\"debug/dbg-marco\"", "`debug/dbg-macro`");
    check("[ratchet]\ndebug = 1", "one rule", "debug", "by its id");
    check("[ratchet]\n\"debug/*\" = 1", "one rule", "\"debug/*\"", "by its id");
    check("[ratchet]\n\"meta/unused-allow\" = 1", "are not counted", "\"meta/unused-allow\"", "");
    let off = "[severity]\ndebug = \"off\"\n[ratchet]\n\"debug/dbg-macro\" = 1";
    check(off, "turns this rule off", "\"debug/dbg-macro\"", "");
}

#[test]
fn a_ratchet_runs_nothing_that_was_left_out_by_hand() {
    let todo = "debug/untracked-todo";
    let of = |flags: Flags| {
        let text = text("prodcheck.toml", "[ratchet]\n\"debug/untracked-todo\" = 41\n");
        settings_of(ConfigTexts { prodcheck: Some(text), manifest: None }, &flags).unwrap()
    };
    assert!(!of(Flags { skip: vec![todo.into()], ..Flags::default() }).selected.contains(todo));
    assert!(!of(Flags { rule: vec!["debug/dbg-macro".into()], ..Flags::default() }).selected.contains(todo));
    assert!(of(Flags::default()).selected.contains(todo));
}

#[test]
fn wrong_types_and_words() {
    check("profile = 1", "expected a string, found integer", "1", "");
    check("profile = \"strct\"", "expected one of standard, strict, audit", "\"strct\"", "`strict`");
    check("fail-on = \"errors\"", "expected one of note, warning, error, never", "\"errors\"", "`error`");
    check("exclude = \"a\"", "expected a list of strings", "\"a\"", "");
    check("exclude = [\"a\", 2]", "expected a string", "2", "");
    check("exclude = [\"!a\"]", "`!`", "\"!a\"", "");
    check("max-file-size = \"lots\"", "a size is a whole number", "\"lots\"", "");
    check("max-file-size = -1", "at least 1 byte", "-1", "");
    check("max-file-size = true", "expected a number of bytes", "true", "");
    check("severity = 1", "expected a table", "1", "");
    check(
        "[severity]\ndebug = \"warn\"",
        "expected one of off, note, warning, error",
        "\"warn\"",
        "`warning`",
    );
    check("allow = 1", "expected a list of tables", "1", "[[allow]]");
    check("allow = [1]", "expected a table", "1", "");
    check("[advisories]\nunchecked = \"off\"", "expected one of note, error", "\"off\"", "");
    check("[advisories]\nmax-age-days = 0", "expected a number of days", "0", "");
    check("[advisories]\nmax-age-days = 1.5", "expected a number of days", "1.5", "");
}

#[test]
fn allows_need_a_rule_and_a_reason() {
    let missing = |toml: &str, what: &str| {
        let error = settings(toml).unwrap_err();
        assert!(error.message.contains(what), "{error}");
        assert_eq!(error.span.unwrap().line, 2, "{error}");
    };
    missing("\n[[allow]]\nreason = \"x\"", "no `rule`");
    missing("\n[[allow]]\nrule = \"debug\"", "no `reason`");
    check("[[allow]]\nrule = \"debug\"\nreason = \" \"", "the reason is empty", "\" \"", "say why");
    for until in ["\"soon\"", "\"2027-02-30\"", "2027-01-31T10:00:00Z"] {
        check(
            &format!("[[allow]]\nrule = \"debug\"\nreason = \"x\"\nuntil = {until}"),
            "expected a day",
            until,
            "",
        );
    }
}

#[test]
fn rules_that_do_not_exist() {
    check(
        "[severity]\n\"debug/dbg-marco\" = \"off\"",
        "names no rule",
        "\"debug/dbg-marco\"",
        "`debug/dbg-macro`",
    );
    check("[severity]\ndebgu = \"off\"", "names no rule", "debgu", "`debug`");
    check(
        "[[allow]]\nrule = \"dbg-macro\"\nreason = \"x\"",
        "names no rule",
        "\"dbg-macro\"",
        "`debug/dbg-macro`",
    );
    check("[[allow]]\nrule = \"*\"\nreason = \"x\"", "names no rule", "\"*\"", "family/prefix*");
}

#[test]
fn own_rules_lie_in_the_repository() {
    for path in ["../x", "a/../../x", "/etc", "C:/x", "a\\b", "", "a//b", "."] {
        let error = settings(&format!("[rules]\npaths = ['{path}']")).unwrap_err();
        assert_eq!(error.span.unwrap().line, 2, "{path}");
    }
}

#[test]
fn errors_repeat_nothing_of_the_file() {
    let word = "hunter2hunter2";
    for toml in [
        format!("{word} = 1"),
        format!("profile = \"{word}\""),
        format!("exclude = [\"!{word}\"]"),
        format!("[severity]\n\"{word}\" = \"off\""),
        format!("[severity]\ndebug = \"{word}\""),
        format!("[[allow]]\nrule = \"{word}\"\nreason = \"x\""),
        format!("[[allow]]\nrule = \"debug\"\nreason = \"x\"\nuntil = \"{word}\""),
        format!("[rules]\npaths = [\"../{word}\"]"),
        format!("max-file-size = \"{word}\""),
        format!("{word} {word}"),
        format!("{word} = 1\n{word} = 2"),
        format!("a = \"{word}"),
        format!("a = {word}"),
        format!("[{word}]\n[{word}]"),
        format!("{word}.a = 1\n{word} = 2"),
    ] {
        let error = settings(&toml).unwrap_err();
        let said = format!("{error} {:?} {:?}", error.help, error.path);
        assert!(!said.contains(word), "{toml}: {said}");
        assert!(error.span.is_some(), "{toml}");
    }
}

#[test]
fn hostile_texts_end_in_an_error() {
    for toml in [
        format!("a = {}", "[".repeat(1_000_000)),
        format!("a = {}", "{a=".repeat(1_000_000)),
        format!("{}a = 1", "a.".repeat(1_000_000)),
        format!("[{}a]", "a.".repeat(1_000_000)),
        format!("{} = 1", "a".repeat(1_000_000)),
        format!("profile = \"{}\"", "s".repeat(1_000_000)),
        format!("[severity]\n{} = \"off\"", "a".repeat(1_000_000)),
        "\u{feff}\0".to_owned(),
        "a = \"\\uD800\"".to_owned(),
    ] {
        assert!(settings(&toml).is_err());
        let in_manifest = format!("# prodcheck\n{toml}");
        // A manifest with such content is either refused or none of ours; it never brings the program down.
        let _ = manifest(&in_manifest);
    }
}

#[test]
fn what_was_typed_wins() {
    let flags = Flags {
        profile: Some(Profile::Audit),
        fail_on: Some(FailOn::Never),
        max_file_size: Some(7),
        no_ignores: true,
        threads: Some(0),
        ..Flags::default()
    };
    let texts = ConfigTexts { prodcheck: Some(text("prodcheck.toml", WHOLE)), manifest: None };
    let settings = settings_of(texts, &flags).unwrap();
    assert_eq!(
        (settings.profile, settings.fail_on, settings.max_file_size),
        (Profile::Audit, FailOn::Never, 7)
    );
    assert!(!settings.ignores);
    assert_eq!(settings.threads, None);
}

#[test]
fn rules_are_selected_by_what_was_typed() {
    let off = "[severity]\n\"debug/dbg-macro\" = \"off\"\n";
    let check = |toml: &str, rule: &[&str], skip: &[&str], expect: &[(&str, bool)]| {
        let flags = Flags {
            rule: rule.iter().map(ToString::to_string).collect(),
            skip: skip.iter().map(ToString::to_string).collect(),
            ..Flags::default()
        };
        let texts = ConfigTexts { prodcheck: Some(text("prodcheck.toml", toml)), manifest: None };
        let settings = settings_of(texts, &flags).unwrap();
        for (id, runs) in expect {
            assert_eq!(settings.selected.contains(*id), *runs, "{id} with {rule:?} {skip:?}");
        }
    };
    check("", &[], &["debug"], &[("debug/dbg-macro", false), ("meta/unused-allow", true)]);
    check(
        "",
        &["debug, meta/unused-allow"],
        &[],
        &[("debug/dbg-macro", true), ("meta/expired-allow", false)],
    );
    check("", &["debug,meta"], &["meta/un*"], &[("meta/unused-allow", false), ("meta/expired-allow", true)]);
    check(off, &[], &[], &[("debug/dbg-macro", false)]);
    check(off, &["debug"], &[], &[("debug/dbg-macro", false)]);
    check(off, &["debug/dbg-macro"], &[], &[("debug/dbg-macro", true)]);
}

#[test]
fn a_typed_rule_that_does_not_exist() {
    for (rule, skip, option) in
        [("debgu", "", "--rule"), ("", "meta/unused-alow", "--skip"), ("a,", "", "--rule")]
    {
        let list = |s: &str| if s.is_empty() { Vec::new() } else { vec![s.to_owned()] };
        let flags = Flags { rule: list(rule), skip: list(skip), ..Flags::default() };
        let error = settings_of(ConfigTexts::default(), &flags).unwrap_err();
        assert!(error.message.starts_with(option), "{error}");
        assert!(error.path.is_none() && error.help.is_some());
    }
}
