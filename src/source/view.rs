use std::cell::OnceCell;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::regions::lint_allowances;
use super::{
    CodeSettings, Dockerfile, DotenvDocument, EnvironmentRead, HclBody, JsonDocument, LintAllowance,
    ParseProblem, PipelineKind, Regions, Staged, StartCommand, TomlDocument, YamlDocuments, is_packed,
    parse_dockerfile, parse_dotenv, parse_hcl, parse_json, parse_toml, parse_yaml, stage_of, start_commands,
};
use crate::model::{ContentHash, Environments, Language, LineIndex, Region, RepoPath, Span, Target};

/// What is known of a file before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// What it is written in.
    pub language: Language,
    /// What it is for.
    pub target: Target,
}

/// Tells what a file is when somebody asks; most files hold nothing that anybody asks about.
pub trait FindKind {
    /// What it is written in. Asked often, and cheaper to tell than the rest.
    fn language(&self) -> Language;

    /// What it is for.
    fn target(&self, language: Language) -> Target;
}

/// One file's bytes and what can be seen in them.
pub struct FileView<'a> {
    path: &'a RepoPath,
    bytes: &'a [u8],
    language: OnceCell<Language>,
    target: OnceCell<Target>,
    find_kind: Option<&'a dyn FindKind>,
    environments: Option<&'a Environments>,
    lines: OnceCell<LineIndex>,
    eslint: OnceCell<Vec<usize>>,
    regions: OnceCell<Regions>,
    allowances: OnceCell<Vec<LintAllowance>>,
    toml: OnceCell<Result<TomlDocument<'a>, ParseProblem>>,
    json: OnceCell<Result<JsonDocument<'a>, ParseProblem>>,
    yaml: OnceCell<Result<YamlDocuments<'a>, ParseProblem>>,
    dotenv: OnceCell<DotenvDocument>,
    dockerfile: OnceCell<Dockerfile>,
    hcl: OnceCell<Result<HclBody, ParseProblem>>,
    packed: OnceCell<bool>,
    settings: OnceCell<CodeSettings>,
    environment: OnceCell<Vec<EnvironmentRead>>,
    hash: OnceCell<ContentHash>,
    staged: OnceCell<Staged>,
    starts: OnceCell<Vec<StartCommand>>,
}

impl<'a> FileView<'a> {
    /// A view of these bytes. Nothing is computed yet.
    pub fn new(path: &'a RepoPath, bytes: &'a [u8], kind: FileKind) -> Self {
        Self {
            language: OnceCell::from(kind.language),
            target: OnceCell::from(kind.target),
            ..Self::empty(path, bytes)
        }
    }

    /// The same, where finding out the kind can wait until somebody asks.
    pub fn of_kind(path: &'a RepoPath, bytes: &'a [u8], find_kind: &'a dyn FindKind) -> Self {
        Self { find_kind: Some(find_kind), ..Self::empty(path, bytes) }
    }

    fn empty(path: &'a RepoPath, bytes: &'a [u8]) -> Self {
        Self {
            path,
            bytes,
            language: OnceCell::new(),
            target: OnceCell::new(),
            find_kind: None,
            environments: None,
            lines: OnceCell::new(),
            eslint: OnceCell::new(),
            regions: OnceCell::new(),
            allowances: OnceCell::new(),
            toml: OnceCell::new(),
            json: OnceCell::new(),
            yaml: OnceCell::new(),
            dotenv: OnceCell::new(),
            dockerfile: OnceCell::new(),
            hcl: OnceCell::new(),
            packed: OnceCell::new(),
            settings: OnceCell::new(),
            environment: OnceCell::new(),
            hash: OnceCell::new(),
            staged: OnceCell::new(),
            starts: OnceCell::new(),
        }
    }

    /// The same, where the team says what configures production.
    #[must_use]
    pub fn with_environments(self, environments: &'a Environments) -> Self {
        Self { environments: Some(environments), ..self }
    }

    /// The SHA-256 of the bytes.
    pub fn content_hash(&self) -> ContentHash {
        *self.hash.get_or_init(|| Sha256::digest(self.bytes).into())
    }

