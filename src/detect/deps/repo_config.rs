use std::collections::BTreeSet;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Coverage, NotChecked, RepoPath, Severity, Target};
use crate::repo::RepoView;
use crate::repo::cargo_config::{
    CargoConfig, Origin, Program, Role, config_files, configs_from, is_toolchain_file, read_config,
    read_toolchain,
};
use crate::repo::manifest::resolve;

/// Configuration of cargo and rustup that makes them start programs of the repository, or other programs than whoever
/// calls them expects. Words: `guards`, subcommands that people run to judge a repository; `tools`, other
/// subcommands that people take for what they are everywhere.
pub(super) struct Executes;

impl Detector for Executes {
    fn name(&self) -> &'static str {
        "repo-config-executes"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        // What a configuration that counts takes in counts as well, wherever it lies.
        let shipping = configs_from(&repo.kept, |path| ships(repo, path));
        for path in config_files(&repo.kept) {
            let Some(bytes) = repo.bytes(&path) else { continue };
            let ships = shipping.contains(&path);
            let config = match read_config(bytes) {
                Ok(config) => config,
                Err(problem) => {
                    emit.not_checked(NotChecked {
                        path: Some(path.clone()),
                        what: "unparsable",
                        reason: problem.message,
                        mend: None,
                        coverage: if ships { Coverage::Missing } else { Coverage::Outside },
                    });
                    continue;
                }
            };
            let mut found: Vec<(Severity, Raw)> = config.programs.iter().filter_map(program).collect();
            found.extend(aliases(rule, &config));
            found.extend(outside(&path, &config));
            report(&path, ships, found, emit);
        }
        for (path, kept) in repo.kept.iter().filter(|(path, _)| is_toolchain_file(path)) {
            let found = read_toolchain(&kept.bytes).as_ref().and_then(program);
            report(path, ships(repo, path), found.into_iter().collect(), emit);
        }
    }
}

fn ships(repo: &RepoView, path: &RepoPath) -> bool {
    let target = repo.kept.get(path).map(|kept| kept.kind.target);
    let of_tests = |part: &[u8]| matches!(part, b"tests" | b"test" | b"fixtures" | b"testdata" | b"vendor");
    !matches!(target, Some(Target::Test | Target::Vendored)) && !path.parent().parts().any(of_tests)
}

/// Nobody calls cargo in the folders of fixtures and copied code but those who know why.
fn report(path: &RepoPath, ships: bool, found: Vec<(Severity, Raw)>, emit: &mut Emit) {
    for (severity, raw) in found {
        let mut raw = raw.path(path.clone());
        raw.severity = Some(if ships { severity } else { Severity::Note });
        emit.raw(raw);
    }
}

/// How bad it is that this program runs; `None` if it is what people do every day.
fn severity(program: &Program) -> Option<Severity> {
    use Severity::{Error, Note, Warning};
    match (program.role, program.origin) {
        // Relative paths are refused by rustup; nobody knows for how long.
        (Role::Toolchain | Role::Runner | Role::Browser, Origin::Repository)
        | (Role::Runner | Role::Browser | Role::Linker, Origin::Absolute) => Some(Warning),
        (Role::Linker | Role::Runner | Role::Browser, Origin::Name | Origin::System)
        | (Role::Library, Origin::Name) => None,
        (Role::Wrapper, Origin::Name | Origin::System) if is_compiler_cache(&program.program) => None,
        (_, Origin::Repository | Origin::Absolute) => Some(Error),
        (_, Origin::System | Origin::Name) => Some(Note),
    }
}

fn is_compiler_cache(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    matches!(name, "sccache" | "ccache" | "cachepot" | "buildcache" | "kache")
}

