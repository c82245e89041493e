use crate::detect::deploy::reach::Reach;
use crate::model::{Language, RepoPath};
use crate::repo::manifest::resolve;
use crate::source::{
    FileView, PipelineKind, ShellCommand, ShellDialect, YamlNode, azure_pipeline, github_workflow,
    gitlab_pipeline, shell_commands, yaml_commands,
};

/// Where commands stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a Dockerfile: what they bring stays in the image.
    Image,
    /// In a pipeline.
    Pipeline,
    /// In a script.
    Script,
}

/// A file's commands.
pub(super) struct Commands {
    /// Where they stand.
    pub(super) place: Place,
    /// How far the file gets.
    pub(super) reach: Reach,
    /// Its texts.
    pub(super) texts: Vec<Text>,
}

/// What belongs together: `inside` counts from its beginning.
pub(super) struct Text {
    /// The commands.
    pub(super) commands: Vec<ShellCommand>,
    /// The folder of the repository that they begin in, of an image the one it is built from. `None` if nobody can
    /// say.
    pub(super) folder: Option<RepoPath>,
}

impl Commands {
    /// All commands, with the folder each begins in.
    pub(super) fn each(&self) -> impl Iterator<Item = (&ShellCommand, Option<&RepoPath>)> {
        self.texts.iter().flat_map(|text| {
            let folder = text.settled();
            text.commands.iter().map(move |command| (command, folder))
        })
    }

    /// Whether what the commands bring ships: it stays in an image, or a pipeline is named after releases.
    pub(super) fn ships(&self) -> bool {
        match self.place {
            Place::Image => self.reach != Reach::Rehearsal,
            Place::Pipeline | Place::Script => self.reach == Reach::Production,
        }
    }
}

impl Text {
    /// The folder, if no command leaves it.
    pub(super) fn settled(&self) -> Option<&RepoPath> {
        let leaves = |command: &ShellCommand| matches!(command.program(), Some("cd" | "pushd"));
        self.folder.as_ref().filter(|_| !self.commands.iter().any(leaves))
    }
}

/// Whether a kept file may hold commands: asked before its text is searched, since much that is kept is code.
pub(super) fn may_hold_commands(path: &RepoPath, language: Language) -> bool {
    matches!(language, Language::Dockerfile | Language::Shell | Language::Make)
        || PipelineKind::of(path).is_some()
}

/// The commands of a Dockerfile, a pipeline or a script; of other files none.
pub(super) fn commands(view: &FileView) -> Option<Commands> {
    let reach = Reach::of(view.path(), view.target());
    if view.language() == Language::Dockerfile {
        let file = view.dockerfile();
        let runs = file.instructions.iter().filter(|instruction| instruction.keyword == "RUN");
        let folder = view.path().parent();
        let text = |commands| Text { commands, folder: Some(folder.clone()) };
        let texts = runs.map(|run| text(run.commands(view.bytes(), file.escape))).collect();
        return Some(Commands { place: Place::Image, reach, texts });
    }
    if matches!(view.language(), Language::Shell | Language::Make) {
        let commands = shell_commands(view.bytes(), 0..view.bytes().len(), ShellDialect::Script);
        return Some(Commands { place: Place::Script, reach, texts: vec![Text { commands, folder: None }] });
    }
    let kind = PipelineKind::of(view.path())?;
    let documents = view.yaml().ok()?;
    // An action runs where it is called from.
    let root = (view.path().name() != b"action.yml" && view.path().name() != b"action.yaml")
        .then(|| RepoPath::new(""));
    let scripts: Vec<(YamlNode, Option<RepoPath>)> = match kind {
        PipelineKind::Github => {
            let workflow = github_workflow(documents);
            let steps = workflow.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step)));
            steps
                .filter_map(|(job, step)| {
                    Some((step.run?, folder_at(root.as_ref(), job.working_directory(step))))
                })
                .collect()
        }
        PipelineKind::Gitlab => {
            gitlab_pipeline(documents).scripts.into_iter().map(|script| (script, root.clone())).collect()
        }
        PipelineKind::Azure => {
            let folder = |script: YamlNode| {
                let written = script.parent().and_then(|step| step.get("workingDirectory"));
                folder_at(root.as_ref(), written)
            };
            azure_pipeline(documents).scripts.into_iter().map(|script| (script, folder(script))).collect()
        }
        PipelineKind::PreCommit | PipelineKind::Compose => return None,
    };
    let texts = scripts
        .into_iter()
        .map(|(script, folder)| Text { commands: yaml_commands(script, view.bytes()), folder })
        .collect();
    Some(Commands { place: Place::Pipeline, reach: Reach::of_pipeline(view.path()), texts })
}

/// The folder that a step names, if it names one.
fn folder_at(root: Option<&RepoPath>, written: Option<YamlNode>) -> Option<RepoPath> {
    match written {
        None => root.cloned(),
        Some(node) => resolve(root?, node.as_str().filter(|text| !text.contains('$'))?),
    }
}
