//! Dockerfiles, shell text, HCL, INI files, nginx, start commands, and the pipelines that YAML holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{RepoPath, Target};
use prodcheck::source::{
    FileKind, FileView, language_of, parse_nginx,
    GithubUse, ImageReference, KubernetesObject, ShellCommand, ShellDialect, azure_pipeline, compose_image,
    compose_services, github_workflow, gitlab_pipeline, kubernetes_objects, parse_dockerfile, parse_hcl, parse_ini, parse_yaml,
    pre_commit_repos, shell_commands, yaml_commands,
};

fn check(commands: &[ShellCommand], len: usize) {
    for command in commands {
        assert!(command.span.start <= command.span.end && command.span.end <= len);
        assert!(command.inside.is_none_or(|outer| outer < commands.len()));
        for word in command.assignments.iter().chain(&command.words) {
            assert!(word.span.start <= word.span.end && word.span.end <= len);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    for dialect in [ShellDialect::Script, ShellDialect::Dockerfile { escape: b'`' }] {
        check(&shell_commands(data, 0..data.len(), dialect), data.len());
    }
    let file = parse_dockerfile(data);
    let _ = file.stages();
    for instruction in &file.instructions {
        assert!(instruction.span.end <= data.len() && instruction.arguments.end <= data.len());
        check(&instruction.commands(data, file.escape), data.len());
        for variable in instruction.variables(data) {
            assert!(variable.name_span.end <= data.len());
            assert!(variable.value.is_none_or(|value| value.span.end <= data.len()));
        }
    }
    let _ = parse_hcl(data);
    for directive in parse_nginx(data) {
        assert!(directive.span.start <= directive.span.end && directive.span.end <= data.len());
    }
    for name in ["Procfile", ".replit", "package.json", "a.service", "start.sh", "Dockerfile", "compose.yaml", "k8s.yaml"] {
        let path = RepoPath::from(name);
        let kind = FileKind { language: language_of(&path, data), target: Target::Other };
        for start in FileView::new(&path, data, kind).starts() {
            assert!(start.span.end <= data.len() && !start.words.is_empty());
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        for (line, span) in parse_ini(text).into_iter().flat_map(|entry| entry.lines) {
            assert_eq!(&text[span], line);
        }
        let _ = (ImageReference::parse(text), GithubUse::parse(text), compose_image(text));
    }
    if let Ok(documents) = parse_yaml(data) {
        let _ = (compose_services(&documents), azure_pipeline(&documents), pre_commit_repos(&documents));
        let _: Vec<_> = kubernetes_objects(&documents).iter().map(KubernetesObject::containers).collect();
        let workflow = github_workflow(&documents);
        let runs = workflow.jobs.iter().flat_map(|job| job.steps.iter().filter_map(|step| step.run));
        for script in runs.chain(gitlab_pipeline(&documents).scripts) {
            check(&yaml_commands(script, data), data.len());
        }
    }
});
