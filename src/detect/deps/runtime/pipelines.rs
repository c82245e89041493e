use super::places::{Language, Stated};
use super::version::Partial;
use crate::detect::deploy::used_images::{UsedImage, used_images};
use crate::repo::RepoView;
use crate::source::{
    FileView, GithubJob, GithubUse, ImageReference, PipelineKind, YamlNode, github_workflow,
};

/// The versions of one language that the pipelines of the repository run.
pub(super) struct Tested {
    pub(super) language: Language,
    pub(super) versions: Vec<Stated>,
    /// Whether there are others that nobody can read here: a variable, a file, `lts/*`.
    pub(super) has_others: bool,
}

/// The actions that install a language, and the setting with its version.
const SETUPS: &[(&str, &str, Language)] = &[
    ("actions/setup-python", "python-version", Language::Python),
    ("actions/setup-node", "node-version", Language::Node),
    ("actions/setup-go", "go-version", Language::Go),
    ("ruby/setup-ruby", "ruby-version", Language::Ruby),
];

/// What the pipelines of GitHub and GitLab test with.
pub(super) fn tested(repo: &RepoView) -> Vec<Tested> {
    let mut found: Vec<Tested> = SETUPS
        .iter()
        .map(|&(_, _, language)| Tested { language, versions: Vec::new(), has_others: false })
        .collect();
    for (path, kept) in &repo.kept {
        let view = FileView::new(path, &kept.bytes, kept.kind);
        match PipelineKind::of(path) {
            Some(PipelineKind::Github) => {
                let Ok(documents) = view.yaml() else { continue };
                for job in github_workflow(documents).jobs {
                    for tested in &mut found {
                        steps(&view, &job, tested);
                    }
                }
            }
            Some(PipelineKind::Gitlab | PipelineKind::Azure) => {}
            _ => continue,
        }
        for image in used_images(&view).0 {
            let Some((language, version)) = language_of_image(&image) else { continue };
            if let Some(tested) = found.iter_mut().find(|tested| tested.language == language) {
                tested.versions.push(Stated { language, version, path: path.clone(), span: image.span });
            }
        }
    }
    found.retain(|tested| !tested.versions.is_empty());
    found
}

/// The language of an official image, and the version that its tag begins with.
fn language_of_image(image: &UsedImage) -> Option<(Language, Partial)> {
    let reference = ImageReference::parse(&image.name)?;
    Some((Language::of_image(reference.official()?)?, Partial::parse(reference.tag?)?))
}

fn steps(view: &FileView, job: &GithubJob, tested: &mut Tested) {
    for step in &job.steps {
        let Some(GithubUse::Repository { name, .. }) =
            step.uses.and_then(YamlNode::as_str).map(GithubUse::parse)
        else {
            continue;
        };
        let Some((_, setting, _)) =
            SETUPS.iter().find(|(action, _, language)| *action == name && *language == tested.language)
        else {
            continue;
        };
        let values = step.with.and_then(|with| with.get(setting)).and_then(|node| values(job, node));
        let Some(values) = values else {
            tested.has_others = true;
            continue;
        };
        for node in values {
            let versions =
                node.as_str().unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
            for version in versions.map(Partial::parse) {
                match version {
                    Some(version) => tested.versions.push(Stated {
                        language: tested.language,
                        version,
                        path: view.path().clone(),
                        span: node.resolved().span(),
                    }),
                    None => tested.has_others = true,
                }
            }
        }
    }
}

/// The texts that a setting stands for: itself, or the list of the job's matrix that it names. `None` if nobody can
/// say.
fn values<'d, 'a>(job: &GithubJob<'d, 'a>, node: YamlNode<'d, 'a>) -> Option<Vec<YamlNode<'d, 'a>>> {
    let text = node.as_str()?;
    let Some((before, expression)) = text.split_once("${{") else { return Some(vec![node]) };
    let (expression, after) = expression.split_once("}}")?;
    let name = expression.trim().strip_prefix("matrix.")?;
    let matrix = job.node.get("strategy")?.get("matrix")?;
    if !before.is_empty() || !after.is_empty() || matrix.as_str().is_some() {
        return None;
    }
    let list = matrix.get(name);
    let included =
        matrix.get("include").into_iter().flat_map(YamlNode::elements).filter_map(|node| node.get(name));
    let values: Vec<YamlNode> = list.into_iter().flat_map(YamlNode::elements).chain(included).collect();
    (!values.is_empty() && values.iter().all(|value| value.as_str().is_some())).then_some(values)
}