fn program(program: &Program) -> Option<(Severity, Raw)> {
    let severity = severity(program)?;
    let what = &program.program;
    let from = match program.origin {
        Origin::Repository => format!("`{what}`, which this repository brings,"),
        Origin::Absolute | Origin::System => format!("whatever lies at `{what}`"),
        Origin::Name => format!("whatever is called `{what}` in the PATH"),
    };
    let runs = match program.role {
        Role::Compiler => "runs as the compiler, already when `cargo metadata` only looks at the repository",
        Role::Wrapper => {
            "runs before the compiler, already when `cargo metadata` only looks at the repository"
        }
        Role::Toolchain => {
            "runs as cargo, rustc and every other tool of the toolchain, even for `cargo --version`"
        }
        Role::CredentialProvider => "runs whenever cargo wants to log in to a registry",
        Role::Library => "is loaded into the compiler",
        Role::Rustdoc => "runs as rustdoc",
        Role::Linker => "runs as the linker",
        Role::Runner => "runs in place of the program for `cargo run` and `cargo test`",
        Role::Browser => "runs for `cargo doc --open`",
    };
    let raw = Raw::at(program.span.clone())
        .message(format!("{from} {runs} ({})", program.key))
        .property("key", &program.key);
    Some((severity, raw))
}

/// What an alias comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Code of the repository is built and run.
    Runs,
    /// It is built, and its build scripts run.
    Builds,
    /// Something else.
    Other,
}

fn aliases(rule: &Prepared, config: &CargoConfig) -> Vec<(Severity, Raw)> {
    let names = |list: &str, name: &str| rule.rule.detect.words(list).iter().any(|word| word == name);
    let of = |(name, _, span): &(String, Vec<String>, std::ops::Range<usize>)| {
        let meaning = meaning(config, name);
        let severity = match (names("guards", name), names("tools", name), meaning) {
            (true, _, Meaning::Runs) => Severity::Error,
            (true, _, Meaning::Builds) | (_, true, Meaning::Runs) => Severity::Warning,
            (true, _, Meaning::Other) => Severity::Note,
            _ => return None,
        };
        let does = match meaning {
            Meaning::Runs => "builds and runs code of this repository",
            Meaning::Builds => "builds this repository, whose build scripts run",
            Meaning::Other => "runs something else",
        };
        let raw = Raw::at(span.clone())
            .message(format!("`cargo {name}` is an alias here: in place of the tool of that name it {does}"))
            .fix(format!("Give the alias another name, and call the tool as `cargo-{name}` until then."))
            .property("key", format!("alias.{name}"));
        Some((severity, raw))
    };
    config.aliases.iter().filter_map(of).collect()
}

fn meaning(config: &CargoConfig, name: &str) -> Meaning {
    let mut seen = BTreeSet::new();
    let mut name = name;
    // An alias may stand for another one.
    while seen.insert(name) {
        let Some((_, words, _)) = config.aliases.iter().find(|(alias, ..)| alias == name) else { break };
        let Some(first) = command(words) else { return Meaning::Other };
        match first {
            "run" | "r" | "test" | "t" | "bench" => return Meaning::Runs,
            "build" | "b" | "check" | "c" | "doc" | "d" | "rustc" | "rustdoc" | "fix" | "install"
            | "clippy" => {
                return Meaning::Builds;
            }
            other => name = other,
        }
    }
    Meaning::Other
}

/// The subcommand among an alias's words: options of cargo may stand before it.
fn command(words: &[String]) -> Option<&str> {
    let mut words = words.iter().map(String::as_str);
    loop {
        let word = words.next()?;
        match word {
            "--config" | "-Z" | "-C" | "--color" => {
                words.next();
            }
            _ if word.starts_with(['-', '+']) => {}
            _ => return Some(word),
        }
    }
}

/// Configuration that lies where nobody who reads the repository sees it.
fn outside(path: &RepoPath, config: &CargoConfig) -> Vec<(Severity, Raw)> {
    let leaves = config.includes.iter().filter(|i| resolve(&path.parent(), &i.path).is_none());
    leaves
        .map(|include| {
            let raw = Raw::at(include.span.clone())
                .message("cargo takes in a configuration from outside of the repository, and with it whatever it runs")
                .property("key", "include");
            (Severity::Warning, raw)
        })
        .collect()
}
