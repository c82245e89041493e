use std::collections::BTreeMap;
use std::ops::Range;

use super::append::append;
use super::evidence::{Evidence, evidence};
use super::names::KnownNames;
use super::sensitive_file::{is_deliberate, sensitive};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{RepoPath, Severity};
use crate::repo::manifest::resolve;
use crate::repo::{RepoView, is_compose, is_dockerfile};
use crate::source::{
    DockerBase, DockerInstruction, Dockerfile, Dockerignore, YamlNode, compose_services, parse_dockerfile,
    parse_yaml,
};

/// Dockerfiles that copy all of their context where it holds secrets or Git's folder, and no `.dockerignore` leaves
/// those out: one finding for each Dockerfile.
pub(super) struct DockerignoreGap;

/// How many files are named.
const NAMED: usize = 3;

impl Detector for DockerignoreGap {
    fn name(&self) -> &'static str {
        "dockerignore-gap"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let names = KnownNames::new();
        let dockerfiles: Vec<&RepoPath> = repo
            .kept
            .keys()
            .filter(|path| is_dockerfile(path) && !names.is_in_deliberate_folder(path))
            .filter(|path| {
                repo.entry(path)
                    .is_some_and(|e| !is_deliberate(repo, &e.path, names.words("deliberate-folders")))
            })
            .collect();
        if dockerfiles.is_empty() {
            return;
        }
        let contexts = composed(repo);
        let evidence =
            KnownNames::evidence_rule().map(|rule| evidence(rule, repo, &names)).unwrap_or_default();
        for path in dockerfiles {
            let Some(bytes) = repo.bytes(path) else { continue };
            let dockerfile = parse_dockerfile(bytes);
            let Some((copy, ships)) = copies_everything(&dockerfile) else { continue };
            let context = Context::of(repo, path, &contexts);
            let open: Vec<RepoPath> = context.open(repo, &names, &evidence);
            // A stage that is thrown away may well ask Git for its version.
            let takes_git =
                ships && repo.is_git && context.folder.as_bytes().is_empty() && context.takes(b".git/HEAD");
            if !open.is_empty() || takes_git {
                let leak = Leak { copy, ships, open, takes_git };
                emit.raw(found(repo, path, &context, leak));
            }
        }
    }
}

/// What an image is built from.
struct Context {
    folder: RepoPath,
    /// What says what is left out, whether it is there or not.
    ignore_file: RepoPath,
    ignore: Option<Dockerignore>,
}

impl Context {
    /// The context that Compose names; else the nearest folder from the Dockerfile's up that has a `.dockerignore`;
    /// else the Dockerfile's own.
    fn of(repo: &RepoView, dockerfile: &RepoPath, composed: &BTreeMap<RepoPath, RepoPath>) -> Self {
        let own = dockerfile.parent();
        let at = |folder: RepoPath| {
            // One beside the Dockerfile and of its name comes first.
            let mut special = dockerfile.as_bytes().to_vec();
            special.extend_from_slice(b".dockerignore");
            let special = RepoPath::new(special);
            let ignore_file = match repo.bytes(&special) {
                Some(_) => special,
                None => folder.join(b".dockerignore"),
            };
            let ignore = repo.bytes(&ignore_file).map(Dockerignore::parse);
            Self { folder, ignore_file, ignore }
        };
        if let Some(folder) = composed.get(dockerfile) {
            return at(folder.clone());
        }
        let up = std::iter::successors(Some(own.clone()), |folder| {
            (!folder.as_bytes().is_empty()).then(|| folder.parent())
        });
        let known = up.into_iter().find(|folder| repo.bytes(&folder.join(b".dockerignore")).is_some());
        at(known.unwrap_or(own))
    }

    /// Whether a file of the context, relative to it, is taken into the image.
    fn takes(&self, relative: &[u8]) -> bool {
        self.ignore.as_ref().is_none_or(|ignore| !ignore.leaves_out(relative))
    }

    fn holds(&self, path: &RepoPath) -> bool {
        let skip = match self.folder.as_bytes().len() {
            0 => 0,
            length => length + 1,
        };
        path.is_in(&self.folder) && path.as_bytes().get(skip..).is_some_and(|relative| self.takes(relative))
    }

    /// The files that hold secrets by their names, here or in people's work trees, and that are taken.
    fn open(&self, repo: &RepoView, names: &KnownNames, evidence: &[Evidence]) -> Vec<RepoPath> {
        let here = repo.entries.iter().filter(|entry| {
            names.group(&entry.path).is_some()
                && self.holds(&entry.path)
                && !is_deliberate(repo, &entry.path, names.words("deliberate-folders"))
                && sensitive(|list| names.words(list), repo, entry)
                    .is_some_and(|found| found.severity > Severity::Note)
        });
        let mut open: Vec<RepoPath> = here.map(|entry| entry.path.clone()).collect();
        for file in evidence.iter().filter(|e| e.severity > Severity::Note && e.may_be.len() == 1) {
            let file = &file.may_be[0];
            // What is tracked was looked at above.
            if repo.entry(file).is_none() && self.holds(file) && !names.is_in_deliberate_folder(file) {
                open.push(file.clone());
            }
        }
        open.sort_unstable();
        open.dedup();
        open
    }

