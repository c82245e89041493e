use std::ops::Range;

use super::super::{
    DockerBase, DockerInstruction, FileView, PipelineKind, ShellCommand, ShellDialect, ShellWord, YamlNode,
    compose_services, kubernetes_objects, parse_ini, shell_commands, yaml_commands,
};
use super::{StartCommand, StartPlace, elsewhere};
use crate::model::Language;

/// Names of scripts that start what an image or a machine runs, without extension.
const START_SCRIPTS: &[&[u8]] = &[
    b"start",
    b"startup",
    b"entrypoint",
    b"docker-entrypoint",
    b"docker_entrypoint",
    b"run",
    b"serve",
    b"boot",
    b"gunicorn",
    b"start-server",
    b"start_server",
    b"run-server",
    b"run_server",
];

/// The start commands of a file; of most files none.
pub fn start_commands(view: &FileView) -> Vec<StartCommand> {
    let name = view.path().name();
    match view.language() {
        Language::Dockerfile => return of_dockerfile(view),
        Language::Shell => {
            let stem = name.strip_suffix(b".sh").unwrap_or(name).to_ascii_lowercase();
            if START_SCRIPTS.contains(&&*stem) {
                return each(view, StartPlace::Script, "", 0..view.bytes().len());
            }
            return Vec::new();
        }
        Language::Yaml => return of_yaml(view),
        Language::Make => return elsewhere::of_makefile(view),
        Language::Hcl => return elsewhere::of_app_service(view),
        _ => {}
    }
    if name == b"Procfile" || name.starts_with(b"Procfile.") {
        return of_procfile(view);
    }
    if name == b".replit" {
        return of_replit(view);
    }
    if name == b"package.json" {
        return of_package(view);
    }
    match view.path().extension() {
        b"service" => return of_unit(view),
        b"bicep" => return elsewhere::of_app_service(view),
        b"json" => {
            let mut found = elsewhere::of_task(view);
            found.extend(elsewhere::of_app_service(view));
            return found;
        }
        _ => {}
    }
    Vec::new()
}

/// All commands of a stretch of a file that is shell text.
pub(super) fn each(view: &FileView, place: StartPlace, name: &str, range: Range<usize>) -> Vec<StartCommand> {
    let commands = shell_commands(view.bytes(), range, ShellDialect::Script);
    opened(commands, view.bytes())
        .iter()
        .filter_map(|command| StartCommand::new(place, name, command))
        .collect()
}

/// The commands, of a shell that is given a text (`sh -c "…"`) those in it.
pub(super) fn opened(commands: Vec<ShellCommand>, bytes: &[u8]) -> Vec<ShellCommand> {
    let mut found = Vec::new();
    for command in commands {
        let essence = command.essence();
        let is_shell = matches!(command.program(), Some("sh" | "bash" | "ash" | "dash" | "zsh"));
        let text = essence.iter().skip(1).find(|word| !word.text.starts_with('-')).filter(|_| {
            is_shell && essence.iter().any(|word| word.text.starts_with('-') && word.text.ends_with('c'))
        });
        let Some(text) = text else {
            found.push(command);
            continue;
        };
        let inner = inside(&text.span, bytes);
        // Where quotes were taken out of it, its bytes are not those of the file.
        if bytes.get(inner.clone()) == Some(text.text.as_bytes()) {
            found.extend(shell_commands(bytes, inner, ShellDialect::Script));
        } else {
            let mut commands = shell_commands(text.text.as_bytes(), 0..text.text.len(), ShellDialect::Script);
            for command in &mut commands {
                command.span = text.span.clone();
                let words = command.words.iter_mut().chain(&mut command.assignments);
                words.for_each(|word| word.span = text.span.clone());
            }
            found.extend(commands);
        }
    }
    found
}

/// A word's bytes without its quotes.
pub(super) fn inside(span: &Range<usize>, bytes: &[u8]) -> Range<usize> {
    let is_quoted = bytes.get(span.start).is_some_and(|b| matches!(b, b'"' | b'\'')) && span.len() >= 2;
    if is_quoted { span.start + 1..span.end - 1 } else { span.clone() }
}

