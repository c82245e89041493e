use memchr::memmem;

use crate::model::{Environment, Language, RepoPath, Target};

/// Where something that a file configures runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Where users are.
    Production,
    /// At a developer's desk, in tests, in examples.
    Development,
    /// The file does not say.
    Unknown,
}

impl Stage {
    /// The word shown to people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
            Self::Unknown => "unknown",
        }
    }
}

/// A stage and what tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staged {
    /// Where it runs.
    pub stage: Stage,
    /// The reason, as in `since …`.
    pub why: &'static str,
    /// Whether a name or a variable says so, rather than what such files are for.
    pub is_said: bool,
    /// Whether the team says so, whatever the name is.
    pub is_configured: bool,
}

impl Staged {
    /// What the configuration says of a file.
    pub fn said_by_team(environment: Environment) -> Self {
        let (stage, why) = match environment {
            Environment::Production => (Stage::Production, "the configuration says production"),
            Environment::Staging => (Stage::Development, "the configuration says staging"),
            Environment::Development => (Stage::Development, "the configuration says development"),
            Environment::Test => (Stage::Development, "the configuration says test"),
            Environment::Example => (Stage::Development, "the configuration says example"),
        };
        Self { stage, why, is_said: true, is_configured: true }
    }
}

const DEVELOPMENT: &[&[u8]] = &[
    b"dev",
    b"develop",
    b"development",
    b"devel",
    b"devcontainer",
    b"local",
    b"localhost",
    b"test",
    b"tests",
    b"testing",
    b"ci",
    b"staging",
    b"sandbox",
    b"debug",
    b"example",
    b"examples",
    b"sample",
    b"samples",
    b"demo",
    b"e2e",
    b"mock",
    b"override",
    b"playground",
    b"tutorial",
];
const PRODUCTION: &[&[u8]] = &[b"prod", b"production", b"live"];
/// Variables that name the stage.
const VARIABLES: &[&[u8]] = &[
    b"NODE_ENV",
    b"RAILS_ENV",
    b"RACK_ENV",
    b"APP_ENV",
    b"ENVIRONMENT",
    b"DJANGO_ENV",
    b"FASTAPI_ENV",
    b"ASPNETCORE_ENVIRONMENT",
    b"DOTNET_ENVIRONMENT",
    b"SPRING_PROFILES_ACTIVE",
    b"MIX_ENV",
    b"GO_ENV",
    b"DEPLOY_ENV",
    b"RUN_ENV",
];

/// Whether a file configures what runs in production. The first that fits of: what is no configuration that ships; its
/// name; its folders, inner ones first; a variable in it that says so; what such files are for.
pub fn stage_of(path: &RepoPath, language: Language, target: Target, bytes: &[u8]) -> Staged {
    let of = |stage, why| Staged { stage, why, is_said: true, is_configured: false };
    if matches!(target, Target::Test | Target::Example | Target::Bench | Target::Doc | Target::Vendored) {
        return of(Stage::Development, "the file is for tests, examples or documentation");
    }
    let name = path.name().to_ascii_lowercase();
    if name == b"launchsettings.json" {
        return of(Stage::Development, "an editor starts the program by it");
    }
    let parts: Vec<&[u8]> = path.parts().collect();
    for (at, part) in parts.iter().enumerate().rev() {
        let is_name = at + 1 == parts.len();
        if has_word(part, DEVELOPMENT) {
            let why = if is_name { "the file's name says so" } else { "the name of a folder says so" };
            return of(Stage::Development, why);
        }
        if has_word(part, PRODUCTION) {
            let why = if is_name { "the file's name says so" } else { "the name of a folder says so" };
            return of(Stage::Production, why);
        }
    }
    if is_settings(language) && VARIABLES.iter().any(|name| says_production(bytes, name)) {
        return of(Stage::Production, "a variable in it says so");
    }
    let by_role = |why| Staged { stage: Stage::Production, why, is_said: false, is_configured: false };
    match language {
        Language::Dockerfile => by_role("an image is built from it"),
        Language::Text if name == b"procfile" => by_role("a platform starts the application by it"),
        Language::Yaml if has_key(bytes, b"apiVersion:") && has_key(bytes, b"kind:") => {
            by_role("a cluster runs it")
        }
        Language::Xml if name == b"web.config" || name == b"androidmanifest.xml" => {
            by_role("it is part of what ships")
        }
        Language::Toml if name == b"fly.toml" => by_role("a platform starts the application by it"),
        Language::Yaml if matches!(&*name, b"render.yaml" | b"app.yaml" | b"serverless.yml") => {
            by_role("a platform starts the application by it")
        }
        _ => Staged {
            stage: Stage::Unknown,
            why: "neither its name nor what stands in it tells",
            is_said: false,
            is_configured: false,
        },
    }
}

