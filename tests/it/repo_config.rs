//! Which configuration of cargo is an alarm, and which is everyday.

use crate::support::Repo;

/// Severity and line of each finding in a `.cargo/config.toml`.
#[track_caller]
fn check(config: &str, expect: &[(&str, u64)]) {
    check_at(".cargo/config.toml", config, expect);
}

#[track_caller]
fn check_at(path: &str, config: &str, expect: &[(&str, u64)]) {
    let repo = Repo::git();
    repo.write(path, config)
        .write("src/lib.rs", "")
        .write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\n");
    let run = repo.run(&["--format", "json", "--rule", "deps/repo-config-executes"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let found: Vec<(&str, u64)> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| (f["severity"].as_str().expect("a severity"), f["span"]["line"].as_u64().expect("a line")))
        .collect();
    assert_eq!(found, expect, "{config}\n{}", run.stdout);
}

#[test]
fn everyday_settings_are_no_alarm() {
    for config in [
        "[alias]\nxtask = \"run --package xtask --\"\nb = \"build --release\"\nrelease = \"build --release\"\n",
        "[alias]\nci = [\"xtask\", \"ci\"]\nfmt-check = \"fmt --check\"\ndist = \"run -p xtask -- dist\"\n",
        "[build]\nrustc-wrapper = \"sccache\"\ntarget-dir = \"target\"\nrustflags = [\"-Ctarget-cpu=native\"]\n",
        "[build]\nrustc-wrapper = \"/usr/bin/ccache\"\n",
        "[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\nrustflags = [\"-C\", \"link-arg=-fuse-ld=/usr/bin/mold\"]\n",
        "[target.aarch64-unknown-linux-gnu]\nlinker = \"/usr/bin/aarch64-linux-gnu-gcc\"\n",
        "[target.'cfg(all(target_arch = \"arm\", target_os = \"none\"))']\nrunner = \"probe-rs run --chip nRF52840\"\n",
        "[target.wasm32-unknown-unknown]\nrunner = [\"wasm-bindgen-test-runner\"]\n",
        "[env]\nRUST_LOG = \"info\"\nLD_LIBRARY_PATH = { value = \"lib\", relative = true }\n",
        "[registry]\nglobal-credential-providers = [\"cargo:token\", \"cargo:libsecret\"]\n",
        "[net]\ngit-fetch-with-cli = true\n[source.crates-io]\nreplace-with = \"vendored\"\n",
        "[build]\nrustc = 1\n[alias]\nprodcheck = 2\n",
    ] {
        check(config, &[]);
    }
}

#[test]
fn programs_of_the_repository_are() {
    check("[build]\nrustc = \"tools/rustc\"\nrustdoc = \"./rustdoc\"\n", &[("error", 2), ("error", 3)]);
    check("[build]\nrustc-wrapper = \"/builds/x/wrap\"\n", &[("error", 2)]);
    check("[build]\nrustc-workspace-wrapper = \"clippy-driver\"\n", &[("note", 2)]);
    check(
        "[target.x]\nlinker = \"ld/wrap.sh\"\nrunner = \"scripts/qemu.sh\"\n",
        &[("error", 2), ("warning", 3)],
    );
    check("[target.x]\nrunner = [\"sh\", \"-c\", \"curl example.org\"]\n", &[("warning", 2)]);
    check(
        "[registries.r]\ncredential-provider = [\"cargo:token-from-stdout\", \"tools/token\"]\n",
        &[("error", 2)],
    );
    check("[credential-alias]\nours = [\"python3\", \"login.py\"]\n", &[("error", 2)]);
    check(
        "[build]\nrustflags = [\"-Clinker=./ld.sh\", \"-Zcodegen-backend=lib/evil.so\"]\n",
        &[("error", 2), ("error", 2)],
    );
    check("[env]\nLD_PRELOAD = { value = \"lib/evil.so\", relative = true }\n", &[("error", 2)]);
    check("include = [\"../../outside.toml\"]\n", &[("warning", 1)]);
    check_at("rust-toolchain.toml", "[toolchain]\npath = \"/opt/rust\"\n", &[("note", 2)]);
    check_at("sub/rust-toolchain", "[toolchain]\npath = \"/home/me/rust\"\n", &[("error", 2)]);
    check_at("rust-toolchain", "nightly-2026-01-01\n", &[]);
    // Nobody calls cargo there.
    check_at("tests/fixtures/a/.cargo/config.toml", "[build]\nrustc = \"tools/rustc\"\n", &[("note", 2)]);
}

#[test]
fn what_a_configuration_takes_in_counts_wherever_it_lies() {
    let severities = |repo: &Repo| -> (i32, Vec<String>) {
        let run = repo.run(&["--format", "json", "--rule", "deps/repo-config-executes"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").iter();
        (run.code, findings.map(|f| f["severity"].as_str().expect("a severity").to_owned()).collect())
    };
    let repo = Repo::git();
    repo.write(".cargo/config.toml", "include = [\"../tests/fixtures/more.toml\"]\n")
        .write("tests/fixtures/more.toml", "[build]\nrustc = \"../../tools/rustc\"\n");
    assert_eq!(severities(&repo), (1, vec!["error".to_owned()]));
    repo.write("tests/fixtures/more.toml", "[build\n");
    assert_eq!(severities(&repo).0, 3, "it counts, and cannot be read");
    // Other configurations do not use up what is looked into.
    let repo = Repo::git();
    for at in 0..300 {
        repo.write(&format!("decoys/{at}/.cargo/config.toml"), "");
    }
    repo.write(".cargo/config.toml", "include = [\"../more.toml\"]\n")
        .write("more.toml", "[build]\nrustc = \"tools/rustc\"\n");
    assert_eq!(severities(&repo), (1, vec!["error".to_owned()]));
    // A longer chain than is followed.
    let repo = Repo::git();
    repo.write(".cargo/config.toml", "include = [\"../0.toml\"]\n");
    for at in 0..12 {
        repo.write(&format!("{at}.toml"), format!("include = [\"{}.toml\"]\n", at + 1));
    }
    assert_eq!(severities(&repo), (3, vec![]));
}

#[test]
fn aliases_that_pass_for_other_tools() {
    check("[alias]\nprodcheck = \"run\"\n", &[("error", 2)]);
    check("[alias]\naudit = [\"--color\", \"never\", \"r\", \"-p\", \"x\"]\n", &[("error", 2)]);
    // Over another alias, and in a circle.
    check("[alias]\nx = \"run -p x\"\ndeny = \"x\"\n", &[("error", 3)]);
    check("[alias]\ndeny = \"vet\"\nvet = \"deny\"\n", &[("note", 2), ("note", 3)]);
    check("[alias]\naudit = \"deny check advisories\"\n", &[("note", 2)]);
    check(
        "[alias]\ndeny = \"build\"\nfmt = \"run -p fmt\"\nclippy = \"check\"\n",
        &[("warning", 2), ("warning", 3)],
    );
}

#[test]
fn a_configuration_that_does_not_parse_is_not_checked() {
    let repo = Repo::git();
    repo.write(".cargo/config.toml", "[build\n");
    let run = repo.run(&["--format", "json", "--rule", "deps/repo-config-executes"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("unparsable"), "{}", run.stdout);
}
