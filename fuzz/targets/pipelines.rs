//! What YAML holds: services of Compose, objects of Kubernetes, pipelines of GitHub, GitLab and Azure, hooks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::{
    KubernetesObject, azure_pipeline, compose_services, github_workflow, gitlab_pipeline, kubernetes_objects, parse_yaml,
    pre_commit_repos, yaml_commands,
};

fuzz_target!(|data: &[u8]| {
    let Ok(documents) = parse_yaml(data) else { return };
    let _ = (compose_services(&documents), azure_pipeline(&documents), pre_commit_repos(&documents));
    let _: Vec<_> = kubernetes_objects(&documents).iter().map(KubernetesObject::containers).collect();
    let workflow = github_workflow(&documents);
    let runs = workflow.jobs.iter().flat_map(|job| job.steps.iter().filter_map(|step| step.run));
    for script in runs.chain(gitlab_pipeline(&documents).scripts) {
        for command in yaml_commands(script, data) {
            assert!(command.span.start <= command.span.end && command.span.end <= data.len());
        }
    }
});