    /// The pattern that leaves a file out.
    fn pattern(&self, file: &RepoPath) -> String {
        let name = String::from_utf8_lossy(file.name()).into_owned();
        if name.starts_with(".env") {
            return format!("**/{name}");
        }
        let skip = self.folder.as_bytes().len();
        let relative = String::from_utf8_lossy(&file.as_bytes()[skip..]).into_owned();
        relative.trim_start_matches('/').to_owned()
    }
}

/// Which folder each Dockerfile is built in, by the files of Compose.
fn composed(repo: &RepoView) -> BTreeMap<RepoPath, RepoPath> {
    let mut contexts = BTreeMap::new();
    for (path, kept) in repo.kept.iter().filter(|(path, _)| is_compose(path)) {
        let Ok(documents) = parse_yaml(&kept.bytes) else { continue };
        for service in compose_services(&documents) {
            let Some(build) = service.build else { continue };
            let context = build.as_str().or_else(|| build.get("context").and_then(YamlNode::as_str));
            let Some(folder) = resolve(&path.parent(), context.unwrap_or(".")) else { continue };
            let name = build.get("dockerfile").and_then(YamlNode::as_str).unwrap_or("Dockerfile");
            if let Some(dockerfile) = resolve(&folder, name) {
                contexts.entry(dockerfile).or_insert(folder);
            }
        }
    }
    contexts
}

/// The first instruction that copies all of the context, and whether the image that is left in the end holds it.
fn copies_everything(dockerfile: &Dockerfile) -> Option<(Range<usize>, bool)> {
    let stages = dockerfile.stages();
    let mut ships = vec![false; stages.len()];
    let mut at = stages.len().checked_sub(1);
    while let Some(nth) = at {
        ships[nth] = true;
        at = match stages[nth].base {
            // A stage builds on earlier ones alone.
            DockerBase::Stage(base) if base < nth => Some(base),
            _ => None,
        };
    }
    let all = stages.iter().zip(ships).flat_map(|(stage, ships)| {
        let instructions = &dockerfile.instructions[stage.instructions.clone()];
        instructions.iter().filter(|i| is_copy_of_all(i)).map(move |i| (i.span.clone(), ships))
    });
    // What ships counts first.
    all.max_by_key(|(span, ships)| (*ships, std::cmp::Reverse(span.start)))
}

fn is_copy_of_all(instruction: &DockerInstruction) -> bool {
    if !matches!(&*instruction.keyword, "COPY" | "ADD") || instruction.flag("from").is_some() {
        return false;
    }
    let sources = instruction.words.split_last().map_or(&[][..], |(_, sources)| sources);
    sources.iter().any(|source| matches!(&*source.text, "." | "./" | "*" | "./*" | "/" | "./."))
}

/// What a Dockerfile copies that should stay outside.
struct Leak {
    /// The instruction's bytes.
    copy: Range<usize>,
    /// Whether it is in the image that is left in the end.
    ships: bool,
    /// Files with secrets by their names.
    open: Vec<RepoPath>,
    /// Whether Git's own folder is among it.
    takes_git: bool,
}

fn found(repo: &RepoView, path: &RepoPath, context: &Context, leak: Leak) -> Raw {
    let Leak { copy, ships, open, takes_git } = leak;
    let mut shown: Vec<String> = open.iter().take(NAMED).map(ToString::to_string).collect();
    if open.len() > NAMED {
        shown.push(format!("{} more files", open.len() - NAMED));
    }
    let mut patterns: Vec<String> = open.iter().map(|file| context.pattern(file)).collect();
    if takes_git {
        shown.push(".git".into());
        patterns.push(".git".into());
    }
    patterns.sort_unstable();
    patterns.dedup();
    let ignore_file = &context.ignore_file;
    let why = match context.ignore {
        Some(_) => format!("{ignore_file} does not leave it out"),
        None => format!("there is no {ignore_file}"),
    };
    let at_root = context.folder.as_bytes().is_empty();
    let whereto = if ships { "the image" } else { "a stage of the build" };
    let mut raw = Raw::at(copy)
        .path(path.clone())
        .message(format!("This copies {} into {whereto}: {why}", shown.join(", ")))
        .fix(format!("Add {} to {ignore_file}.", quoted(&patterns)))
        .change(append(repo, ignore_file, &patterns))
        .property("context", if at_root { ".".into() } else { context.folder.to_string() });
    if open.is_empty() || !ships {
        raw.severity = Some(Severity::Note);
    }
    if context.ignore.is_some() {
        raw = raw.related(RawRelated {
            path: Some(ignore_file.clone()),
            range: None,
            message: "says what is left out".into(),
        });
    }
    raw
}

fn quoted(patterns: &[String]) -> String {
    patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>().join(" and ")
}