/// Whether files of this language are settings: for code, what it says of variables is no statement about itself.
fn is_settings(language: Language) -> bool {
    matches!(
        language,
        Language::Yaml
            | Language::Toml
            | Language::Json
            | Language::Ini
            | Language::Properties
            | Language::Dotenv
            | Language::Dockerfile
            | Language::Text
    )
}

/// Whether one of the words stands in the name, as a word of its own.
fn has_word(name: &[u8], words: &[&[u8]]) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(|b| !b.is_ascii_alphanumeric()).any(|word| words.contains(&word))
}

/// `NAME=production`, with the marks of YAML, JSON or a shell around.
fn says_production(bytes: &[u8], name: &[u8]) -> bool {
    memmem::find_iter(bytes, name).any(|at| {
        let rest = &bytes[at + name.len()..bytes.len().min(at + name.len() + 64)];
        let rest = &rest[..rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())];
        let value = rest.iter().position(u8::is_ascii_alphanumeric).unwrap_or(rest.len());
        let len = rest[value..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        rest[..value].iter().all(|b| b" \t=:\"'".contains(b))
            && PRODUCTION.contains(&&*rest[value..value + len].to_ascii_lowercase())
    })
}

/// Whether a line begins with this.
fn has_key(bytes: &[u8], key: &[u8]) -> bool {
    memmem::find_iter(bytes, key).any(|at| at == 0 || bytes[at - 1] == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{language_of, target_by_path};

    #[test]
    fn names_variables_and_roles_tell_the_stage() {
        let check = |path: &str, text: &str, expect| {
            let path = RepoPath::from(path);
            let language = language_of(&path, text.as_bytes());
            let staged = stage_of(&path, language, target_by_path(&path, language), text.as_bytes());
            assert_eq!(staged.stage, expect, "{path}: {}", staged.why);
        };
        check(".env.production", "", Stage::Production);
        check(".env", "A=1\n", Stage::Unknown);
        check(".env", "NODE_ENV=production\n", Stage::Production);
        check(".env.local", "NODE_ENV=production\n", Stage::Development);
        check("deploy/prod/app.yaml", "a: 1\n", Stage::Production);
        check("deploy/prod/dev.yaml", "a: 1\n", Stage::Development);
        check("product/a.yaml", "a: 1\n", Stage::Unknown);
        check("Dockerfile", "FROM scratch\n", Stage::Production);
        check("Dockerfile.dev", "FROM scratch\n", Stage::Development);
        check("docker-compose.yml", "services:\n", Stage::Unknown);
        check("docker-compose.yml", "x:\n  - \"APP_ENV=prod\"\n", Stage::Production);
        check("k8s/a.yaml", "apiVersion: v1\nkind: Pod\n", Stage::Production);
        check("Procfile", "web: x\n", Stage::Production);
        check(
            "src/Properties/launchSettings.json",
            "{\"DOTNET_ENVIRONMENT\": \"Production\"}",
            Stage::Development,
        );
        check("examples/k8s.yaml", "apiVersion: v1\nkind: Pod\n", Stage::Development);
    }
}
