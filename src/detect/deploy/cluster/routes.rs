use super::at;
use super::copies::{code_of, is_for_show};
use crate::detect::{Emit, Prepared};
use crate::model::{Language, RepoPath};
use crate::repo::RepoView;
use crate::repo::deployment::Placed;
use crate::source::SettingValue;

/// The last parts of paths by which programs say that they work.
const HEALTH: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "health_check",
    "_health",
    "livez",
    "live",
    "liveness",
    "alive",
    "readyz",
    "ready",
    "readiness",
    "ping",
    "heartbeat",
];

/// A probe that asks for a path that the program does not have, where it has another one of this kind: the pod is
/// restarted for ever, or never gets requests.
pub(in crate::detect::deploy) fn probe_route(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    let mut probes: Vec<(&RepoPath, &Placed, RepoPath)> = Vec::new();
    for object in super::workloads(deployment).filter(|object| !object.probes.is_empty()) {
        if let Some(folder) = code_of(deployment, object) {
            probes.extend(object.probes.iter().map(|probe| (&object.path, probe, folder.clone())));
        }
    }
    for file in deployment.compose.iter().filter(|file| !file.is_rehearsal) {
        for service in &file.services {
            let Some(dockerfile) = &service.dockerfile else { continue };
            probes.extend(service.probes.iter().map(|probe| (&file.path, probe, dockerfile.parent())));
        }
    }
    for image in deployment.images.iter().filter(|image| !image.is_rehearsal) {
        probes.extend(image.probes.iter().map(|probe| (&image.path, probe, image.path.parent())));
    }
    probes.retain(|(_, probe, _)| is_health(&probe.text) && !probe.text.contains("actuator"));
    if probes.is_empty() {
        return;
    }
    let routes = routes(repo);
    for (path, probe, folder) in probes {
        let near = || routes.iter().filter(|route| route.path.is_in(&folder));
        let is_answered =
            near().any(|route| answers(&route.text, &probe.text) || route.names(repo, &probe.text));
        let Some(other) = near().find(|route| is_health(&route.text)).filter(|_| !is_answered) else {
            continue;
        };
        let raw = at(path, probe, rule.rule.severity)
            .message(format!("the program has no {}; it answers at {}", plain(&probe.text), other.text))
            .fix(format!("Ask for {}, or give the program the path.", other.text))
            .related(crate::detect::RawRelated {
                path: Some(other.path.clone()),
                range: Some(other.span.clone()),
                message: "it answers here".into(),
            });
        emit.raw(raw);
    }
}

/// A path that a program answers.
struct Route {
    path: RepoPath,
    text: String,
    span: std::ops::Range<usize>,
}

impl Route {
    /// Whether its file names the path in any way: it may be put together of it.
    fn names(&self, repo: &RepoView, path: &str) -> bool {
        let last = plain(path).rsplit('/').next().unwrap_or_default();
        let quoted = |quote: char| format!("/{last}{quote}");
        repo.bytes(&self.path).is_some_and(|bytes| {
            ['"', '\'', '`', '/'].iter().any(|q| memchr::memmem::find(bytes, quoted(*q).as_bytes()).is_some())
        })
    }
}

/// The paths that programs of the repository answer, prefixes of others among them.
fn routes(repo: &RepoView) -> Vec<Route> {
    let mut found = Vec::new();
    for (path, kept) in &repo.kept {
        let is_read = matches!(
            kept.kind.language,
            Language::Python
                | Language::JavaScript
                | Language::TypeScript
                | Language::Rust
                | Language::Go
                | Language::Php
                | Language::CSharp
        );
        if !is_read {
            continue;
        }
        let view = repo.file(path, kept);
        if is_for_show(&view) || view.is_packed() {
            continue;
        }
        for call in view.settings().calls.iter().filter(|call| declares_route(&call.callee)) {
            let Some((span, SettingValue::Literal(text))) = call.positional.first() else { continue };
            // Go names the method in front of the path.
            let text = text.rsplit(' ').next().unwrap_or(text);
            if text.starts_with('/') || is_health(text) {
                let text = if text.starts_with('/') { text.to_owned() } else { format!("/{text}") };
                found.push(Route { path: path.clone(), text, span: span.clone() });
            }
        }
    }
    found
}

/// Whether a call gives a path to a function, by its name and by what it hangs on.
fn declares_route(callee: &str) -> bool {
    let (holder, name) = callee.rsplit_once(['.', ':']).unwrap_or(("", callee));
    let name = name.to_ascii_lowercase();
    match &*name {
        "route" | "path" | "re_path" | "handlefunc" | "handle" | "getmapping" | "mapget"
        | "maphealthchecks" | "add_url_rule" | "add_route" | "add_api_route" | "add_get" | "resource" => true,
        "get" | "any" | "all" | "head" | "use" => {
            let holder = holder.to_ascii_lowercase();
            let known =
                ["app", "router", "route", "bp", "blueprint", "api", "server", "mux", "engine", "fastify"];
            let is_known = known.iter().any(|word| holder.ends_with(word));
            is_known && !holder.contains("client") || matches!(&*holder, "r" | "e" | "g")
        }
        _ => false,
    }
}

fn plain(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    if path.len() > 1 { path.trim_end_matches('/') } else { path }
}

fn is_health(path: &str) -> bool {
    let last = plain(path).rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    HEALTH.contains(&&*last)
}

/// Whether a route answers what is asked: it is the same, or the end of it behind a prefix, or has places for anything.
fn answers(route: &str, asked: &str) -> bool {
    let (route, asked) = (plain(route), plain(asked));
    let fixed = route.split(['{', '<', ':', '*', '(']).next().unwrap_or(route);
    if fixed.len() < route.len() {
        return asked.starts_with(fixed);
    }
    route.len() > 1 && asked.ends_with(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_answer_what_they_are_the_end_of() {
        let check = |route: &str, asked: &str, expect: bool| {
            assert_eq!(answers(route, asked), expect, "{route} {asked}");
        };
        check("/healthz", "/healthz/", true);
        check("/healthz", "/api/healthz?full=1", true);
        check("/healthz", "/health", false);
        check("/health", "/healthz", false);
        check("/files/{name}", "/files/a", true);
        check("/", "/health", false);
        check("/*path", "/health", true);
    }

    #[test]
    fn calls_that_declare_routes_are_told_from_those_that_ask() {
        for callee in [
            "app.get",
            "health_bp.route",
            "Router::new().route",
            "router.get",
            "mux.HandleFunc",
            "r.get",
            "path",
        ] {
            assert!(declares_route(callee), "{callee}");
        }
        for callee in ["requests.get", "axios.get", "client.get", "os.environ.get", "print"] {
            assert!(!declares_route(callee), "{callee}");
        }
    }
}
