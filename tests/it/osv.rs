//! Packages of Python and npm held against advisory data in the form of OSV, through the program.

use std::fs;
use std::io::Write;

use crate::support::Repo;

const LEFT: &str = r#"{
  "id": "PYSEC-2025-9001", "aliases": ["CVE-2025-99001"], "modified": "2099-01-01T00:00:00Z",
  "summary": "Reads behind the end of its buffer",
  "affected": [{
    "package": {"ecosystem": "PyPI", "name": "left-pad"},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.4"}]}],
    "versions": ["1.0", "1.2.3", "2004d-odd"]
  }]
}"#;

const MID: &str = r#"{
  "id": "GHSA-2222-3333-4444", "modified": "2099-01-01T00:00:00Z", "details": "It evaluates what it reads. Always.",
  "database_specific": {"severity": "HIGH"},
  "affected": [{
    "package": {"ecosystem": "npm", "name": "@scope/mid"},
    "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.2.0"}]}]
  }]
}"#;

/// Puts a file beside the repository.
fn outside(repo: &Repo, path: &str, text: impl AsRef<[u8]>) {
    let file = repo.outside().join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("can be made");
    fs::write(file, text).expect("can be written");
}

/// A folder for each package.
fn with_data(repo: &Repo) {
    outside(repo, "data/vulns/left-pad/PYSEC-2025-9001.yaml", LEFT);
}

const DATA: [&str; 2] = ["--advisory-db", "../data"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    DATA.iter().chain(more).copied().collect()
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, text) in entries {
        let (mut entry, config) = archive.new_file(*name).start().expect("an entry");
        let mut writer = config.wrap(&mut entry);
        writer.write_all(text.as_bytes()).expect("is written");
        let (_, descriptor) = writer.finish().expect("is written");
        entry.finish(descriptor).expect("is written");
    }
    archive.finish().expect("is written");
    bytes
}

/// What of the report is about advisories: `path:line:column` and the value of a property.
fn found(repo: &Repo, args: &[&str], property: &str) -> Vec<String> {
    let mut all = vec!["--format", "json", "--rule", "advisories,meta"];
    all.extend(args);
    let run = repo.run(&all);
    let report: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stderr));
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|f| {
            let text = match property {
                "severity" | "status" | "message" | "fix" | "rule" => &f[property],
                other => &f["properties"][other],
            };
            let span = &f["span"];
            let path = f["path"].as_str().unwrap_or(".");
            format!("{path}:{}:{} {}", span["line"], span["column"], text.as_str().unwrap_or("-"))
        })
        .collect()
}

#[test]
fn a_pin_is_found_at_its_version_with_the_way_out() {
    let repo = Repo::git();
    with_data(&repo);
    repo.write("requirements.txt", "# web\nright==1.0\nLeft_Pad[fast] == 1.2.3 ; os_name == 'nt'\n");
    let at = "requirements.txt:3:19";
    for (property, value) in [
        ("rule", "advisories/vulnerable"),
        ("severity", "error"),
        ("advisory", "PYSEC-2025-9001"),
        ("aliases", "CVE-2025-99001"),
        ("affected", "<1.2.4"),
        ("patched", "1.2.4"),
        ("ecosystem", "PyPI"),
        ("fix", "Write Left_Pad==1.2.4, or a later version: it is fixed there."),
        (
            "message",
            "`Left_Pad 1.2.3` has a known vulnerability: Reads behind the end of its buffer (PYSEC-2025-9001)",
        ),
    ] {
        assert_eq!(found(&repo, &DATA, property), [format!("{at} {value}")]);
    }
    let run = repo.run(&with(&["--rule", "advisories"]));
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("1 advisory held against 2 packages"), "{}", run.stdout);
}

