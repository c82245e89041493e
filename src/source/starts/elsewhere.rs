//! Start commands in files that are about something else: pipelines that tell a platform what to start, Makefiles,
//! infrastructure.

use super::super::{
    FileView, JsonNode, PipelineKind, ShellCommand, ShellDialect, ShellWord, YamlNode, azure_pipeline,
    github_workflow, gitlab_pipeline, shell_commands, yaml_commands,
};
use super::places::{each, inside, opened};
use super::{StartCommand, StartPlace};

/// Flags of `az webapp` that take a start command.
const STARTUP_FLAGS: &[&str] = &["--startup-file"];

/// What a pipeline tells App Service to start: `az webapp config set --startup-file "…"`, and inputs of its actions and
/// tasks (<https://learn.microsoft.com/azure/app-service/configure-language-python#customize-startup-command>).
pub(super) fn of_pipeline(view: &FileView, kind: PipelineKind) -> Vec<StartCommand> {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    if !(has(b"--startup-file")
        || has(b"startup-command:")
        || has(b"tartupCommand:")
        || has(b"tartUpCommand:"))
    {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let (mut scripts, mut inputs): (Vec<YamlNode>, Vec<YamlNode>) = (Vec::new(), Vec::new());
    match kind {
        PipelineKind::Github => {
            for step in github_workflow(documents).jobs.into_iter().flat_map(|job| job.steps) {
                scripts.extend(step.run);
                inputs.extend(step.with.and_then(|with| with.lookup("startup-command")));
            }
        }
        PipelineKind::Gitlab => scripts = gitlab_pipeline(documents).scripts,
        PipelineKind::Azure => {
            scripts = azure_pipeline(documents).scripts;
            for root in documents.roots() {
                inputs.extend(startup_inputs(root));
            }
        }
        PipelineKind::PreCommit | PipelineKind::Compose => {}
    }
    let mut found = Vec::new();
    for command in scripts.into_iter().flat_map(|script| yaml_commands(script, view.bytes())) {
        let words = command.essence();
        let is_app = words.first().is_some_and(|word| word.text == "az")
            && words.get(1).is_some_and(|word| word.text == "webapp");
        let flag = words.iter().position(|word| STARTUP_FLAGS.contains(&&*word.text));
        if let Some(value) = flag.filter(|_| is_app).and_then(|at| words.get(at + 1)) {
            found.extend(of_word(view, StartPlace::Pipeline, value));
        }
    }
    for node in inputs {
        let commands = opened(yaml_commands(node, view.bytes()), view.bytes());
        found.extend(commands.iter().filter_map(|c| StartCommand::new(StartPlace::Pipeline, "", c)));
    }
    found
}

/// The inputs of tasks that name a start command, wherever a stage or a job keeps its steps.
fn startup_inputs<'d, 'a>(root: YamlNode<'d, 'a>) -> Vec<YamlNode<'d, 'a>> {
    let mut found = Vec::new();
    let mut left = vec![root];
    while let Some(node) = left.pop().filter(|_| left.len() < 100_000) {
        for (key, value) in node.members().filter(|(_, value)| !value.is_alias()) {
            match key.as_str() {
                Some("startUpCommand" | "StartupCommand" | "startupCommand" | "StartUpCommand") => {
                    found.push(value);
                }
                _ => left.push(value),
            }
        }
        left.extend(node.elements().filter(|node| !node.is_alias()));
    }
    found.retain(|node| node.as_str().is_some());
    found
}

/// The commands in a word of a command; of a file's name none.
fn of_word(view: &FileView, place: StartPlace, word: &ShellWord) -> Vec<StartCommand> {
    if !word.text.contains(' ') {
        return Vec::new();
    }
    let range = inside(&word.span, view.bytes());
    if view.bytes().get(range.clone()) == Some(word.text.as_bytes()) {
        return each(view, place, "", range);
    }
    let commands = shell_commands(word.text.as_bytes(), 0..word.text.len(), ShellDialect::Script);
    let commands = commands.into_iter().map(|mut command| {
        command.span = word.span.clone();
        let words = command.words.iter_mut().chain(&mut command.assignments);
        words.for_each(|inner| inner.span = word.span.clone());
        command
    });
    commands.filter_map(|command| StartCommand::new(place, "", &command)).collect()
}

/// The recipes of a Makefile's rules whose names say that they are production's.
pub(super) fn of_makefile(view: &FileView) -> Vec<StartCommand> {
    let mut found = Vec::new();
    let mut target = String::new();
    let mut start = 0;
    for line in view.bytes().split_inclusive(|&b| b == b'\n') {
        let at = start;
        start += line.len();
        if line.starts_with(b"\t") {
            let marks = line.iter().take_while(|b| b"\t @-+".contains(b)).count();
            if !target.is_empty() {
                found.extend(each(view, StartPlace::Make, &target, at + marks..at + line.len()));
            }
            continue;
        }
        if line.trim_ascii().is_empty() || line.starts_with(b"#") {
            continue;
        }
        let name = line.iter().position(|&b| b == b':').map_or(&b""[..], |colon| &line[..colon]);
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
        let is_production = !line.starts_with(b" ")
            && name.iter().all(is_name)
            && name.split(|b| !b.is_ascii_alphanumeric()).any(|word| matches!(word, b"prod" | b"production"));
        target = if is_production { String::from_utf8_lossy(name).into_owned() } else { String::new() };
    }
    found
}

/// What App Service is told to start, in Terraform, Bicep or a template: `app_command_line = "…"`, `appCommandLine: '…'`.
pub(super) fn of_app_service(view: &FileView) -> Vec<StartCommand> {
    let bytes = view.bytes();
    let mut found = Vec::new();
    for key in [&b"app_command_line"[..], b"appCommandLine"] {
        for at in memchr::memmem::find_iter(bytes, key) {
            let line = view.line_near(at, 4_000);
            let rest = at + key.len()..line.end;
            let text = &bytes[rest.clone()];
            let skipped = text.iter().take_while(|b| b"\"' \t=:".contains(b)).count();
            let quote = skipped.checked_sub(1).map(|last| text[last]).filter(|b| b"\"'".contains(b));
            // A name that is quoted, and nothing behind it.
            let is_given = text[..skipped].iter().any(|b| b"=:".contains(b));
            let Some(quote) = quote.filter(|_| is_given) else { continue };
            let Some(len) = text[skipped..].iter().position(|b| *b == quote) else { continue };
            let from = rest.start + skipped;
            found.extend(each(view, StartPlace::Platform, "", from..from + len));
        }
    }
    found
}

/// `entryPoint` and `command` of the containers of a task definition.
pub(super) fn of_task(view: &FileView) -> Vec<StartCommand> {
    if memchr::memmem::find(view.bytes(), b"containerDefinitions").is_none() {
        return Vec::new();
    }
    let Ok(document) = view.json() else { return Vec::new() };
    let Some(root) = &document.root else { return Vec::new() };
    let list = root.get("taskDefinition").unwrap_or(root).get("containerDefinitions");
    let mut found = Vec::new();
    for container in list.map_or(&[][..], |list| list.elements()) {
        let name = container.get("name").and_then(JsonNode::as_str).unwrap_or_default();
        let parts = ["entryPoint", "command"].iter().filter_map(|key| container.get(key));
        let words: Vec<ShellWord> = parts
            .flat_map(JsonNode::elements)
            .filter_map(|node| {
                let text = node.as_str()?.to_owned();
                Some(ShellWord { text, span: node.span.clone(), is_literal: true })
            })
            .collect();
        let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
        let span = first.span.start..last.span.end;
        let command = ShellCommand { assignments: Vec::new(), span, is_piped: false, inside: None, words };
        let commands = opened(vec![command], view.bytes());
        found.extend(commands.iter().filter_map(|c| StartCommand::new(StartPlace::Pod, name, c)));
    }
    found
}
