use super::python::{self, is_for_development};
use super::shipping;
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Target;
use crate::repo::RepoView;
use crate::repo::manifest::Section;
use crate::rules::rule::Text;
use crate::source::{JsonValue, Requirement, parse_json, parse_requirements};

/// Tools of development among what production installs.
///
/// The rule's words: `python`, `npm`, `cargo`: names of packages nobody needs to run a program; `development`, as
/// in `python-unpinned`.
pub(super) struct InProduction;

impl Detector for InProduction {
    fn name(&self) -> &'static str {
        "dev-tool-in-production"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let words = |name: &str| rule.rule.detect.words(name);
        requirements(repo, words("python"), words("development"), emit);
        packages(repo, words("npm"), emit);
        manifests(repo, words("cargo"), emit);
    }
}

fn knows(list: &[Text], name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '.'], "-");
    list.iter().any(|known| *known == name)
}

fn requirements(repo: &RepoView, tools: &[Text], development: &[Text], emit: &mut Emit) {
    for (path, kept, _) in python::requirements_files(repo) {
        let mild = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
        if mild || is_for_development(path, kept.kind.target, development) {
            continue;
        }
        let lines = parse_requirements(&kept.bytes);
        // What stands beside a library, or installs it in place, is what it is developed with.
        let folder = path.parent();
        let is_library = python::is_library(repo, path)
            || repo
                .bytes(&folder.join(b"pyproject.toml"))
                .is_some_and(|text| memchr::memmem::find(text, b"[build-system]").is_some());
        let in_place = |r: &Requirement| {
            r.name.is_empty() && kept.bytes.get(r.span.clone()).is_some_and(|text| text.starts_with(b"."))
        };
        if is_library || lines.requirements.iter().any(in_place) {
            continue;
        }
        let tool = |requirement: &Requirement| {
            !requirement.name.is_empty()
                && knows(tools, &requirement.name)
                && !is_asked_by_others(&kept.bytes[requirement.span.end..])
        };
        // Where nearly everything is a tool, the file is for development, whatever its name.
        let known = lines.requirements.iter().filter(|r| tool(r)).count();
        if known * 2 > lines.requirements.len() {
            continue;
        }
        for requirement in lines.requirements.iter().filter(|r| tool(r)) {
            emit.raw(
                Raw::at(requirement.span.clone())
                    .path(path.clone())
                    .message(format!(
                        "{} is a tool of development, and this file is for production",
                        requirement.name
                    ))
                    .fix(format!("Move {} to a file of its own, as requirements-dev.txt.", requirement.name))
                    .property("package", requirement.name.clone()),
            );
        }
    }
}

/// Whether the comment behind a requirement says that other packages ask for it: `# via pytest`, as pip-compile and uv
/// write it. What the project itself asks for is `via -r requirements.in` or `via web (pyproject.toml)`.
fn is_asked_by_others(behind: &[u8]) -> bool {
    let mut lines = behind.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    // The rest of its own line: markers, hashes, a comment; of hashes there may be many.
    let own = lines.next().unwrap_or_default();
    let own_comment = memchr::memchr(b'#', own).map(|at| &own[at..]);
    let comments =
        lines.skip_while(|line| line.starts_with(b"--hash")).take_while(|line| line.starts_with(b"#"));
    let comments: Vec<&[u8]> = own_comment.into_iter().chain(comments).collect();
    let has = |what: &[u8]| comments.iter().any(|line| memchr::memmem::find(line, what).is_some());
    has(b"# via") && !has(b"-r ") && !has(b"(")
}

fn packages(repo: &RepoView, tools: &[Text], emit: &mut Emit) {
    for (path, kept) in repo.kept.iter().filter(|(path, _)| path.name() == b"package.json") {
        if Reach::of(path, kept.kind.target) == Reach::Rehearsal {
            continue;
        }
        let Some(root) = parse_json(&kept.bytes).ok().and_then(|document| document.root) else { continue };
        // A package about such tools (a preset, a plugin) needs them to run.
        let is_private = root.get("private").is_some_and(|node| node.value == JsonValue::Bool(true));
        let dependencies = root.get("dependencies").map_or(&[][..], |node| node.members());
        for member in dependencies.iter().filter(|member| is_private && knows(tools, &member.key)) {
            emit.raw(
                Raw::at(member.key_span.clone())
                    .path(path.clone())
                    .message(format!("{} is a tool of development, and stands in dependencies", member.key))
                    .fix(format!("Move {} to devDependencies.", member.key))
                    .property("package", &*member.key),
            );
        }
    }
}

fn manifests(repo: &RepoView, tools: &[Text], emit: &mut Emit) {
    for (path, manifest) in shipping(repo) {
        let roots = repo.targets().roots(&path.parent());
        // A library of test helpers needs them; a program does not.
        if !roots.iter().any(|r| r.kind == Target::Bin) || roots.iter().any(|r| r.kind == Target::Lib) {
            continue;
        }
        let normal = manifest.dependencies.iter().filter(|d| d.section == Section::Normal && !d.optional);
        for dependency in normal.filter(|dependency| knows(tools, dependency.package_name())) {
            let name = dependency.package_name();
            emit.raw(
                Raw::at(dependency.name.span.clone())
                    .path(path.clone())
                    .message(format!("{name} is a tool of development, and stands in [dependencies]"))
                    .fix(format!("Move {name} to [dev-dependencies]."))
                    .property("package", name),
            );
        }
    }
}
