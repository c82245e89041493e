use super::objects;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::secrets::stands_for_a_secret;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Secret;
use crate::source::{FileView, KubernetesObject, YamlNode};

/// Secrets that stand in the environment of a container.
pub(in crate::detect::deploy) fn literal_secret(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).fault(rule.rule.severity) else { return };
    for container in objects(view).iter().flat_map(KubernetesObject::containers) {
        for variable in container.node.lookup("env").into_iter().flat_map(YamlNode::elements) {
            let text = |key| variable.lookup(key).and_then(YamlNode::as_str);
            let (Some(name), Some(value)) = (text("name"), text("value")) else { continue };
            let Some(node) = variable.lookup("value").filter(|node| !node.is_alias()) else { continue };
            if !stands_for_a_secret(name.as_bytes(), value.as_bytes()) {
                continue;
            }
            let span = node.positions(view.bytes()).source(0..value.len());
            let mut raw = Raw::at(span.clone())
                .message(format!("the value of {name} stands in the manifest"))
                .fix(format!(
                    "Write in place of value: valueFrom: {{secretKeyRef: {{name: <a Secret>, key: {}}}}}.",
                    name.to_ascii_lowercase().replace('_', "-")
                ));
            raw.secrets.push(Secret { range: span, prefix: 0 });
            emit.raw(weighed(raw, severity));
        }
    }
}
