use super::{at, selects};
use crate::detect::{Emit, Prepared, RawRelated};
use crate::model::Severity;
use crate::repo::RepoView;
use crate::repo::deployment::{ClusterObject, ConfigReference, Deployment};

/// Names that lead to nothing in the repository: of pods, ports, services, scaled objects, `ConfigMap`s and Secrets.
///
/// Only where everything around could be read, and where the repository has objects of that kind there: else they may
/// come from elsewhere.
pub(in crate::detect::deploy) fn dangling(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    for object in deployment.objects.iter().filter(|object| !object.is_rehearsal) {
        if !deployment.is_known_around(&object.path) {
            continue;
        }
        let mut look = Look { severity: rule.rule.severity, deployment, object, emit };
        look.selector();
        look.ports();
        look.scaled();
        look.backends();
        for reference in &object.takes {
            look.config(reference);
        }
    }
}

struct Look<'l> {
    severity: Severity,
    deployment: &'l Deployment,
    object: &'l ClusterObject,
    emit: &'l mut Emit,
}

impl Look<'_> {
    /// The objects of the same folder and below, and of the folder above: what is applied together.
    fn around(&self) -> impl Iterator<Item = &ClusterObject> {
        let folder = self.object.path.parent();
        self.deployment.objects.iter().filter(move |other| other.path.is_in(&folder))
    }

    fn selector(&mut self) {
        let Some((labels, place)) = &self.object.selector else { return };
        if self.deployment.objects.iter().any(|pods| selects(self.object, pods)) {
            return;
        }
        // Who else has these keys, with another value: a slip.
        let near = self.around().find(|pods| {
            pods.runs_pods && labels.keys().all(|key| pods.labels.contains_key(key)) && !labels.is_empty()
        });
        let Some(near) = near else { return };
        let raw = at(&self.object.path, place, self.severity)
            .message(format!(
                "{} {} chooses no pod: none has these labels",
                self.object.kind, self.object.name.text
            ))
            .fix(format!("Write the labels of the pods that are meant, such as those of {}.", near.name.text))
            .related(RawRelated {
                path: Some(near.path.clone()),
                range: Some(near.name.span.clone()),
                message: "its pods have other values".into(),
            });
        self.emit.raw(raw);
    }

    fn ports(&mut self) {
        let pods: Vec<&ClusterObject> = if self.object.runs_pods {
            vec![self.object]
        } else {
            self.deployment
                .objects
                .iter()
                .filter(|pods| pods.runs_pods && selects(self.object, pods))
                .collect()
        };
        // Pods that name no port at all may listen all the same; but a name leads nowhere then.
        if pods.is_empty() {
            return;
        }
        for port in &self.object.named_ports {
            if pods.iter().any(|pods| pods.ports.contains(&port.text)) {
                continue;
            }
            let raw = at(&self.object.path, port, self.severity)
                .message(format!("no container has a port that is named {}", port.text))
                .fix("Write the name or the number of a port that the container has.");
            self.emit.raw(raw);
        }
    }

    fn scaled(&mut self) {
        let Some(scales) = &self.object.scales else { return };
        if !matches!(&*scales.kind, "Deployment" | "StatefulSet" | "ReplicaSet") {
            return;
        }
        let is_it = |other: &ClusterObject| other.kind == scales.kind && other.name.text == scales.name.text;
        if self.deployment.objects.iter().any(is_it) || !self.around().any(|other| other.kind == scales.kind)
        {
            return;
        }
        let raw = at(&self.object.path, &scales.name, self.severity)
            .message(format!("there is no {} {}: nothing is scaled", scales.kind, scales.name.text))
            .fix("Write the name of the object that is meant.");
        self.emit.raw(raw);
    }

    fn backends(&mut self) {
        for (service, port) in &self.object.backends {
            let mut named = self
                .deployment
                .objects
                .iter()
                .filter(|o| o.kind == "Service" && o.name.text == service.text)
                .peekable();
            if named.peek().is_none() {
                if self.around().any(|other| other.kind == "Service") {
                    let raw = at(&self.object.path, service, self.severity)
                        .message(format!("there is no Service {}: whoever asks gets an error", service.text))
                        .fix("Write the name of the Service that is meant.");
                    self.emit.raw(raw);
                }
                continue;
            }
            let Some(port) = port else { continue };
            if !named.any(|service| service.own_ports.is_empty() || service.own_ports.contains(&port.text)) {
                let raw = at(&self.object.path, port, self.severity)
                    .message(format!("the Service {} has no port {}", service.text, port.text))
                    .fix("Write a port of the Service, by its number or its name.");
                self.emit.raw(raw);
            }
        }
    }

    fn config(&mut self, reference: &ConfigReference) {
        if reference.is_optional || reference.name.text == "kube-root-ca.crt" {
            return;
        }
        let of_secret = ["Secret", "SealedSecret", "ExternalSecret", "Certificate"];
        let is_kind =
            |kind: &str| kind == reference.kind || reference.kind == "Secret" && of_secret.contains(&kind);
        let mut named = self
            .deployment
            .objects
            .iter()
            .filter(|other| is_kind(&other.kind) && other.name.text == reference.name.text)
            .peekable();
        if named.peek().is_none() {
            // Where others of its kind are declared, this one was forgotten.
            if self.around().any(|other| is_kind(&other.kind)) {
                let raw = at(&self.object.path, &reference.name, Severity::Note).message(format!(
                    "the repository has no {} {}: without it the pods do not start",
                    reference.kind, reference.name.text
                ));
                self.emit.raw(raw);
            }
            return;
        }
        let Some(key) = &reference.key else { return };
        let lacks = |other: &ClusterObject| other.keys.as_ref().is_some_and(|keys| !keys.contains(&key.text));
        if named.all(lacks) {
            let raw = at(&self.object.path, key, self.severity)
                .message(format!(
                    "the {} {} has no key {}: the pods do not start",
                    reference.kind, reference.name.text, key.text
                ))
                .fix("Write a key that it has, or give it this one.");
            self.emit.raw(raw);
        }
    }
}