    /// Where the file lies.
    pub fn path(&self) -> &'a RepoPath {
        self.path
    }

    /// All of it.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What it is.
    pub fn kind(&self) -> FileKind {
        FileKind { language: self.language(), target: self.target() }
    }

    /// What it is written in.
    pub fn language(&self) -> Language {
        *self.language.get_or_init(|| self.find_kind.map_or(Language::Unknown, FindKind::language))
    }

    /// What the file as a whole is for.
    pub fn target(&self) -> Target {
        *self.target.get_or_init(|| self.find_kind.map_or(Target::Other, |find| find.target(self.language())))
    }

    /// What the place at this offset is for: [`Target::Test`] inside a Rust file's tests.
    pub fn target_at(&self, offset: usize) -> Target {
        if self.language() == Language::Rust && self.regions().in_test(offset) {
            Target::Test
        } else {
            self.target()
        }
    }

    /// Its lines.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(self.bytes))
    }

    /// Its code, comments and strings.
    pub fn regions(&self) -> &Regions {
        self.regions.get_or_init(|| Regions::new(self.language(), self.bytes))
    }

    /// Whether a build packed it into long lines.
    pub fn is_packed(&self) -> bool {
        *self.packed.get_or_init(|| is_packed(self.bytes))
    }

    /// What it sets and calls, as a program.
    pub fn settings(&self) -> &CodeSettings {
        self.settings.get_or_init(|| CodeSettings::new(self.language(), self.bytes, || self.regions()))
    }

    /// The variables of the environment that it reads, as a program.
    pub fn environment(&self) -> &[EnvironmentRead] {
        self.environment.get_or_init(|| self.settings().environment(self.bytes))
    }

    /// Whether the file configures what runs in production, with the reason.
    pub fn staged(&self) -> Staged {
        *self.staged.get_or_init(|| {
            let said = self.environments.and_then(|environments| environments.of(self.path));
            said.map_or_else(
                || stage_of(self.path, self.language(), self.target(), self.bytes),
                Staged::said_by_team,
            )
        })
    }

    /// The commands in it that start what it configures.
    pub fn starts(&self) -> &[StartCommand] {
        self.starts.get_or_init(|| start_commands(self))
    }

    /// What the byte at this offset belongs to.
    pub fn region_at(&self, offset: usize) -> Region {
        self.regions().at(offset)
    }

    /// The attributes of a Rust file that switch lints off; none in other languages.
    pub fn lint_allowances(&self) -> &[LintAllowance] {
        self.allowances.get_or_init(|| match self.language() {
            Language::Rust => lint_allowances(self.bytes, self.regions()),
            _ => Vec::new(),
        })
    }

    /// Where `eslint-` stands, with which all marks for that tool begin, in order.
    pub fn eslint_places(&self) -> &[usize] {
        self.eslint.get_or_init(|| memchr::memmem::find_iter(self.bytes, b"eslint-").collect())
    }

    /// The file as TOML, whatever its language.
    ///
    /// # Errors
    /// Why it is none.
    pub fn toml(&self) -> Result<&TomlDocument<'a>, &ParseProblem> {
        self.toml.get_or_init(|| parse_toml(self.bytes)).as_ref()
    }

    /// The file as JSON with comments, whatever its language.
    ///
    /// # Errors
    /// Why it is none.
    pub fn json(&self) -> Result<&JsonDocument<'a>, &ParseProblem> {
        self.json.get_or_init(|| parse_json(self.bytes)).as_ref()
    }

    /// The file as YAML, whatever its language; JSON is YAML too.
    ///
    /// # Errors
    /// Why it is none; templates are named as such.
    pub fn yaml(&self) -> Result<&YamlDocuments<'a>, &ParseProblem> {
        self.yaml.get_or_init(|| parse_yaml(self.bytes)).as_ref()
    }

    /// Why the form of a pipeline, a manifest or of Terraform could not be read, if somebody asked for it.
    pub fn unread_recipe(&self) -> Option<&ParseProblem> {
        let has = |what: &[u8]| memchr::memmem::find(self.bytes, what).is_some();
        let is_recipe = || PipelineKind::of(self.path).is_some() || has(b"apiVersion:") && has(b"kind:");
        let yaml = || self.yaml.get()?.as_ref().err().filter(|_| is_recipe());
        let hcl = || self.hcl.get()?.as_ref().err();
        yaml().or_else(hcl)
    }

    /// The file as environment variables, whatever its language. Lines that are none are passed over.
    pub fn dotenv(&self) -> &DotenvDocument {
        self.dotenv.get_or_init(|| parse_dotenv(self.bytes))
    }

    /// The file as a Dockerfile, whatever its language. What is no instruction is passed over.
    pub fn dockerfile(&self) -> &Dockerfile {
        self.dockerfile.get_or_init(|| parse_dockerfile(self.bytes))
    }

    /// The file as HCL (Terraform), whatever its language.
    ///
    /// # Errors
    /// Why it is none.
    pub fn hcl(&self) -> Result<&HclBody, &ParseProblem> {
        self.hcl.get_or_init(|| parse_hcl(self.bytes)).as_ref()
    }

    /// Bytes with lines and columns.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.lines().span(self.bytes, range)
    }

    /// The line around this offset as far as it is near: of a long line only so many bytes before and behind, so
    /// that asking at every place of it costs no more than reading it.
    pub fn line_near(&self, offset: usize, reach: usize) -> Range<usize> {
        let from = offset.saturating_sub(reach);
        let to = self.bytes.len().min(offset + reach);
        let start = memchr::memrchr(b'\n', &self.bytes[from..offset]).map_or(from, |at| from + at + 1);
        let mut end = memchr::memchr(b'\n', &self.bytes[offset..to]).map_or(to, |at| offset + at);
        if end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        start..end.max(offset.min(self.bytes.len()))
    }

    /// The line around this offset, without its end: found by looking both ways, so that asking for one
    /// line of a long file does not index all of it.
    pub fn line_around(&self, offset: usize) -> Range<usize> {
        self.line_near(offset, self.bytes.len())
    }
}
