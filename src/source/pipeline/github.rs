use super::super::{YamlDocuments, YamlNode};

/// A workflow (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>), or an action
/// of the repository's own.
#[derive(Debug, Clone, Default)]
pub struct GithubWorkflow<'d, 'a> {
    /// Its jobs. An action is one without a name.
    pub jobs: Vec<GithubJob<'d, 'a>>,
}

/// A job.
#[derive(Debug, Clone)]
pub struct GithubJob<'d, 'a> {
    /// Its name.
    pub name: Option<YamlNode<'d, 'a>>,
    /// What it says.
    pub node: YamlNode<'d, 'a>,
    /// The workflow it calls.
    pub uses: Option<YamlNode<'d, 'a>>,
    /// The image it runs in.
    pub container: Option<YamlNode<'d, 'a>>,
    /// The images that run beside it.
    pub services: Vec<YamlNode<'d, 'a>>,
    /// Its steps.
    pub steps: Vec<GithubStep<'d, 'a>>,
}

/// A step.
#[derive(Debug, Clone, Copy)]
pub struct GithubStep<'d, 'a> {
    /// What it says.
    pub node: YamlNode<'d, 'a>,
    /// The action it uses.
    pub uses: Option<YamlNode<'d, 'a>>,
    /// The commands it runs.
    pub run: Option<YamlNode<'d, 'a>>,
    /// What the action is given.
    pub with: Option<YamlNode<'d, 'a>>,
}

/// What a `uses` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GithubUse<'t> {
    /// Something in the repository itself: `./…`.
    Local,
    /// An image: `docker://…`.
    Image(&'t str),
    /// An action or a workflow of a repository.
    Repository {
        /// `owner/name`.
        name: &'t str,
        /// The rest of the path.
        path: &'t str,
        /// What stands behind `@`.
        reference: Option<&'t str>,
    },
}

impl<'d, 'a> GithubJob<'d, 'a> {
    /// The folder that a step's commands begin in, where the step, its job or the workflow names one.
    pub fn working_directory(&self, step: &GithubStep<'d, 'a>) -> Option<YamlNode<'d, 'a>> {
        let default = |node: YamlNode<'d, 'a>| node.get("defaults")?.get("run")?.get("working-directory");
        let workflow = || default(self.node.parent()?.parent()?);
        step.node.lookup("working-directory").or_else(|| default(self.node)).or_else(workflow)
    }
}

impl<'t> GithubUse<'t> {
    /// Reads a `uses`.
    pub fn parse(text: &'t str) -> Self {
        let text = text.trim();
        if text.starts_with("./") || text.starts_with("../") {
            return Self::Local;
        }
        if let Some(image) = text.strip_prefix("docker://") {
            return Self::Image(image);
        }
        let (path, reference) = match text.split_once('@') {
            Some((path, reference)) => (path, Some(reference)),
            None => (text, None),
        };
        let name_end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
        Self::Repository {
            name: &path[..name_end],
            path: path[name_end..].trim_start_matches('/'),
            reference,
        }
    }
}

/// Reads a workflow or an action.
pub fn github_workflow<'d, 'a>(documents: &'d YamlDocuments<'a>) -> GithubWorkflow<'d, 'a> {
    let mut workflow = GithubWorkflow::default();
    for root in documents.roots() {
        if let Some(jobs) = root.get("jobs") {
            // What an alias stands for is looked at where it stands.
            let written = jobs.members().filter(|(_, node)| !node.is_alias());
            workflow.jobs.extend(written.map(|(name, node)| job(Some(name), node)));
        }
        if let Some(runs) = root.get("runs") {
            let mut action = job(None, runs);
            action.container = action.container.or(runs.get("image"));
            workflow.jobs.push(action);
        }
    }
    workflow
}

fn job<'d, 'a>(name: Option<YamlNode<'d, 'a>>, node: YamlNode<'d, 'a>) -> GithubJob<'d, 'a> {
    let text = |node: Option<YamlNode<'d, 'a>>| node.filter(|node| node.as_str().is_some());
    let image = |node: YamlNode<'d, 'a>| text(node.get("image")).or_else(|| text(Some(node)));
    let written = |key: &str| node.get(key).filter(|value| !value.is_alias());
    let services = written("services").into_iter().flat_map(YamlNode::members);
    let steps = written("steps").into_iter().flat_map(YamlNode::elements);
    GithubJob {
        name,
        node,
        uses: text(node.get("uses")),
        container: node.get("container").and_then(image),
        services: services.filter_map(|(_, service)| image(service)).collect(),
        steps: steps
            .map(|node| GithubStep {
                node,
                uses: text(node.lookup("uses")),
                run: text(node.lookup("run")),
                with: node.lookup("with"),
            })
            .collect(),
    }
}
