use crate::detect::deploy::check::{is_shelved, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::repo::RepoView;
use crate::repo::deployment::ComposeFacts;

/// Services of production that run until somebody ends them and that lack something, in their own file and in all that
/// it is laid over. Where nobody says that a file is production's, it is mostly not.
fn report(
    rule: &Prepared,
    repo: &RepoView,
    emit: &mut Emit,
    is_missing: impl Fn(&[&ComposeFacts]) -> bool,
    what: &str,
    change: impl Fn(&ComposeFacts) -> Option<RawChange>,
) {
    let deployment = repo.deployment();
    for file in deployment.compose.iter().filter(|file| file.is_production) {
        if file.path.parts().any(is_shelved) {
            continue;
        }
        for service in &file.services {
            let Some(layers) = deployment.layers(file, service) else { continue };
            let is_lasting =
                layers.iter().any(|layer| layer.is_declared) && !layers.iter().any(|layer| layer.ends);
            if is_lasting && is_missing(&layers) {
                let raw = Raw::at(service.name.span.clone())
                    .path(file.path.clone())
                    .message(format!("{} {what}", service.name.text))
                    .change(change(service));
                emit.raw(weighed(raw, rule.rule.severity));
            }
        }
    }
}

/// Nothing starts it again.
pub(in crate::detect::deploy) fn restart(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let is_missing =
        |layers: &[&ComposeFacts]| !layers.iter().find_map(|layer| layer.restarts).unwrap_or(false);
    let change = |service: &ComposeFacts| {
        let (at, indent) = service.first_line.as_ref().filter(|_| service.restarts.is_none())?;
        Some(RawChange::replace("adds the policy", *at..*at, format!("restart: unless-stopped\n{indent}")))
    };
    report(rule, repo, emit, is_missing, "stays down when it ends or the machine restarts", change);
}

/// Its log grows for ever.
pub(in crate::detect::deploy) fn log_rotation(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let is_missing = |layers: &[&ComposeFacts]| !layers.iter().any(|layer| layer.bounds_log);
    report(rule, repo, emit, is_missing, "writes a log that is never cut, until the disk is full", |_| None);
}

/// It may take all memory of the machine.
pub(in crate::detect::deploy) fn limits(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let is_missing = |layers: &[&ComposeFacts]| !layers.iter().any(|layer| layer.bounds_memory);
    report(rule, repo, emit, is_missing, "may take all memory of the machine", |_| None);
}