/// What runs in the image: the last `ENTRYPOINT` and `CMD` that the last stage has, its own or those of the stages
/// that it builds on.
fn of_dockerfile(view: &FileView) -> Vec<StartCommand> {
    let file = view.dockerfile();
    let stages = file.stages();
    let Some(mut stage) = stages.last() else { return Vec::new() };
    let name = stage.name.map_or("", |name| &*name.text);
    let (mut entry, mut cmd): (Option<&DockerInstruction>, Option<&DockerInstruction>) = (None, None);
    loop {
        let own = &file.instructions[stage.instructions.clone()];
        let last = |keyword: &str| own.iter().rev().find(|i| i.keyword == keyword && !i.is_onbuild);
        let inherited = entry.is_some();
        entry = entry.or_else(|| last("ENTRYPOINT"));
        // An `ENTRYPOINT` above drops the `CMD` of what is below.
        if !inherited {
            cmd = cmd.or_else(|| last("CMD"));
        }
        match stage.base {
            DockerBase::Stage(at) if at < stages.len() => stage = &stages[at],
            _ => break,
        }
    }
    let mut words: Vec<ShellWord> = Vec::new();
    let mut found = Vec::new();
    for instruction in [entry, cmd].into_iter().flatten() {
        let commands = instruction.commands(view.bytes(), file.escape);
        if !instruction.is_json {
            found.extend(commands);
            // What is behind an entry point in the shell's form is not read.
            break;
        }
        words.extend(commands.into_iter().flat_map(|command| command.words));
    }
    if let (Some(first), Some(last)) = (words.first(), words.last()) {
        let span = first.span.start..last.span.end;
        found.insert(0, ShellCommand { assignments: Vec::new(), span, is_piped: false, inside: None, words });
    }
    let found = opened(found, view.bytes());
    found.iter().filter_map(|command| StartCommand::new(StartPlace::Image, name, command)).collect()
}

fn of_yaml(view: &FileView) -> Vec<StartCommand> {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    let kind = PipelineKind::of(view.path());
    if let Some(kind) = kind.filter(|kind| *kind != PipelineKind::Compose) {
        return elsewhere::of_pipeline(view, kind);
    }
    let is_platform = matches!(view.path().name(), b"render.yaml" | b"app.yaml" | b"app.yml");
    let is_manifest = kind.is_none() && has(b"apiVersion:") && (has(b"command:") || has(b"args:"));
    if !(is_manifest || is_platform || kind == Some(PipelineKind::Compose)) {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let mut found = Vec::new();
    if is_platform {
        for root in documents.roots() {
            let services = root.get("services").into_iter().flat_map(YamlNode::elements);
            for service in services.chain([root]) {
                let command = service.get("startCommand").or_else(|| service.get("entrypoint"));
                found.extend(of_nodes(view, StartPlace::Platform, "web", None, command));
            }
        }
        return found;
    }
    if is_manifest {
        for object in kubernetes_objects(documents) {
            let name = object.name.and_then(YamlNode::as_str).unwrap_or_default();
            for container in object.containers().iter().filter(|container| !container.is_init) {
                let of = |key| container.node.lookup(key);
                found.extend(of_nodes(view, StartPlace::Pod, name, of("command"), of("args")));
            }
        }
        return found;
    }
    for service in compose_services(documents) {
        let name = service.name.as_str().unwrap_or_default();
        let of = |key| service.node.lookup(key);
        found.extend(of_nodes(view, StartPlace::Service, name, of("entrypoint"), of("command")));
    }
    found
}

/// The commands of an entry point and its arguments, each a list of words or a text.
fn of_nodes(
    view: &FileView,
    place: StartPlace,
    name: &str,
    entry: Option<YamlNode>,
    arguments: Option<YamlNode>,
) -> Vec<StartCommand> {
    let mut words: Vec<ShellWord> = Vec::new();
    let mut found = Vec::new();
    for node in [entry, arguments].into_iter().flatten() {
        if node.as_str().is_some() {
            found.extend(yaml_commands(node, view.bytes()));
            continue;
        }
        words.extend(node.elements().take(1_000).filter_map(|element| {
            let text = element.as_str()?;
            Some(ShellWord { text: text.to_owned(), span: element.resolved().span(), is_literal: true })
        }));
    }
    if let (Some(first), Some(last)) = (words.first(), words.last()) {
        let span = first.span.start.min(last.span.start)..last.span.end.max(first.span.end);
        found.insert(0, ShellCommand { assignments: Vec::new(), span, is_piped: false, inside: None, words });
    }
    let found = opened(found, view.bytes());
    found.iter().filter_map(|command| StartCommand::new(place, name, command)).collect()
}

/// `web: command`, one a line (<https://devcenter.heroku.com/articles/procfile>).
fn of_procfile(view: &FileView) -> Vec<StartCommand> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in view.bytes().split_inclusive(|&b| b == b'\n') {
        let at = start;
        start += line.len();
        let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if colon == 0 || !line[..colon].iter().all(is_name) {
            continue;
        }
        let name = String::from_utf8_lossy(&line[..colon]).into_owned();
        found.extend(each(view, StartPlace::Platform, &name, at + colon + 1..at + line.len()));
    }
    found
}

