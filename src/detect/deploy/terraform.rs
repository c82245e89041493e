use super::reference::is_branch;
use hcl_edit::Span as _;
use hcl_edit::expr::Object;

use super::reach::Reach;
use crate::detect::deps::committed_upward;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::repo::RepoView;
use crate::rules::rule::Text;
use crate::source::{FileView, HclBody, HclText, parse_hcl};

/// Modules of Terraform that are taken as they are that day. The rule's words: `branches`.
///
/// Sources: <https://developer.hashicorp.com/terraform/language/modules/configuration#source>.
pub(super) struct Modules;

/// Providers that are asked for without a version, where no lock file holds them.
pub(super) struct Providers;

/// What a module's `source` names.
enum Source<'t> {
    /// A folder of the repository.
    Local,
    /// A registry's module, which a `version` holds.
    Registry,
    /// A Git repository with its `ref`.
    Git(Option<&'t str>),
    /// An archive or a bucket.
    Other,
}

fn source(text: &str) -> Source<'_> {
    if text.starts_with("./") || text.starts_with("../") {
        return Source::Local;
    }
    let (address, query) = text.split_once('?').map_or((text, ""), |(address, query)| (address, query));
    let is_git = address.starts_with("git::")
        || address.starts_with("git@")
        || address.starts_with("github.com/")
        || address.starts_with("bitbucket.org/")
        || address.strip_suffix(".git").is_some();
    if is_git {
        return Source::Git(query.split('&').find_map(|pair| pair.strip_prefix("ref=")));
    }
    if address.contains("::") || address.contains("://") {
        return Source::Other;
    }
    let parts = address.split("//").next().unwrap_or(address).split('/').count();
    if matches!(parts, 3 | 4) { Source::Registry } else { Source::Other }
}

fn milder(view_reach: Reach, of: Severity) -> Severity {
    if view_reach == Reach::Rehearsal { Severity::Note } else { of }
}

impl Detector for Modules {
    fn name(&self) -> &'static str {
        "terraform-module"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        if memchr::memmem::find(view.bytes(), b"module").is_none() {
            return;
        }
        let Ok(body) = view.hcl() else { return };
        let branches: &[Text] = rule.rule.detect.words("branches");
        for block in body.get_blocks("module") {
            let Some(written) = HclText::attribute(&block.body, "source") else { continue };
            let what = match source(written.text) {
                Source::Registry if !block.body.has_attribute("version") => {
                    "the module has no version: the newest is taken".to_owned()
                }
                Source::Git(None) => "the module follows the default branch of a Git repository".to_owned(),
                Source::Git(Some(reference)) if is_branch(reference, branches) => {
                    format!("the module follows the branch {reference}")
                }
                _ => continue,
            };
            let mut raw = Raw::at(written.span.clone()).message(what);
            raw.severity = Some(milder(Reach::of(view.path(), view.target()), rule.rule.severity));
            emit.raw(raw);
        }
    }
}

impl Detector for Providers {
    fn name(&self) -> &'static str {
        "terraform-provider"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in repo.kept.iter().filter(|(path, _)| path.extension() == b"tf") {
            // A module's providers are held by the lock file of the root that uses it.
            if memchr::memmem::find(&kept.bytes, b"required_providers").is_none()
                || committed_upward(repo, path, &[".terraform.lock.hcl"]).is_some()
            {
                continue;
            }
            let Ok(body) = parse_hcl(&kept.bytes) else { continue };
            let severity = milder(Reach::of(path, kept.kind.target), rule.rule.severity);
            for (name, entry) in required_providers(&body) {
                let has_version =
                    entry.iter().any(|(key, _)| key.as_ident().is_some_and(|key| key.as_str() == "version"));
                let Some(span) = entry.span().filter(|_| !has_version) else { continue };
                let mut raw = Raw::at(span)
                    .path(path.clone())
                    .message(format!("the provider {name} has no version: the newest is taken"));
                raw.severity = Some(severity);
                emit.raw(raw);
            }
        }
    }
}

/// `terraform { required_providers { name = { … } } }`
fn required_providers(body: &HclBody) -> impl Iterator<Item = (&str, &Object)> {
    body.get_blocks("terraform")
        .flat_map(|block| block.body.get_blocks("required_providers"))
        .flat_map(|block| block.body.attributes())
        .filter_map(|attribute| Some((attribute.key.as_str(), attribute.value.as_object()?)))
}
