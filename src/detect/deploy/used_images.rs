use std::ops::Range;

use memchr::memmem;

use super::reach::Reach;
use crate::model::Language;
use crate::source::{
    DockerBase, DockerStage, FileView, GithubUse, KubernetesObject, PipelineKind, YamlNode, azure_pipeline,
    compose_image, compose_services, github_workflow, gitlab_pipeline, kubernetes_objects,
};

/// An image that a file names.
pub(in crate::detect) struct UsedImage {
    /// Its name, with the defaults of variables.
    pub(in crate::detect) name: String,
    /// Where it is written.
    pub(in crate::detect) span: Range<usize>,
    /// Whether a variable has a part in it, so that somebody may ask for another one.
    pub(in crate::detect) by_variable: bool,
    /// What it is used for.
    pub(in crate::detect) role: Role,
    /// Whether a stage takes it that is called after development or tests.
    pub(in crate::detect) for_rehearsal: bool,
}

/// What an image is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Role {
    /// What is built goes into it, or takes from it.
    Base,
    /// A container of Kubernetes.
    Pod,
    /// A service of Compose, which mostly serves development.
    Service,
    /// A pipeline runs in it.
    Job,
    /// It runs beside a pipeline's tests.
    Beside,
}

/// All images that a file names, and how far it gets.
pub(in crate::detect) fn used_images(view: &FileView) -> (Vec<UsedImage>, Reach) {
    let reach = Reach::of(view.path(), view.target());
    if view.language() == Language::Dockerfile {
        return (of_dockerfile(view), reach);
    }
    match PipelineKind::of(view.path()) {
        Some(PipelineKind::Compose) => (of_compose(view), reach),
        Some(PipelineKind::PreCommit) => (Vec::new(), reach),
        Some(kind) => (of_pipeline(view, kind), Reach::of_pipeline(view.path())),
        None => (of_kubernetes(view), reach),
    }
}

fn of_dockerfile(view: &FileView) -> Vec<UsedImage> {
    let file = view.dockerfile();
    let stages = file.stages();
    let for_rehearsal = |stage: &DockerStage| stage.name.is_some_and(|name| Reach::is_rehearsal(&name.text));
    let mut bases: Vec<(DockerBase, bool)> =
        stages.iter().map(|stage| (stage.base.clone(), for_rehearsal(stage))).collect();
    for (nth, stage) in stages.iter().enumerate() {
        for instruction in &file.instructions[stage.instructions.clone()] {
            let Some(from) = instruction.flag("from").filter(|_| instruction.keyword == "COPY") else {
                continue;
            };
            // A number is a stage; what else is no image may be a context that the build is given.
            if from.text.contains(['/', ':']) {
                bases.push((file.base(from, &stages[..nth]), for_rehearsal(stage)));
            }
        }
    }
    let image = |(base, for_rehearsal)| match base {
        DockerBase::Image { word, name, by_variable } => {
            Some(UsedImage { name, span: word.span.clone(), by_variable, role: Role::Base, for_rehearsal })
        }
        _ => None,
    };
    bases.into_iter().filter_map(image).collect()
}

fn of_compose(view: &FileView) -> Vec<UsedImage> {
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let services = compose_services(documents);
    let built: Vec<&str> = services
        .iter()
        .filter(|service| service.build.is_some())
        .filter_map(|service| service.image.and_then(YamlNode::as_str))
        .collect();
    let mut found = Vec::new();
    for service in &services {
        let Some(node) = service.image.filter(|_| service.build.is_none()) else { continue };
        let Some(text) = node.as_str().filter(|text| !built.contains(text)) else { continue };
        if let Some((name, by_variable)) = compose_image(text) {
            found.push(UsedImage { name, by_variable, ..at(node, Role::Service) });
        }
    }
    found
}

fn of_kubernetes(view: &FileView) -> Vec<UsedImage> {
    let has = |what: &[u8]| memmem::find(view.bytes(), what).is_some();
    if !has(b"image:") || !has(b"apiVersion:") {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let objects = kubernetes_objects(documents);
    let containers = objects.iter().flat_map(KubernetesObject::containers);
    containers.filter_map(|container| written(container.image?, Role::Pod)).collect()
}

fn of_pipeline(view: &FileView, kind: PipelineKind) -> Vec<UsedImage> {
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let mut found = Vec::new();
    match kind {
        PipelineKind::Github => {
            for job in github_workflow(documents).jobs {
                found.extend(job.container.and_then(|node| written(node, Role::Job)));
                found.extend(job.services.iter().filter_map(|&node| written(node, Role::Beside)));
                for node in job.steps.iter().filter_map(|step| step.uses) {
                    if let Some(GithubUse::Image(name)) = node.as_str().map(GithubUse::parse) {
                        found.push(UsedImage { name: name.to_owned(), ..at(node, Role::Job) });
                    }
                }
            }
        }
        PipelineKind::Gitlab => {
            let pipeline = gitlab_pipeline(documents);
            found.extend(pipeline.images.iter().filter_map(|&node| written(node, Role::Job)));
            found.extend(pipeline.services.iter().filter_map(|&node| written(node, Role::Beside)));
        }
        PipelineKind::Azure => {
            let images = azure_pipeline(documents).images;
            found.extend(images.iter().filter_map(|&node| written(node, Role::Job)));
        }
        PipelineKind::PreCommit | PipelineKind::Compose => {}
    }
    found
}

fn at(node: YamlNode, role: Role) -> UsedImage {
    UsedImage {
        name: String::new(),
        span: node.resolved().span(),
        by_variable: false,
        role,
        for_rehearsal: false,
    }
}

fn written(node: YamlNode, role: Role) -> Option<UsedImage> {
    let name = node.as_str()?;
    Some(UsedImage { name: name.trim_start_matches("docker://").to_owned(), ..at(node, role) })
}