/// `run` of `.replit` and of its table `deployment` (<https://docs.replit.com/replit-app/configuration>). What the table
/// says is what users get.
fn of_replit(view: &FileView) -> Vec<StartCommand> {
    let Ok(document) = view.toml() else { return Vec::new() };
    let deployment = document.get("deployment").and_then(|item| item.get("run"));
    let mut found = Vec::new();
    for (name, item) in [("run", document.get("run")), ("deployment", deployment)] {
        let Some(item) = item else { continue };
        let literal = |value: &toml_edit::Value| {
            let span = value.span()?;
            Some(ShellWord { text: value.as_str()?.to_owned(), span, is_literal: true })
        };
        let commands = if let Some(list) = item.as_array() {
            let words: Vec<ShellWord> = list.iter().filter_map(literal).collect();
            let Some(span) = item.span() else { continue };
            vec![ShellCommand { assignments: Vec::new(), span, is_piped: false, inside: None, words }]
        } else if let Some(word) = item.as_value().and_then(literal) {
            shell_commands(view.bytes(), inside(&word.span, view.bytes()), ShellDialect::Script)
        } else {
            continue;
        };
        let commands = opened(commands, view.bytes());
        found.extend(commands.iter().filter_map(|c| StartCommand::new(StartPlace::Platform, name, c)));
    }
    found
}

/// The scripts of a `package.json` that start what ships.
fn of_package(view: &FileView) -> Vec<StartCommand> {
    let Ok(document) = view.json() else { return Vec::new() };
    let scripts = document.root.as_ref().and_then(|root| root.get("scripts"));
    let mut found = Vec::new();
    for member in scripts.map_or(&[][..], |scripts| scripts.members()) {
        if matches!(&*member.key, "start" | "start:prod" | "start:production" | "serve:prod" | "prod") {
            found.extend(each(
                view,
                StartPlace::Package,
                &member.key,
                inside(&member.node.span, view.bytes()),
            ));
        }
    }
    found
}

/// `ExecStart=` of a unit (<https://www.freedesktop.org/software/systemd/man/systemd.service.html>).
fn of_unit(view: &FileView) -> Vec<StartCommand> {
    let Ok(text) = std::str::from_utf8(view.bytes()) else { return Vec::new() };
    let starts = parse_ini(text).into_iter().filter(|entry| entry.key == "ExecStart");
    let mut found = Vec::new();
    for (line, span) in starts.filter_map(|entry| entry.lines.into_iter().next()) {
        // Marks in front say how the program is run: `-`, `@`, `+`, `!`.
        let marks = line.len() - line.trim_start_matches(['-', '@', '+', '!', ':']).len();
        found.extend(each(view, StartPlace::Unit, "", span.start + marks..span.end));
    }
    found
}
