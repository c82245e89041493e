use crate::detect::deploy::reach::Reach;
use crate::model::Language;
use crate::source::{
    FileView, PipelineKind, ShellCommand, ShellDialect, azure_pipeline, github_workflow, gitlab_pipeline,
    shell_commands, yaml_commands,
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

/// A file's commands. What stands in one text belongs together: `inside` counts from its beginning.
pub(super) struct Commands {
    /// Where they stand.
    pub(super) place: Place,
    /// How far the file gets.
    pub(super) reach: Reach,
    /// Each text's commands.
    pub(super) texts: Vec<Vec<ShellCommand>>,
}

/// The commands of a Dockerfile, a pipeline or a script; of other files none.
pub(super) fn commands(view: &FileView) -> Option<Commands> {
    let reach = Reach::of(view.path(), view.target());
    if view.language() == Language::Dockerfile {
        let file = view.dockerfile();
        let runs = file.instructions.iter().filter(|instruction| instruction.keyword == "RUN");
        let texts = runs.map(|run| run.commands(view.bytes(), file.escape)).collect();
        return Some(Commands { place: Place::Image, reach, texts });
    }
    if matches!(view.language(), Language::Shell | Language::Make) {
        let texts = vec![shell_commands(view.bytes(), 0..view.bytes().len(), ShellDialect::Script)];
        return Some(Commands { place: Place::Script, reach, texts });
    }
    let kind = PipelineKind::of(view.path())?;
    let documents = view.yaml().ok()?;
    let scripts = match kind {
        PipelineKind::Github => {
            let workflow = github_workflow(documents);
            workflow.jobs.iter().flat_map(|job| job.steps.iter().filter_map(|step| step.run)).collect()
        }
        PipelineKind::Gitlab => gitlab_pipeline(documents).scripts,
        PipelineKind::Azure => azure_pipeline(documents).scripts,
        PipelineKind::PreCommit | PipelineKind::Compose => return None,
    };
    let texts = scripts.iter().map(|&script| yaml_commands(script, view.bytes())).collect();
    Some(Commands { place: Place::Pipeline, reach: Reach::of_pipeline(view.path()), texts })
}
