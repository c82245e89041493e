use super::super::{YamlDocuments, parse_yaml};
use super::*;

fn parsed(text: &str) -> YamlDocuments<'_> {
    parse_yaml(text.as_bytes()).expect("valid")
}

fn shown<'d>(nodes: impl IntoIterator<Item = YamlNode<'d, 'd>>) -> Vec<&'d str> {
    nodes.into_iter().filter_map(YamlNode::as_str).collect()
}

#[test]
fn paths_tell_what_a_file_is() {
    let check = |path: &str, expect| assert_eq!(PipelineKind::of(&path.into()), expect, "{path}");
    check(".github/workflows/ci.yml", Some(PipelineKind::Github));
    check("setup/action.yaml", Some(PipelineKind::Github));
    check(".gitlab-ci.yml", Some(PipelineKind::Gitlab));
    check("azure-pipelines.yml", Some(PipelineKind::Azure));
    check(".pre-commit-config.yaml", Some(PipelineKind::PreCommit));
    check("docker-compose.prod.yml", Some(PipelineKind::Compose));
    check("deploy/compose.yaml", Some(PipelineKind::Compose));
    check("k8s/web.yaml", None);
    check("composer.yml", None);
}

#[test]
fn services_are_found_through_merges() {
    let documents = parsed(
        "x-base: &base\n  image: a:1\nservices:\n  web:\n    <<: *base\n    build: .\n  db: {image: b}\n",
    );
    let services = compose_services(&documents);
    assert_eq!(shown(services.iter().map(|s| s.name)), ["web", "db"]);
    assert_eq!(shown(services.iter().filter_map(|s| s.image)), ["a:1", "b"]);
    assert!(services[0].build.is_some() && services[1].build.is_none());
    assert_eq!(compose_image("a:${TAG:-1.2}"), Some(("a:1.2".to_owned(), true)));
    assert_eq!(compose_image("a:1"), Some(("a:1".to_owned(), false)));
    assert_eq!(compose_image("a:${TAG}"), None);
}

#[test]
fn containers_are_found_in_every_kind() {
    let documents = parsed(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          initContainers: [{image: i}]\n          containers:\n          - name: c\n            image: a:1\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec: {containers: [{image: b}]}\n---\nimage: c\n",
    );
    let objects = kubernetes_objects(&documents);
    assert_eq!(objects.iter().map(|o| o.kind).collect::<Vec<_>>(), ["CronJob", "Pod"]);
    let containers: Vec<_> = objects.iter().flat_map(KubernetesObject::containers).collect();
    assert_eq!(shown(containers.iter().filter_map(|c| c.image)), ["i", "a:1", "b"]);
    assert!(containers[0].is_init && !containers[1].is_init);
}

#[test]
fn workflows_have_jobs_and_steps() {
    let text = "jobs:\n  a:\n    container: node:22\n    services: {db: {image: postgres}}\n    steps:\n    - uses: o/n/p@v1\n    - run: |\n        x\n        pip install  y\n  b: {uses: ./w.yml}\n";
    let documents = parsed(text);
    let workflow = github_workflow(&documents);
    assert_eq!(workflow.jobs.len(), 2);
    assert_eq!(shown(workflow.jobs[0].container), ["node:22"]);
    assert_eq!(shown(workflow.jobs[0].services.clone()), ["postgres"]);
    let steps = &workflow.jobs[0].steps;
    assert_eq!(
        steps[0].uses.and_then(YamlNode::as_str).map(GithubUse::parse),
        Some(GithubUse::Repository { name: "o/n", path: "p", reference: Some("v1") })
    );
    let commands = yaml_commands(steps[1].run.expect("has one"), text.as_bytes());
    assert_eq!(commands.iter().map(|c| &text[c.span.clone()]).collect::<Vec<_>>(), ["x", "pip install  y"]);
    assert_eq!(&text[commands[1].words[2].span.clone()], "y");
    assert_eq!(
        workflow.jobs[1].uses.and_then(YamlNode::as_str).map(GithubUse::parse),
        Some(GithubUse::Local)
    );
    assert_eq!(GithubUse::parse("docker://a:1"), GithubUse::Image("a:1"));
}

#[test]
fn other_pipelines_have_their_parts() {
    let documents = parsed(
        "include:\n- remote: https://example.org/a.yml\n- project: g/p\n  ref: main\n- local: x.yml\nimage: a\njob:\n  image: {name: b}\n  services: [c, {name: d}]\n  script:\n  - x\n  - [y, z]\n",
    );
    let pipeline = gitlab_pipeline(&documents);
    assert_eq!(pipeline.includes.len(), 2);
    assert_eq!(shown(pipeline.images), ["a", "b"]);
    assert_eq!(shown(pipeline.services), ["c", "d"]);
    assert_eq!(shown(pipeline.scripts), ["x", "y", "z"]);

    let documents = parsed(
        "resources:\n  repositories:\n  - repository: t\n    name: g/p\n  containers:\n  - container: c\n    image: a\nstages:\n- jobs:\n  - steps:\n    - script: x\n    - bash: y\n",
    );
    let pipeline = azure_pipeline(&documents);
    assert_eq!(pipeline.repositories.len(), 1);
    assert_eq!(shown(pipeline.images), ["a"]);
    assert_eq!(shown(pipeline.scripts).len(), 2);

    let documents = parsed("repos:\n- repo: https://example.org/h\n  rev: main\n- repo: local\n");
    let repos = pre_commit_repos(&documents);
    assert_eq!(shown(repos.iter().filter_map(|r| r.rev)), ["main"]);
    assert_eq!(repos.len(), 2);
}

/// `count` entries of `form`, in which `#` is a number.
fn many(form: &str, count: usize) -> String {
    (0..count).map(|at| form.replace('#', &at.to_string())).collect()
}

#[test]
fn aliases_multiply_nothing() {
    let steps = format!("jobs:\n  first: {{steps: &s [{}]}}\n", "{run: a}, ".repeat(5_000));
    let text = steps + &many("  a#: {steps: *s}\n", 5_000);
    let documents = parsed(&text);
    let workflow = github_workflow(&documents);
    assert_eq!(workflow.jobs.iter().map(|job| job.steps.len()).sum::<usize>(), 5_000);

    let text = format!(".s: &s [{}]\n", "a, ".repeat(5_000)) + &many("a#: {script: *s}\n", 5_000);
    let documents = parsed(&text);
    assert_eq!(gitlab_pipeline(&documents).scripts.len(), 5_000);

    let text =
        format!("apiVersion: v1\nkind: List\nfirst: {{containers: &c [{}]}}\n", "{image: a}, ".repeat(5_000))
            + &many("a#: {containers: *c}\n", 5_000);
    let documents = parsed(&text);
    let containers = kubernetes_objects(&documents).iter().flat_map(KubernetesObject::containers).count();
    assert_eq!(containers, 5_000);

    let text =
        format!("first: {{script: &s [{}]}}\n", "a, ".repeat(5_000)) + &many("a#: {script: *s}\n", 5_000);
    let documents = parsed(&text);
    assert_eq!(azure_pipeline(&documents).scripts.len(), 5_000);
}