#[test]
fn every_form_of_the_data_says_the_same() {
    let repo = Repo::git();
    repo.write("requirements.txt", "left-pad==1.2.3\n");
    repo.write(
        "package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {"node_modules/@scope/mid": {"version": "1.1.9"}}}"#,
    );
    outside(&repo, "folder/a/PYSEC-2025-9001.json", LEFT);
    outside(&repo, "folder/b/GHSA-2222-3333-4444.json", MID);
    let entries = [("PYSEC-2025-9001.json", LEFT), ("x/GHSA-2222-3333-4444.json", MID)];
    outside(&repo, "all.zip", zip(&entries));
    let expected = ["package-lock.json:1:76 GHSA-2222-3333-4444", "requirements.txt:1:11 PYSEC-2025-9001"];
    for data in ["../folder", "../all.zip"] {
        assert_eq!(found(&repo, &["--advisory-db", data], "advisory"), expected, "{data}");
    }
    let packed = repo.run(&["advisories", "pack", "../all.zip", "--output", "../packed.zip"]);
    assert_eq!((packed.code, &*packed.stderr), (0, ""));
    assert!(
        packed.stdout.starts_with("packed: 2 advisories on PyPI and npm, of 2099-01-01"),
        "{}",
        packed.stdout
    );
    assert_eq!(found(&repo, &["--advisory-db", "../packed.zip"], "advisory"), expected);
    // Without a name for it, it is kept where audits look.
    assert_eq!(repo.run(&["advisories", "pack", "../folder"]).code, 0);
    assert_eq!(found(&repo, &[], "advisory"), expected);
    let again = repo.run(&["advisories", "pack", "../packed.zip"]);
    assert_eq!((again.code, again.stderr.contains("is packed already")), (2, true), "{}", again.stderr);
}

