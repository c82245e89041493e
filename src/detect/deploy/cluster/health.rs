use super::at;
use crate::detect::deploy::check::weighed;
use crate::detect::{Emit, Prepared, Raw};
use crate::repo::RepoView;
use crate::repo::deployment::ComposeFacts;

/// Images that serve something and that nobody asks: no `HEALTHCHECK`, no check of the service that is built from them,
/// no cluster with probes of its own.
pub(in crate::detect::deploy) fn image_health(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    // Kubernetes does not look at it.
    if deployment.objects.iter().any(|object| object.runs_pods) {
        return;
    }
    let services = || deployment.compose.iter().flat_map(|file| &file.services);
    for image in &deployment.images {
        let is_asked =
            services().any(|service| service.says_health && service.dockerfile.as_ref() == Some(&image.path));
        if image.serves && !image.has_health_check && !image.is_rehearsal && !is_asked {
            let raw = Raw::at(image.from.clone()).path(image.path.clone());
            emit.raw(weighed(raw, rule.rule.severity));
        }
    }
}

/// Services of production that open a port and that nobody asks, their images' `HEALTHCHECK` included.
pub(in crate::detect::deploy) fn service_health(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    for file in deployment.compose.iter().filter(|file| file.is_production) {
        for service in &file.services {
            let Some(layers) = deployment.layers(file, service) else { continue };
            let dockerfile = layers.iter().find_map(|layer| layer.dockerfile.as_ref());
            let image = deployment.images.iter().find(|image| dockerfile == Some(&image.path));
            let any = |holds: fn(&ComposeFacts) -> bool| layers.iter().any(|layer| holds(layer));
            let is_asked =
                any(|layer| layer.says_health) || image.is_some_and(|image| image.has_health_check);
            if any(|layer| layer.serves) && any(|layer| layer.is_declared) && !is_asked {
                let raw = at(&file.path, &service.name, rule.rule.severity)
                    .message(format!("nobody notices when {} hangs", service.name.text));
                emit.raw(raw);
            }
        }
    }
}