#[test]
fn without_data_the_answer_is_open() {
    let repo = Repo::git();
    repo.write("requirements.txt", "left-pad==1.2.3\nright==1.0\n");
    let run = repo.run(&["--rule", "advisories"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("2 packages not held against advisory data: there is none about PyPI"));
    assert_eq!(found(&repo, &[], "rule"), ["requirements.txt:null:null advisories/unchecked"]);
    assert!(found(&repo, &[], "fix")[0].contains("PyPI/all.zip"));
    repo.write("prodcheck.toml", "[advisories]\nunchecked = \"note\"\n");
    assert_eq!(repo.run(&["--rule", "advisories"]).code, 0);
    // What only tests pin leaves nothing open; neither does what is not pinned.
    let repo = Repo::git();
    repo.write("tests/requirements.txt", "left-pad==1.2.3\n").write("requirements.txt", "left-pad\n");
    let run = repo.run(&["--rule", "advisories"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn development_alone_leaves_nothing_open() {
    let lock = |development: &str| {
        format!(
            r#"{{"lockfileVersion": 3, "packages": {{
                "node_modules/mid": {{"version": "1.1.9", "dev": true}},
                "node_modules/end": {{"version": "1.0.0"{development}}}
            }}}}"#
        )
    };
    let repo = Repo::git();
    repo.write("package-lock.json", lock(r#", "dev": true"#));
    let run = repo.run(&["--rule", "advisories"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(found(&repo, &[], "rule"), [""; 0]);
    repo.write("package-lock.json", lock(""));
    assert_eq!(repo.run(&["--rule", "advisories"]).code, 3);
    assert!(found(&repo, &[], "message")[0].contains("1 package not held"), "the other is for development");
}

#[test]
fn what_ships_is_told_by_the_file_and_its_folder() {
    for (path, severity) in [
        ("requirements.txt", "error"),
        ("services/build/requirements.txt", "error"),
        ("dev-portal/api/requirements.txt", "error"),
        ("build/requirements.txt", "error"),
        ("requirements-dev.txt", "warning"),
        ("docs/requirements.txt", "warning"),
        ("tests/requirements.txt", "note"),
    ] {
        let repo = Repo::git();
        with_data(&repo);
        repo.write(path, "left-pad==1.2.3\n");
        assert_eq!(found(&repo, &DATA, "severity"), [format!("{path}:1:11 {severity}")]);
    }
}

#[test]
fn malware_is_no_milder_anywhere() {
    let repo = Repo::git();
    let id = "MAL-2025-9001";
    outside(&repo, &format!("data/vulns/left-pad/{id}.yaml"), LEFT.replace("PYSEC-2025-9001", id));
    repo.write("docs/requirements-dev.txt", "left-pad==1.2.3\n");
    assert_eq!(found(&repo, &DATA, "severity"), ["docs/requirements-dev.txt:1:11 error"]);
}

#[test]
fn lock_files_of_other_forms_are_open() {
    let repo = Repo::git();
    repo.write("yarn.lock", "");
    assert_eq!(repo.run(&["--rule", "advisories"]).code, 3);
    repo.write("prodcheck.toml", "[advisories]\nunchecked = \"note\"\n");
    assert_eq!(repo.run(&["--rule", "advisories"]).code, 0);
    let repo = Repo::git();
    repo.write("tests/web/yarn.lock", "");
    assert_eq!(repo.run(&["--rule", "advisories"]).code, 0);
}

#[test]
fn of_rustsec_s_form_one_database_is_used() {
    let repo = Repo::git();
    repo.write("src/lib.rs", "");
    for name in ["one", "two"] {
        let entry = "```toml\n[advisory]\nid = \"RUSTSEC-2025-9001\"\npackage = \"a\"\ndate = \"2025-01-01\"\n\n\
                     [versions]\npatched = []\n```\n\n# It breaks\n";
        outside(&repo, &format!("{name}/crates/a/RUSTSEC-2025-9001.md"), entry);
    }
    with_data(&repo);
    let one = ["--rule", "advisories", "--advisory-db", "../one", "--advisory-db", "../data"];
    let run = repo.run(&one);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let run = repo.run(&["--rule", "advisories", "--advisory-db", "../one", "--advisory-db", "../two"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("name one of them"), "{}", run.stderr);
}

#[test]
fn status_names_all_data_at_hand() {
    let repo = Repo::git();
    with_data(&repo);
    let status = repo.run(&["advisories", "status", "--advisory-db", "../data"]);
    assert_eq!((status.code, &*status.stderr), (0, ""));
    assert!(status.stdout.starts_with("PyPI: 1 advisory in ../data"), "{}", status.stdout);
    assert_eq!(repo.run(&["advisories", "status"]).code, 3);
    assert_eq!(repo.run(&["advisories", "pack", "../data"]).code, 0);
    let status = repo.run(&["advisories", "status"]);
    assert_eq!(status.code, 0, "{}", status.stdout);
    assert!(status.stdout.contains("PyPI: 1 advisory in "), "{}", status.stdout);
    let lost = repo.run(&["advisories", "pack", "../data", "--output", "../nowhere/packed.zip"]);
    assert_eq!(lost.code, 2, "a folder is not made for it");
}

#[test]
fn old_data_is_named() {
    let repo = Repo::git();
    outside(&repo, "data/vulns/left-pad/PYSEC-2025-9001.yaml", LEFT.replace("2099-01-01", "2020-02-03"));
    repo.write("requirements.txt", "left-pad==9.9\n");
    let said = found(&repo, &DATA, "message");
    assert!(
        said[0].contains("the newest change of the data about PyPI is ") && said[0].contains("2020-02-03")
    );
}

#[test]
fn what_cannot_be_looked_up_is_said() {
    let repo = Repo::git();
    with_data(&repo);
    outside(&repo, "data/vulns/left-pad/PYSEC-2025-9002.yaml", "id: [");
    outside(&repo, "data/vulns/other/PYSEC-2025-9003.yaml", "id: [");
    let text =
        "left-pad\nright>=2\ngit+https://example.org/a@main#egg=a\nodd==2004d-x\n-r gone.txt\nleft 1.0\n";
    repo.write("requirements.txt", text).write("left-pad.txt", "").write("yarn.lock", "");
    repo.write("sub/requirements.txt", "left-pad==1.2.4\n").write("poetry.lock", "[[package]\n");
    let run = repo.run(&with(&["--rule", "advisories", "-v"]));
    assert_eq!(run.code, 3, "{}", run.stdout);
    for line in [
        "2 without a pinned version: left-pad (line 1), right (line 2)",
        "1 from addresses or version control: line 3",
        "1 named and not in the repository: gone.txt (line 5)",
        "1 of no form that requirements have: line 6",
        "1 with versions that PyPI cannot order: odd 2004d-x (line 4)",
        "1 advisory in ../data cannot be read: PYSEC-2025-9002.yaml",
        "poetry.lock: line 1: the file is not valid TOML",
        "yarn.lock: its packages were not held against advisory data",
    ] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
}

#[test]
fn files_that_requirements_name_are_read_too() {
    let repo = Repo::git();
    with_data(&repo);
    repo.write("requirements.txt", "-r deps/base\n-c limits\nright\n");
    repo.write("deps/base", "left-pad==1.2.3\n").write("limits", "left-pad==1.2.2\nright==1.0\n");
    let said = found(&repo, &DATA, "severity");
    assert_eq!(said, ["deps/base:1:11 error", "limits:1:11 warning"]);
    let run = repo.run(&with(&["--rule", "advisories", "-v"]));
    assert!(!run.stdout.contains("without a pinned version"), "{}", run.stdout);
    // Not outside of the repository.
    repo.write(
        "requirements.txt",
        "-r ../../../secret.txt\n-r https://example.org/a.txt\n-r requirements.txt\n",
    );
    let run = repo.run(&with(&["--rule", "advisories", "-v"]));
    assert!(run.stdout.contains("2 named and not in the repository"), "{}", run.stdout);
}

#[test]
fn lock_files_of_python_are_read() {
    let lock = |version: &str| format!("[[package]]\nname = \"Left.Pad\"\nversion = \"{version}\"\n");
    let check = |path: &str, text: &str, expect: &[&str]| {
        let repo = Repo::git();
        with_data(&repo);
        repo.write(path, text);
        assert_eq!(found(&repo, &DATA, "severity"), expect, "{path}\n{text}");
    };
    for path in ["poetry.lock", "uv.lock", "pdm.lock"] {
        check(path, &lock("1.2.3"), &[&format!("{path}:3:11 error")]);
        check(path, &lock("1.2.4"), &[]);
    }
    check("pylock.toml", &lock("1.2.3").replace("[[package]]", "[[packages]]"), &["pylock.toml:3:11 error"]);
    check("poetry.lock", &(lock("1.2.3") + "category = \"dev\"\n"), &["poetry.lock:3:11 warning"]);
    check("poetry.lock", &(lock("1.2.3") + "groups = [\"main\", \"dev\"]\n"), &["poetry.lock:3:11 error"]);
    check("poetry.lock", &(lock("1.2.3") + "\n[package.source]\ntype = \"git\"\n"), &[]);
    check("uv.lock", &(lock("1.2.3") + "source = { editable = \".\" }\n"), &[]);
    check(
        "uv.lock",
        &(lock("1.2.3") + "source = { registry = \"https://example.org/simple\" }\n"),
        &["uv.lock:3:11 error"],
    );
    let pipfile = "{\"_meta\": {}, \"default\": {\"left-pad\": {\"version\": \"==1.2.3\"}},\n\
                   \"develop\": {\"left.pad\": {\"version\": \"==1.0\"}, \"x\": {\"git\": \"y\"}}}";
    check("Pipfile.lock", pipfile, &["Pipfile.lock:1:51 error", "Pipfile.lock:2:37 warning"]);
}

#[test]
fn lock_files_of_npm_are_read() {
    let check = |text: &str, expect: &[&str]| {
        let repo = Repo::git();
        outside(&repo, "data/GHSA-2222-3333-4444.json", MID);
        repo.write("package-lock.json", text);
        assert_eq!(found(&repo, &DATA, "severity"), expect, "{text}");
    };
    let v3 = |entry: &str| {
        format!("{{\"packages\": {{\n\"node_modules/a/node_modules/@scope/mid\": {{{entry}}}}}}}")
    };
    check(&v3("\"version\": \"1.1.0\""), &["package-lock.json:2:55 error"]);
    check(&v3("\"version\": \"1.1.0\", \"dev\": true"), &["package-lock.json:2:55 warning"]);
    check(&v3("\"version\": \"1.2.0\""), &[]);
    check(&v3("\"version\": \"1.2.0-rc.1\""), &["package-lock.json:2:55 error"]);
    check(&v3("\"version\": \"1.1.0\", \"name\": \"other\""), &[]);
    check(&v3("\"version\": \"1.1.0\", \"link\": true"), &[]);
    check(&v3("\"version\": \"1.1.0\", \"resolved\": \"git+ssh://git@example.org/a.git#0\""), &[]);
    // Version 2 says everything twice.
    let v2 = v3("\"version\": \"1.1.0\"").replacen(
        '{',
        "{\"dependencies\": {\"@scope/mid\": {\"version\": \"1.1.0\"}},",
        1,
    );
    check(&v2, &["package-lock.json:2:55 error"]);
    let v1 = "{\"dependencies\": {\"a\": {\"version\": \"1.0.0\", \"dependencies\": {\n\
              \"x\": {\"version\": \"npm:@scope/mid@1.1.0\"}}}}}";
    check(v1, &["package-lock.json:2:18 error"]);
}

#[test]
fn names_of_one_advisory_are_one_finding() {
    let repo = Repo::git();
    outside(&repo, "data/PYSEC-2025-9001.json", LEFT);
    let other = LEFT.replace("PYSEC-2025-9001", "GHSA-9999-8888-7777");
    outside(&repo, "data/GHSA-9999-8888-7777.json", other);
    repo.write("requirements.txt", "left-pad==1.2.3\n");
    assert_eq!(found(&repo, &DATA, "advisory"), ["requirements.txt:1:11 PYSEC-2025-9001"]);
    assert_eq!(found(&repo, &DATA, "aliases"), ["requirements.txt:1:11 CVE-2025-99001, GHSA-9999-8888-7777"]);
}

#[test]
fn damaged_archives_crash_nothing() {
    let repo = Repo::git();
    repo.write("requirements.txt", "left-pad==1.2.3\n");
    let whole = zip(&[("PYSEC-2025-9001.json", LEFT)]);
    for at in (0..whole.len()).step_by(7) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        outside(&repo, "broken.zip", &broken);
        let path = repo.outside().join("broken.zip");
        // Read in this process: a crash would be seen.
        let _ = prodcheck::repo::osv::pack(&[path], Some(&repo.outside().join("out.zip")), &|_: &str| None);
    }
    // Some of it is whole all the same.
    assert!(repo.outside().join("out.zip").exists());
}

#[test]
fn an_advisory_is_allowed_by_any_of_its_names() {
    let allow = |lines: &str| format!("[[allow]]\n{lines}\nreason = \"not reachable\"\n");
    let check = |config: &str, expect: &[&str]| {
        let repo = Repo::git();
        with_data(&repo);
        repo.write("requirements.txt", "Left_Pad==1.2.3\n").write("prodcheck.toml", config);
        let rules = found(&repo, &DATA, "rule").into_iter().zip(found(&repo, &DATA, "status"));
        let said: Vec<String> = rules
            .map(|(rule, status)| {
                let word = |text: &str| text.rsplit(' ').next().unwrap_or_default().to_owned();
                format!("{} {}", word(&rule), word(&status))
            })
            .collect();
        assert_eq!(said, expect, "{config}");
    };
    let allowed = ["advisories/vulnerable allowed"];
    check(&allow("advisory = \"PYSEC-2025-9001\""), &allowed);
    check(&allow("advisory = \"cve-2025-99001\""), &allowed);
    check(&allow("advisory = \"CVE-2025-99001\"\npackage = \"left-pad\""), &allowed);
    check(&allow("rule = \"advisories/vulnerable\"\npackage = \"left.pad\""), &allowed);
    let others = ["meta/unused-allow new", "advisories/vulnerable new"];
    check(&allow("advisory = \"CVE-2025-99001\"\npackage = \"right\""), &others);
    check(&allow("advisory = \"CVE-2025-99002\""), &others);
    check(
        &allow("advisory = \"PYSEC-2025-9002\""),
        &["meta/unknown-advisory new", "advisories/vulnerable new"],
    );
    check(
        &allow("advisory = \"CVE-2025-99001\"\nuntil = \"2020-01-01\""),
        &["meta/expired-allow new", "advisories/vulnerable new"],
    );
}

#[test]
fn an_allow_of_an_advisory_is_checked_for_its_form() {
    let repo = Repo::git();
    let check = |config: &str, expect: &str| {
        repo.write("prodcheck.toml", config);
        let run = repo.run(&[] as &[&str]);
        assert_eq!(run.code, 2, "{config}");
        assert!(run.stderr.contains(expect), "{config}\n{}", run.stderr);
    };
    check("[[allow]]\nadvisory = \"CVE-2025-99001\"\n", "this entry has no `reason`");
    check("[[allow]]\nadvisory = \"left-pad\"\nreason = \"x\"\n", "this is no advisory's id");
    check("[[allow]]\nreason = \"x\"\n", "this entry has no `rule`");
    check(
        "[[allow]]\nrule = \"secrets\"\npackage = \"a\"\nreason = \"x\"\n",
        "only rules about advisories know advisories and packages",
    );
}

#[test]
fn what_other_tools_ignore_is_allowed_and_said() {
    let repo = Repo::git();
    let advisory = "```toml\n[advisory]\nid = \"RUSTSEC-2099-0001\"\npackage = \"left\"\ndate = \"2099-01-01\"\n\
                    [versions]\npatched = [\">= 1.2.4\"]\n```\n\n# It breaks\n";
    outside(&repo, "rust/crates/left/RUSTSEC-2099-0001.md", advisory);
    let lock = "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.2.3\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    repo.write("Cargo.lock", lock);
    repo.write(
        "deny.toml",
        "[advisories]\nignore = [\n{ id = \"RUSTSEC-2099-0001\", reason = \"not reachable\" },\n\
         \"RUSTSEC-2099-0009\",\n\"yanked@1.0.0\",\n]\n",
    );
    let args = ["--advisory-db", "../rust"];
    let status = found(&repo, &args, "status");
    assert_eq!(status, ["Cargo.lock:5:11 allowed", "deny.toml:4:1 new"]);
    assert_eq!(found(&repo, &args, "rule")[1], "deny.toml:4:1 meta/unknown-advisory");
    let run = repo.run(&["--advisory-db", "../rust", "--rule", "advisories", "-v"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    for line in ["deny.toml: not reachable", "allows 1 finding about advisories here"] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
    for option in ["--no-ignores", "--no-config"] {
        assert_eq!(
            repo.run(&["--advisory-db", "../rust", "--rule", "advisories", option]).code,
            1,
            "{option}"
        );
    }
    repo.write("deny.toml", "")
        .write(".cargo/audit.toml", "[advisories]\nignore = [\"RUSTSEC-2099-0001\"]\n");
    let run = repo.run(&["--advisory-db", "../rust", "--rule", "advisories", "-v"]);
    assert!(run.stdout.contains(".cargo/audit.toml ignores it and does not say why"), "{}", run.stdout);
    assert_eq!(run.code, 0);
}
